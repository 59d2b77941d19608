import { html } from 'hono/html';
import { count } from '../../notices/say/words.ts';
import type { DayOfIncidents } from '../status/days.ts';
import type { Condition } from './condition.ts';
import type { Html } from './page.ts';

const WIDTH = 20;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The last days as a strip, the newest on the right; its table has only the days on which something happened. */
export function daysHtml(days: readonly DayOfIncidents[]): Html {
  const busy = days.filter(({ incidents }) => incidents > 0);
  const sentence =
    busy.length === 0
      ? `No incident in the last ${days.length} days.`
      : `Incidents on ${count(busy.length, 'day')} of the last ${days.length}.`;
  return html`<section class="panel" id="part-days" data-live aria-labelledby="days"><h2 id="days">The last ${days.length} days</h2><p>${sentence}</p>
<svg class="days" viewBox="0 0 ${days.length * WIDTH} 40" preserveAspectRatio="none" role="img" aria-label="${sentence}">${days.map(
    (day, index) => dayHtml(day, index * WIDTH),
  )}</svg>
${
  busy.length === 0
    ? ''
    : html`<details><summary>As a table</summary><table><thead><tr><th scope="col">Day (UTC)</th><th scope="col">Incidents</th><th scope="col">Of these, environments offline</th></tr></thead><tbody>${busy
        .toReversed()
        .map(
          ({ date, incidents, revoked }) =>
            html`<tr><th scope="row">${dayText(date)}</th><td>${incidents}</td><td>${revoked}</td></tr>`,
        )}</tbody></table></details>`
}<p class="small"><a href="/incidents">All incidents</a></p></section>`;
}

/** A day with a lock is full and crossed, one with less is half, a quiet one is a line. */
function dayHtml({ date, incidents, revoked }: DayOfIncidents, x: number): Html {
  const condition: Condition = revoked > 0 ? 'down' : incidents > 0 ? 'suspected' : 'fine';
  const height = revoked > 0 ? 36 : incidents > 0 ? 22 : 8;
  const y = 38 - height;
  const cross =
    revoked > 0 ? html`<path class="down" d="M${x + 5} ${y + 12}l8 10M${x + 13} ${y + 12}l-8 10"/>` : '';
  return html`<g><title>${dayText(date)}: ${incidents === 0 ? 'no incident' : count(incidents, 'incident')}</title><rect class="${condition}" x="${x + 1}" y="${y}" width="${WIDTH - 4}" height="${height}" rx="2"/>${cross}</g>`;
}

function dayText(date: string): string {
  const [year, month, day] = date.split('-');
  return `${Number(day)} ${MONTHS[Number(month) - 1] ?? month} ${year}`;
}
