import { html } from 'hono/html';
import { plain } from '../../notices/say/plain.ts';
import { count } from '../../notices/say/words.ts';
import { nameInId } from '../../triggers/policy-chain.ts';
import type { incidentSummary } from '../status/status-answer.ts';
import { incidentAddress, policyAddress } from './addresses.ts';
import { conditionOfIncident, incidentWord, stateHtml } from './condition.ts';
import type { Html } from './page.ts';
import { nameHtml, timeAndDistance } from './text.ts';

export type ListedIncidentAnswer = ReturnType<typeof incidentSummary> & { policyId: string };

/** One incident of a list: what, since when, by when, who has it. */
export function incidentItem(incident: ListedIncidentAnswer, now: string): Html {
  const { id, policyId, environmentCount, triggers, openedAt, closedAt, recoverBy, acknowledged, actor } =
    incident;
  const condition = conditionOfIncident(incident);
  const isOpen = condition !== 'over';
  const causes = triggers.map(({ trigger }) => trigger.replaceAll('-', ' ')).join(', ') || 'cause not known';
  const amount = environmentCount > 0 ? count(environmentCount, 'environment') : 'no environment known';
  const who = plain(actor?.name ?? actor?.objectId, 100);
  return html`<li><div class="actions">${stateHtml(condition, incidentWord(incident))}<a href="${incidentAddress(id)}"><strong>${amount}: ${causes}</strong></a><span>policy <a href="${policyAddress(policyId)}">${nameHtml(nameInId(policyId), 80)}</a></span></div>
<div class="small">Since ${timeAndDistance(openedAt, now)}${closedAt === null ? '' : html`; over since ${timeAndDistance(closedAt, now)}`}${isOpen && recoverBy !== null ? html`; may be deleted from ${timeAndDistance(recoverBy, now)}` : ''}${who === '' ? '' : html`; by <bdi>${who}</bdi>`}${isOpen ? html`; ${acknowledged === null ? html`<strong>nobody has it yet</strong>` : html`<bdi>${plain(acknowledged.by.name, 100)}</bdi> has it`}` : ''}.</div></li>`;
}
