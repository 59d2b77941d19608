import { html } from 'hono/html';
import { inWords } from '../../notices/say/say-why.ts';
import { nameInId } from '../../triggers/policy-chain.ts';
import type { activityEndpoint } from '../status/activity-endpoint.ts';
import { incidentAddress, policyAddress } from './addresses.ts';
import { deliveryHtml, noticeReasonText, timelineKind } from './incident-timeline.ts';
import type { AnswerOf, Html } from './page.ts';
import { nameHtml, textHtml, timeHtml } from './text.ts';

type ActivityAnswerEntry = AnswerOf<typeof activityEndpoint>['entries'][number];

/** One thing that happened, or one notice on one channel. `isAcross`: the list is not of one incident. */
export function activityItem(entry: ActivityAnswerEntry, { isAcross }: { isAcross: boolean }): Html {
  const { at, policyId, incidentId } = entry;
  const where = html`<p class="small quiet">${policyId === null ? 'About Lockwatch itself' : html`Policy <a href="${policyAddress(policyId)}">${nameHtml(nameInId(policyId), 80)}</a>`}${incidentId === null ? '' : html`, <a href="${incidentAddress(incidentId)}">its incident</a>`}</p>`;
  return html`<li><span><strong>${entry.kind === 'notice' ? timelineKind('notice') : timelineKind(entry.what)}</strong><br><span class="small quiet">${timeHtml(at)}</span></span><div>${entry.kind === 'notice' ? noticeHtml(entry) : changeHtml(entry)}${isAcross ? where : ''}</div></li>`;
}

function changeHtml({ text, by }: Extract<ActivityAnswerEntry, { kind: 'change' }>): Html {
  return html`<p>${textHtml(inWords(text), 600)}</p>${by === null ? '' : html`<p class="small quiet">By ${nameHtml(by.name, 100)}</p>`}`;
}

function noticeHtml(entry: Extract<ActivityAnswerEntry, { kind: 'notice' }>): Html {
  return html`<p>Lockwatch reported: ${noticeReasonText(entry.what)}.</p><p>${deliveryHtml({ ...entry, nextTryAt: null })}</p>`;
}
