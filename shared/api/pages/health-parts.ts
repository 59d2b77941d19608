import { html } from 'hono/html';
import { count } from '../../notices/say/words.ts';
import type { ChannelState } from '../status/channel-states.ts';
import { type Condition, stateHtml } from './condition.ts';
import type { Html } from './page.ts';
import { nameHtml, textHtml, timeAndDistance } from './text.ts';

export interface VisibilityGapAnswer {
  what: string;
  remediation: string;
  since: string;
  notifiedAt: string | null;
}

const GAPS_SHOWN = 20;

/** What Lockwatch can't see now. Unknown is neither fine nor down, and looks like neither. */
export function gapsHtml(gaps: readonly VisibilityGapAnswer[], now: string): Html {
  if (gaps.length === 0) return html`<div id="part-gaps" data-live></div>`;
  return html`<section class="note unknown" id="part-gaps" data-live aria-labelledby="gaps"><h2 id="gaps">Lockwatch can't see everything</h2>
<p>A lock may go unnoticed there until this is fixed. It does not mean that anything is locked.</p>
<ul class="rows">${gaps
    .slice(0, GAPS_SHOWN)
    .map(
      ({ what, remediation, since }) =>
        html`<li><span>${textHtml(what, 600)}</span><span class="small">Since ${timeAndDistance(since, now)}. How to fix it: ${textHtml(remediation, 600)}</span></li>`,
    )}</ul>${gaps.length > GAPS_SHOWN ? html`<p><a href="/health">And ${gaps.length - GAPS_SHOWN} more</a></p>` : ''}</section>`;
}

const CHANNELS: Record<ChannelState['state'], [Condition, string]> = {
  working: ['fine', 'working'],
  failing: ['down', 'failing'],
  unknown: ['unknown', 'never used'],
};

/** Whether notices reach people, channel by channel. */
export function channelsHtml(channels: readonly ChannelState[], now: string): Html {
  return html`<section class="panel" id="part-channels" data-live aria-labelledby="channels"><h2 id="channels">Channels</h2>
${channels.length === 0 ? html`<p><strong>No channel is configured: nobody is notified.</strong> Set one, as the settings page of the documentation says.</p>` : ''}
<ul class="rows two">${channels.map((channel) => channelRow(channel, now))}</ul></section>`;
}

function channelRow(channel: ChannelState, now: string): Html {
  const {
    name,
    state,
    failingSince,
    lastSuccessAt,
    lastError,
    warning,
    leftAloneUntil,
    waiting,
    waitingSince,
  } = channel;
  return html`<li><span>${stateHtml(...CHANNELS[state])}</span><span>${nameHtml(name, 60)}<br><span class="small quiet">${lastSuccessAt === null ? 'Nothing was delivered there yet' : html`Last delivered ${timeAndDistance(lastSuccessAt, now)}`}${failingSince === null ? '' : html`; failing since ${timeAndDistance(failingSince, now)}`}${waiting === null || waiting === 0 ? '' : html`; ${count(waiting, 'notice')} waiting${waitingSince === null ? '' : html` since ${timeAndDistance(waitingSince, now)}`}`}${leftAloneUntil === null ? '' : html`; until ${timeAndDistance(leftAloneUntil, now)} it gets only new alarms`}${lastError === null ? '' : html`. Its last error: ${textHtml(lastError, 300)}`}${warning === null ? '' : html`. <strong>Warning:</strong> ${textHtml(warning, 300)}`}</span></span></li>`;
}
