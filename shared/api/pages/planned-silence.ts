import { html } from 'hono/html';
import { actionFields, textField, untilField } from './action-fields.ts';
import type { Html, PageContext } from './page.ts';

/** The fields of a silence that may begin later; the same for a policy and for a vault. */
export function plannedSilence(
  context: PageContext,
  id: 'policySilence' | 'vaultSilence',
  mayEnd: boolean,
): Html {
  return html`${actionFields(context, {
    id,
    button: 'Silence',
    isMain: false,
    fields: [
      textField(context, {
        form: id,
        name: 'from',
        label: 'From (optional): now, 2h, or 2026-01-31T18:00Z',
        most: 40,
      }),
      untilField(context, id),
      textField(context, { form: id, name: 'why', label: 'Why', most: 500, isRequired: true }),
    ],
  })}${mayEnd ? html`<h3>End it</h3>${actionFields(context, { id, button: 'End every silence now', isMain: false, idSuffix: '-end', hidden: { until: 'now' }, fields: [textField(context, { form: `${id}-end`, name: 'why', label: 'Why', most: 500, isRequired: true })] })}` : ''}`;
}
