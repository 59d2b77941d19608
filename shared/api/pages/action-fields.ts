import { html } from 'hono/html';
import type { Html, PageContext } from './page.ts';
import { addressWith } from './paging.ts';
import { plainName, timeHtml } from './text.ts';

const HOUR_MS = 3_600_000;
/** People mostly want quiet until somebody is at work. */
const MORNING = 8;

/** What a form needs of its page: where it is sent, by whom, and what was typed into it before. */
type FormContext = Pick<PageContext, 'path' | 'viewer' | 'asked'>;

/**
 * One action as a plain form: POST to the page's own address. `action`: the id of what is to be done. The id of each
 * field is that of the form, a hyphen and the field's name.
 */
export function actionFields(
  context: FormContext,
  action: {
    id: string;
    button: string;
    isMain?: boolean;
    fields?: readonly Html[];
    hidden?: Record<string, string>;
    /** Tells two forms of one action apart. */
    idSuffix?: string;
  },
): Html {
  const { id, button, isMain = true, fields = [], hidden = {}, idSuffix = '' } = action;
  const form = `${id}${idSuffix}`;
  const all = idSuffix === '' ? hidden : { ...hidden, form: idSuffix };
  return html`<form class="fields" method="post" action="${context.path}" id="${form}"${wasRefused(context, form) ? html` data-kept` : ''}>
${Object.entries(all).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
${fields}
${context.viewer.name === undefined ? textField(context, { form, name: 'by', label: 'Your name (optional)', most: 80, autocomplete: 'name' }) : ''}
<button${isMain ? html` class="main"` : ''} name="action" value="${id}">${button}</button></form>`;
}

/** True where this form was sent just now and not done. */
export function wasRefused({ asked }: Pick<PageContext, 'asked'>, form: string): boolean {
  return asked?.problem?.form === form;
}

export function textField(
  context: Pick<PageContext, 'asked'>,
  field: {
    form: string;
    name: string;
    label: string;
    most: number;
    isRequired?: boolean;
    autocomplete?: string;
    value?: string;
  },
): Html {
  const { form, name, label, most, isRequired = false, autocomplete = 'off' } = field;
  const value = typedIn(context, form, name) ?? field.value;
  const id = `${form}-${name}`;
  return html`<label for="${id}">${label}<input id="${id}" name="${name}" maxlength="${most}" autocomplete="${autocomplete}"${value === undefined ? '' : html` value="${value}"`}${isRequired ? html` required` : ''}${faultOf(context, form, name)}></label>`;
}

function typedIn(context: Pick<PageContext, 'asked'>, form: string, name: string): string | undefined {
  return wasRefused(context, form) ? context.asked?.problem?.typed[name] : undefined;
}

function faultOf(context: Pick<PageContext, 'asked'>, form: string, name: string): Html {
  const isAtFault = wasRefused(context, form) && context.asked?.problem?.field === name;
  return isAtFault ? html` aria-invalid="true" aria-describedby="problem"` : html``;
}

/** Lengths of a silence. Times of day are in UTC; the script turns them into the viewer's. */
export function untilField(
  context: Pick<PageContext, 'asked' | 'now'>,
  form: string,
  { mayEnd = false } = {},
): Html {
  const { now } = context;
  const at = (ms: number) => new Date(Date.parse(now) + ms).toISOString();
  const morning = morningAfter(now);
  const choices: (readonly [value: string, text: string])[] = [
    ['1h', `1 hour: until ${clockOf(at(HOUR_MS))}`],
    ['4h', `4 hours: until ${clockOf(at(4 * HOUR_MS))}`],
    [morning, `Until ${clockOf(morning)}`],
    ['1d', '1 day'],
    ['3d', '3 days'],
    ['7d', '7 days'],
    ...(mayEnd ? [['now', 'Now: end the silence'] as const] : []),
  ];
  const typed = typedIn(context, form, 'until');
  // The morning of another zone, or one that is past by now.
  const isOther = typed !== undefined && !choices.some(([value]) => value === typed);
  const id = `${form}-until`;
  return html`<label for="${id}">Until<select id="${id}" name="until"${faultOf(context, form, 'until')}>
${isOther ? html`<option value="${typed}" selected>${plainName(typed, 40)}, as chosen</option>` : ''}${choices.map(
  ([value, text]) =>
    html`<option value="${value}"${value === morning ? html` data-hour="${MORNING}"` : ''}${value === typed ? html` selected` : ''}>${text}</option>`,
)}</select></label>`;
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
