import { html } from 'hono/html';
import type { Person, TimelineEntry } from '../../incidents/incident.ts';
import { inWords } from '../../notices/say/say-why.ts';
import { nameInId } from '../../triggers/policy-chain.ts';
import { incidentAddress, policyAddress } from './addresses.ts';
import { type DeliveryAnswer, deliveryHtml, noticeReasonText, timelineKind } from './incident-timeline.ts';
import { layout } from './layout.ts';
import type { Html, Page, PageContext } from './page.ts';
import { nameHtml, textHtml, timeHtml } from './text.ts';

/** Everything that happened and was sent, across incidents, the newest first. */
export interface ActivityAnswer {
  answeredAt: string;
  asOf: string | null;
  entries: readonly ActivityEntry[];
  /** The address of the next page. */
  next: string | null;
}

export interface ActivityEntry {
  at: string;
  /** `notice`: a notice was requested; `deliveries` says what became of it on each channel. */
  what: TimelineEntry['what'];
  text: string;
  /** Null: it is about Lockwatch itself. */
  policyId: string | null;
  incidentId: string | null;
  by: Person | null;
  deliveries: readonly DeliveryAnswer[];
}

export const activityPage: Page<ActivityAnswer> = {
  path: '/activity',
  endpoint: 'activity',
  ownParameters: [],
  actions: [],
  render(answer, context) {
    return layout(
      {
        title: 'Activity',
        condition: 'over',
        isUrgent: false,
        asOf: answer.asOf,
        main: html`<h1>Activity</h1><p>Everything that happened and was sent, of all incidents, the newest first.${filterHtml(context)}</p>
<section class="panel" id="part-activity" data-live aria-label="Activity">${answer.entries.length === 0 ? html`<p>${context.parameters.size === 0 ? 'Nothing has happened since Lockwatch was set up.' : 'Nothing of this kind happened.'}</p>` : ''}
<ol class="rows two">${answer.entries.map(entryHtml)}</ol>${answer.next === null ? '' : html`<p><a href="${answer.next.replace(/^\/api/, '')}">Earlier</a></p>`}</section>`,
      },
      context,
    );
  },
};

function filterHtml(context: PageContext): Html {
  const names = [...new Set(context.parameters.keys())].filter((name) => name !== 'after' && name !== 'done');
  if (names.length === 0) return html``;
  return html` Only where ${names.map((name, index) => html`${index > 0 ? ', ' : ''}${name} is ${nameHtml(context.parameters.get(name), 80)}`)}. <a href="${context.path}">Show everything</a>`;
}

function entryHtml({ at, what, text, policyId, incidentId, by, deliveries }: ActivityEntry): Html {
  const [first] = deliveries;
  return html`<li><span><strong>${timelineKind(what)}</strong><br><span class="small quiet">${timeHtml(at)}</span></span><div>
<p>${first === undefined ? textHtml(inWords(text), 600) : html`Lockwatch reported: ${noticeReasonText(first.reason)}.`}</p>${deliveries.length === 0 ? '' : html`<ul>${deliveries.map((one) => html`<li>${deliveryHtml(one)}</li>`)}</ul>`}
<p class="small quiet">${by === null ? '' : html`By ${nameHtml(by.name, 100)}. `}${policyId === null ? '' : html`Policy <a href="${policyAddress(policyId)}">${nameHtml(nameInId(policyId), 80)}</a>`}${incidentId === null ? '' : html`, <a href="${incidentAddress(incidentId)}">its incident<span class="unseen"> of ${at}</span></a>`}</p></div></li>`;
}
