import { html } from 'hono/html';
import { count } from '../../notices/say/words.ts';
import { deadlineBar } from './bars.ts';
import type { ShownIncident } from './message.ts';
import type { Html, PageContext } from './page.ts';
import { textHtml, timeAndDistance } from './text.ts';

const MAX_BARS = 6;

/** Every date at which environments may be deleted, the soonest first, each as a bar. */
export function deadlinesHtml(answer: ShownIncident, { now }: PageContext): Html {
  const waiting = answer.environments.filter(
    ({ state, mayBeDeletedFrom }) => state !== 'enabled' && mayBeDeletedFrom !== null,
  );
  const dates = [...Map.groupBy(waiting, ({ mayBeDeletedFrom }) => mayBeDeletedFrom ?? '')].sort(
    ([a], [b]) => (a < b ? -1 : 1),
  );
  if (dates.length === 0 && answer.recoverBy === null) return html``;
  return html`<section class="panel" id="part-deadlines" data-live aria-labelledby="deadlines"><h2 id="deadlines">When they may be deleted</h2>
${answer.recoverBy === null ? '' : html`<p>${answer.recoverByIsEstimate ? 'An estimate on the safe side. ' : ''}${textHtml(answer.recoverByBecause)}</p>`}
<ul class="rows">${dates
    .slice(0, MAX_BARS)
    .map(
      ([at, environments]) =>
        html`<li><span><strong>${count(environments.length, 'environment')}</strong> of kind ${kinds(environments)}: may be deleted from ${timeAndDistance(at, now)}</span>${deadlineBar(answer.openedAt, at, now, `Until ${count(environments.length, 'environment')} may be deleted`)}</li>`,
    )}</ul>
${dates.length > MAX_BARS ? html`<p class="quiet">And ${dates.length - MAX_BARS} later dates.</p>` : ''}
</section>`;
}

function kinds(environments: readonly { sku: string }[]): Html {
  const all = [...new Set(environments.map(({ sku }) => sku))].slice(0, 4).join(', ');
  return textHtml(all, 120);
}
