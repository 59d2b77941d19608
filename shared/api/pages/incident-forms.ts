import { html } from 'hono/html';
import { policyKey } from '../../incidents/ids.ts';
import { plain } from '../../notices/say/plain.ts';
import {
  actionFields,
  readOnlyText,
  silencesHtml,
  textField,
  untilField,
  wasRefused,
} from './action-fields.ts';
import { whoCanAddress } from './addresses.ts';
import type { ShownIncident } from './message.ts';
import type { Html, PageContext } from './page.ts';
import { textHtml, timeHtml } from './text.ts';

/** The ids of their endpoints. `check` is one of the policy, which the hidden field `policy` names. */
export const INCIDENT_ACTIONS_OF_PAGE = ['acknowledge', 'silence', 'supportCase', 'check', 'close'] as const;

/** What a person can do about an open incident: plain forms, sent to this page. */
export function incidentForms(answer: ShownIncident, context: PageContext): Html {
  return html`<section class="panel" id="part-actions" data-live aria-labelledby="actions"><h2 id="actions">Act on it</h2>
${standing(answer)}
${context.viewer.mayAct ? forms(answer, context) : readOnlyText(context)}
</section>`;
}

/** Who did what already. */
function standing({ acknowledged, silence, supportCase, askedToCloseAt }: ShownIncident): Html {
  return html`${
    acknowledged === null
      ? html`<p><strong>Nobody has acknowledged it yet</strong>, so reminders go on.</p>`
      : html`<p><strong>${textHtml(acknowledged.by.name, 100)} has it</strong>, since ${timeHtml(acknowledged.at)}${acknowledged.why === undefined ? '' : html`: ${textHtml(acknowledged.why, 500)}`}.</p>`
  }${silence === null ? '' : html`<h3>Silence</h3>${silencesHtml([silence], (text) => textHtml(text, 500))}`}${
    supportCase === null
      ? ''
      : html`<p>Microsoft Support case <strong>${textHtml(supportCase.number, 64)}</strong>, noted by ${textHtml(supportCase.by.name, 100)} at ${timeHtml(supportCase.at)}${supportCase.note === undefined ? '' : html`: ${textHtml(supportCase.note)}`}.</p>`
  }${askedToCloseAt === null ? '' : html`<p>Whether its environments are still linked is not known. If they were unlinked, moved or deleted, close it.</p>`}`;
}

function forms(answer: ShownIncident, context: PageContext): Html {
  const { acknowledged, silence, supportCase, policyId, state, id } = answer;
  const why = (form: string, isRequired: boolean, label = 'Why') =>
    textField(context, {
      form,
      name: 'why',
      label: isRequired ? label : `${label} (optional)`,
      most: 500,
      isRequired,
    });
  const openIf = (form: string) => (wasRefused(context, form) ? html` open` : '');
  return html`${acknowledged === null ? html`<h3>Acknowledge</h3><p class="small quiet">You take it: reminders stop. A worsening and the last deadlines are still reported.</p>${actionFields(context, { id: 'acknowledge', button: 'Acknowledge', fields: [why('acknowledge', false, 'Note')] })}` : ''}
<h3>Silence</h3><p class="small quiet">No notices until then. A worsening, and a deadline within 24 hours, are reported all the same.</p>
${actionFields(context, {
  id: 'silence',
  button: silence === null ? 'Silence' : 'Change the silence',
  isMain: false,
  fields: [untilField(context, 'silence', { mayEnd: silence !== null }), why('silence', true)],
})}
<h3>Who can help now</h3><p><a class="button" href="${whoCanAddress('incident', id)}">Show who can help</a></p><p class="small quiet">Who holds the right to each step, and who can re-enable the environments. It is read from Azure when you ask, for operators alone.</p>
<h3>Read it again now</h3><p class="small quiet">Lockwatch reads the policy, its vault, its key and its environments at once, instead of at the next sweep.</p>
${actionFields(context, { id: 'check', button: 'Check now', isMain: false, hidden: { policy: policyKey(policyId) } })}
<details${openIf('supportCase')}><summary>Note a Microsoft Support case</summary>${actionFields(context, {
    id: 'supportCase',
    button: 'Note the case',
    isMain: false,
    fields: [
      textField(context, {
        form: 'supportCase',
        name: 'number',
        label: 'Number of the request',
        most: 64,
        isRequired: true,
        value: supportCase === null ? undefined : plain(supportCase.number, 64),
      }),
      textField(context, { form: 'supportCase', name: 'note', label: 'Note (optional)', most: 1000 }),
    ],
  })}</details>
<details${openIf('close')}><summary>Close it</summary><p class="small">${closeText(state)}</p>${actionFields(context, { id: 'close', button: 'Close this incident', isMain: false, fields: [why('close', true)] })}</details>`;
}

function closeText(state: ShownIncident['state']): string {
  if (state === 'accessRestored')
    return 'It closes by itself once every environment was seen enabled. Close it yourself where that can not be seen.';
  return 'Access has not come back. If you close it now, Lockwatch reports only the deadlines of this cause until it has read clear once.';
}
