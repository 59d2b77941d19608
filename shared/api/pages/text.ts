import { html } from 'hono/html';
import { plain, steady } from '../../notices/say/plain.ts';
import { timesIn } from '../../notices/say/say-when.ts';
import { between, duration } from '../../notices/say/words.ts';
import type { Html } from './page.ts';

const MAX_NAME = 120;
const MAX_TEXT = 1000;

/** An untrusted name: one line, isolated from the direction of the text around it. */
export function nameHtml(name: string | null | undefined, most = MAX_NAME): Html {
  return html`<bdi>${plainName(name, most)}</bdi>`;
}

/** The same where only text is possible (an attribute, a title, an SVG label). */
export function plainName(name: string | null | undefined, most = MAX_NAME): string {
  return steady(plain(name ?? '', most)) || 'without a name';
}

const TIMES = timesIn();
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
/** An instant of our own answers, or as `say-when.ts` writes one. */
const INSTANTS =
  /(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z)|(?:(?:Sun|Mon|Tue|Wed|Thu|Fri|Sat) )?(\d{1,2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{4}), (\d\d:\d\d(?::\d\d)?) UTC/g;

/** An untrusted or composed text: one line, with every instant in it marked up as a time. */
export function textHtml(text: string | null | undefined, most = MAX_TEXT): Html {
  const line = plain(text ?? '', most);
  const parts: (string | Html)[] = [];
  let end = 0;
  for (const found of line.matchAll(INSTANTS)) {
    parts.push(line.slice(end, found.index), timeHtml(instantOf(found)));
    end = found.index + found[0].length;
  }
  parts.push(line.slice(end));
  return html`${parts}`;
}

function instantOf([, iso, day, month, year, clock]: RegExpMatchArray): string {
  if (iso !== undefined) return iso;
  const two = (n: number) => String(n).padStart(2, '0');
  const full = clock?.length === 5 ? `${clock}:00` : clock;
  return `${year}-${two(MONTHS.indexOf(month ?? '') + 1)}-${two(Number(day))}T${full}Z`;
}

/** "Sun 29 Nov 2026, 02:14 UTC"; the script adds the viewer's own clock. */
export function timeHtml(at: string | null | undefined): Html {
  const ms = Date.parse(at ?? '');
  if (Number.isNaN(ms)) return html`a time that is not known`;
  return html`<time datetime="${new Date(ms).toISOString()}">${TIMES.moment(at ?? '')}</time>`;
}

/** The same with its distance, which the script keeps current: "…, 3 minutes ago", "…, in 6 days 21 hours". */
export function timeAndDistance(at: string | null | undefined, now: string): Html {
  if (Number.isNaN(Date.parse(at ?? ''))) return html`a time that is not known`;
  return html`${timeHtml(at)}<span class="quiet">, ${distanceHtml(at, now)}</span>`;
}

/** "3 minutes ago", "in 6 days 21 hours". */
export function distanceHtml(at: string | null | undefined, now: string): Html {
  const ms = Date.parse(at ?? '');
  if (Number.isNaN(ms)) return html`at a time that is not known`;
  return html`<span data-distance="${new Date(ms).toISOString()}">${distance(at, now)}</span>`;
}

function distance(at: string | null | undefined, now: string): string {
  const ms = between(now, at ?? undefined);
  if (ms === undefined) return 'at a time that is not known';
  return ms > 0 ? `in ${duration(ms)}` : `${duration(-ms)} ago`;
}

/** What a page calls this app: with the name of the deployment, where it has one. */
export function appTitle(deployment: string | undefined): string {
  return deployment === undefined ? 'Lockwatch' : `Lockwatch ${plainName(deployment, 40)}`;
}
