import { html } from 'hono/html';
import { count } from '../../notices/say/words.ts';
import { actionFields, readOnlyText, textField, untilField } from './action-fields.ts';
import { blastRadiusAddress } from './addresses.ts';
import type { BlastAnswer } from './blast-radius.ts';
import type { Html, PageContext } from './page.ts';
import { nameHtml, plainName } from './text.ts';

const NAMES_SHOWN = 5;

/** Leads to what the change would take down, where the silence is confirmed; and ends what is planned. */
export function plannedSilence(
  context: PageContext,
  { kind, named, mayEnd }: { kind: 'policy' | 'vault'; named: string; mayEnd: boolean },
): Html {
  const id = `${kind}Silence` as const;
  return html`<p><a class="button" href="${blastRadiusAddress(kind, named)}#silence">Plan a silence</a></p>
<p class="small quiet">First you see which environments its operations would take down.</p>${mayEnd ? html`<h3>End it</h3>${actionFields(context, { id, button: 'End every silence now', isMain: false, idSuffix: '-end', hidden: { until: 'now' }, fields: [textField(context, { form: `${id}-end`, name: 'why', label: 'Why', most: 500, isRequired: true })] })}` : ''}`;
}

/** The silence of a vault or a policy, under the list of what would go down without a notice. */
export function confirmedSilence(answer: BlastAnswer, context: PageContext): Html {
  const { scope, policies } = answer;
  const [first] = policies;
  if (first === undefined || (scope.kind !== 'vault' && scope.kind !== 'policy')) return html``;
  const id = `${scope.kind}Silence` as const;
  const named = scope.kind === 'vault' ? plainName(scope.name) : first.key;
  const query = new URLSearchParams([...context.parameters].filter(([name]) => name !== 'done'));
  // The form is sent to this page with its question, so that the answer is the same page again.
  const sentTo = { ...context, path: `${context.path}?${query}` };
  return html`<section class="panel" id="silence" aria-labelledby="plan"><h2 id="plan">Plan a silence for a change that is meant</h2>
${lostSilently(answer)}
<p class="small quiet">A worsening, and a deadline within 24 hours, are reported all the same.</p>
${
  context.viewer.mayAct
    ? actionFields(sentTo, {
        id,
        button: scope.kind === 'vault' ? 'Silence every policy of this vault' : 'Silence this policy',
        isMain: false,
        hidden: { [scope.kind]: named },
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
      })
    : readOnlyText(context)
}</section>`;
}

function lostSilently({ counts, policies, outcome }: BlastAnswer): Html {
  if (counts.environments === 0)
    return outcome === 'refused' || outcome === 'fine'
      ? html`<p>No operation that Lockwatch knows would take an environment offline.</p>`
      : html`<p>Which environments a change would take offline could not be judged completely. Meanwhile nobody is notified of it.</p>`;
  const names = policies
    .filter((policy) => policy.outcome === 'goesDown' || policy.outcome === 'mayGoDown')
    .flatMap(({ environments }) => environments.items.map(({ displayName }) => displayName));
  const shown = names.slice(0, NAMES_SHOWN);
  const more = counts.environments - shown.length;
  return html`<p><strong>The operations above would take up to ${count(counts.environments, 'environment')} offline</strong>: ${shown.map((name, n) => html`${n > 0 ? ', ' : ''}${nameHtml(name, 60)}`)}${more > 0 ? ` and ${more} more` : ''}. While the silence lasts, nobody is notified of it.</p>`;
}
