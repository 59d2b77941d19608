import { html } from 'hono/html';
import type { Html, PageContext } from './page.ts';
import { addressWith } from './paging.ts';
import { timeHtml } from './text.ts';

const HOUR_MS = 3_600_000;
/** People mostly want quiet until somebody is at work. */
const MORNING = 8;

/** One action as a plain form: POST to the page's own address. `action`: the id of what is to be done. */
export function actionFields(
  { path, viewer }: Pick<PageContext, 'path' | 'viewer'>,
  action: {
    id: string;
    button: string;
    isMain?: boolean;
    fields?: readonly Html[];
    hidden?: Record<string, string>;
    idSuffix?: string;
  },
): Html {
  const { id, button, isMain = true, fields = [], hidden = {}, idSuffix = '' } = action;
  return html`<form class="fields" method="post" action="${path}" id="${id}${idSuffix}">
${Object.entries(hidden).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
${fields}
${viewer.name === undefined ? textField({ id: `${id}${idSuffix}-by`, name: 'by', label: 'Your name (optional)', most: 80, autocomplete: 'name' }) : ''}
<button${isMain ? html` class="main"` : ''} name="action" value="${id}">${button}</button></form>`;
}

export function textField(field: {
  id: string;
  name: string;
  label: string;
  most: number;
  isRequired?: boolean;
  autocomplete?: string;
  value?: string;
}): Html {
  const { id, name, label, most, isRequired = false, autocomplete = 'off', value } = field;
  return html`<label for="${id}">${label}<input id="${id}" name="${name}" maxlength="${most}" autocomplete="${autocomplete}"${value === undefined ? '' : html` value="${value}"`}${isRequired ? html` required` : ''}></label>`;
}

/** Lengths of a silence. Times of day are in UTC; the script turns them into the viewer's. */
export function untilField(id: string, now: string, { mayEnd = false } = {}): Html {
  const at = (ms: number) => new Date(Date.parse(now) + ms).toISOString();
  return html`<label for="${id}">Until<select id="${id}" name="until">
<option value="1h">1 hour: until ${clockOf(at(HOUR_MS))}</option>
<option value="4h">4 hours: until ${clockOf(at(4 * HOUR_MS))}</option>
<option value="${morningAfter(now)}" data-hour="${MORNING}">Until ${clockOf(morningAfter(now))}</option>
<option value="1d">1 day</option><option value="3d">3 days</option><option value="7d">7 days</option>
${mayEnd ? html`<option value="now">Now: end the silence</option>` : ''}</select></label>`;
}

/** The next one that is at least an hour away. */
function morningAfter(now: string): string {
  const morning = new Date(now);
  morning.setUTCHours(MORNING, 0, 0, 0);
  if (morning.getTime() - Date.parse(now) < HOUR_MS) morning.setUTCDate(morning.getUTCDate() + 1);
  return morning.toISOString();
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

function clockOf(at: string): string {
  return `${DAYS[new Date(at).getUTCDay()]} ${at.slice(11, 16)} UTC`;
}

/** Silences that are in force or planned, in words. */
export function silencesHtml(
  silences: readonly { from: string; until: string; by: { name: string }; why: string; vaultId?: string }[],
  text: (silence: string) => Html,
): Html {
  return html`<ul class="rows">${silences.map(
    ({ from, until, by, why, vaultId }) =>
      html`<li><span>From ${timeHtml(from)} until ${timeHtml(until)}</span><span class="small quiet">${text(by.name)}${vaultId === undefined ? '' : ', for the whole vault'}: ${text(why)}</span></li>`,
  )}</ul>`;
}

/** Where the viewer may not act, the reason stands where the buttons would. */
export function readOnlyText(context: PageContext): Html {
  return html`<p class="quiet">You may read this, not act on it. ${
    context.viewer.mode === 'keys'
      ? html`To acknowledge or silence it, sign in with a key of the level that may act.`
      : html`To acknowledge or silence it, ask for the role that may act.`
  } <a href="${addressWith(context, {})}">Load this page again</a> after that.</p>`;
}
