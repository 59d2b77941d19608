import { html } from 'hono/html';
import type { TimelineEntry } from '../../incidents/incident.ts';
import type { NoticeReason } from '../../incidents/notice-reason.ts';
import { inWords } from '../../notices/say/say-why.ts';
import { count } from '../../notices/say/words.ts';
import { incidentAddress } from './addresses.ts';
import { type Condition, stateHtml } from './condition.ts';
import type { ShownIncident } from './message.ts';
import type { Html } from './page.ts';
import { nameHtml, textHtml, timeHtml } from './text.ts';

const KINDS: Record<TimelineEntry['what'], string> = {
  opened: 'Opened',
  confirmed: 'Confirmed',
  worsened: 'Worse',
  eased: 'Better, not over',
  accessRestored: 'Access is back',
  relapsed: 'Access lost again',
  lockShown: 'Locked after all',
  closed: 'Closed',
  dismissed: 'No lock after all',
  signal: 'Operation',
  notice: 'Notice',
  suppressed: 'Not sent',
  acknowledged: 'Acknowledged',
  silenced: 'Silenced',
  silenceEnded: 'Silence ended',
  supportCase: 'Support case',
  reminder: 'Reminder',
  deadline: 'Deadline',
};

const REASONS: Record<NoticeReason, string> = {
  opened: 'environments are offline',
  suspected: 'environments may be locked',
  confirmed: 'the suspicion is confirmed',
  worsened: 'it got worse',
  eased: 'it got better, but is not over',
  reminder: 'a reminder',
  deadline: 'a deadline is near',
  accessRestored: 'access is back',
  closed: 'the incident is closed',
  actorLearnt: 'who did it is known',
  keyUnreachable: 'the key is not usable',
  acknowledged: 'somebody has it',
  silenced: 'a silence changed',
  warning: 'warnings',
  visibilityLost: 'something can not be seen',
  visibilityRestored: 'everything can be seen again',
  undelivered: 'another channel gave up',
  deliveryRestored: 'another channel delivers again',
  drill: 'a drill',
};

export function timelineKind(what: TimelineEntry['what']): string {
  return KINDS[what];
}

export function noticeReasonText(reason: NoticeReason): string {
  return REASONS[reason];
}

type Delivery = Pick<
  ShownIncident['notices'][number],
  'channel' | 'state' | 'attempts' | 'sentAt' | 'nextTryAt' | 'lastError'
>;

interface Row {
  at: string;
  kind: string;
  content: Html;
}

/** What happened and what was sent, in words, the newest first. */
export function timelineHtml(answer: ShownIncident, most = Number.POSITIVE_INFINITY): Html {
  const rows = timelineRows(answer);
  const shown = rows.slice(0, most);
  return html`<section class="panel" id="part-timeline" data-live aria-labelledby="timeline"><h2 id="timeline">Timeline</h2>
${rows.length === 0 ? html`<p>Nothing is recorded of it.</p>` : ''}
<ol class="rows two">${shown.map(({ at, kind, content }) => html`<li><span><strong>${kind}</strong><br><span class="small quiet">${timeHtml(at)}</span></span><div>${content}</div></li>`)}</ol>
<p class="small">${shown.length < rows.length ? `The newest ${shown.length} of ${rows.length} entries. ` : ''}<a href="${incidentAddress(answer.id)}/report">The report</a> has everything in one file.</p>
</section>`;
}

function timelineRows({ timeline, notices }: ShownIncident): Row[] {
  const entries = timeline.map(({ at, what, text, by }) => ({
    at,
    kind: KINDS[what],
    content: html`<p>${textHtml(inWords(text))}</p>${by === undefined ? '' : html`<p class="small quiet">By ${nameHtml(by.name)}</p>`}`,
  }));
  const sent = [...Map.groupBy(notices, ({ noticeId }) => noticeId).values()].flatMap((rows) => {
    const [first] = rows;
    if (!first) return [];
    return [
      {
        at: first.createdAt,
        kind: KINDS.notice,
        content: html`<p>Lockwatch reported: ${REASONS[first.reason]}.</p><ul>${rows.map((row) => html`<li>${deliveryHtml(row)}</li>`)}</ul>`,
      },
    ];
  });
  // An entry comes before the notice that it caused, so in this order after it.
  return [...entries, ...sent]
    .map((row, index) => ({ row, index }))
    .sort((a, b) => Date.parse(b.row.at) - Date.parse(a.row.at) || b.index - a.index)
    .map(({ row }) => row);
}

const DELIVERIES: Record<ShownIncident['notices'][number]['state'], [Condition, string]> = {
  sent: ['fine', 'sent'],
  pending: ['unknown', 'waiting'],
  givenUp: ['down', 'given up'],
};

/** "teams: sent at …", "email: waiting, tried 3 times, next at …: the error". */
export function deliveryHtml(row: Delivery): Html {
  const { channel, state, attempts, sentAt, nextTryAt, lastError } = row;
  const [condition, word] = DELIVERIES[state];
  const tries = attempts > 1 || state !== 'sent' ? `, tried ${count(attempts, 'time')}` : '';
  return html`<span class="small">${stateHtml(condition, word)} ${nameHtml(channel, 60)}${sentAt === null ? '' : html` at ${timeHtml(sentAt)}`}${tries}${nextTryAt === null ? '' : html`, next at ${timeHtml(nextTryAt)}`}${lastError === null || state === 'sent' ? '' : html`: ${textHtml(lastError, 300)}`}</span>`;
}
