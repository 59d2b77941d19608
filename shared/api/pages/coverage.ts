import { html } from 'hono/html';
import { duration } from '../../notices/say/words.ts';
import type { coverageAnswer, Wired } from '../status/coverage-answer.ts';
import { policyAddress } from './addresses.ts';
import { type Condition, stateHtml } from './condition.ts';
import { gapsHtml } from './health-parts.ts';
import { layout } from './layout.ts';
import type { Html, Page, PageContext } from './page.ts';
import { addressWith, pageOfList, pagerHtml } from './paging.ts';
import { nameHtml, textHtml, timeAndDistance } from './text.ts';

type CoverageAnswer = ReturnType<typeof coverageAnswer>;
type Cell = CoverageAnswer['policies'][number]['triggers'][number];

const PAGE_SIZE = 25;

/** Which source detects which trigger, for every policy: counts first, then the matrix, page by page. */
export const coveragePage: Page<CoverageAnswer> = {
  path: '/coverage',
  endpoint: 'coverage',
  ownParameters: ['page'],
  actions: [],
  render(answer, context) {
    const { counts, policies } = answer;
    const isWhole = counts.notReadable === 0 && answer.currentGaps.length === 0 && policies.length > 0;
    const condition: Condition = isWhole ? 'fine' : 'unknown';
    const headline = headlineOf(answer);
    return layout(
      {
        title: headline,
        condition,
        isUrgent: false,
        asOf: answer.asOf,
        main: html`<section id="top" class="banner ${condition}" data-live>${stateHtml(condition, isWhole ? 'Complete' : 'Not complete')}<h1 aria-live="polite">${headline}</h1><p>The sweep reads every policy and detects every trigger. Events and audit logs are faster where they arrive.</p></section>
${gapsHtml(answer.currentGaps, context.now)}
${sourcesHtml(answer, context)}
${triggersHtml(answer)}
${matrixHtml(answer, context)}`,
      },
      context,
    );
  },
};

function headlineOf({ counts, policies, triggers }: CoverageAnswer): string {
  if (policies.length === 0) return 'No policy is watched yet';
  if (counts.notReadable === 0) return 'Every trigger of every policy could be detected now';
  return `${counts.notReadable} of ${policies.length * triggers.length} triggers can't be judged now`;
}

function sourcesHtml(
  { detectionSources: { event, audit, sweep } }: CoverageAnswer,
  { now }: PageContext,
): Html {
  const delay = ({ from, to }: { from: number; to: number }) =>
    `${from === 0 ? 'at most' : `${duration(from * 1000)} to`} ${duration(to * 1000)}`;
  const row = (name: string, isOn: boolean, how: Html) =>
    html`<li><span>${stateHtml(isOn ? 'fine' : 'over', isOn ? 'configured' : 'not configured')}</span><span>${name}<br><span class="small quiet">${how}</span></span></li>`;
  return html`<section class="panel" id="part-sources" data-live aria-labelledby="sources"><h2 id="sources">Detection sources</h2><ul class="rows two">
<li><span>${stateHtml(sweep.isSilent ? 'unknown' : 'fine', sweep.isSilent ? 'late' : 'running')}</span><span>Sweep<br><span class="small quiet">Every ${duration(sweep.intervalSeconds * 1000)} now; expected delay ${delay(sweep.expectedDelaySeconds)}; last ${sweep.lastAt === null ? 'never' : timeAndDistance(sweep.lastAt, now)}${sweep.slowedSubscriptions.map(({ subscriptionId, intervalSeconds }) => html`<br>Subscription ${subscriptionId}: every ${duration(intervalSeconds * 1000)}, because Azure says that few reads are left there`)}</span></span></li>
${row('Events of Event Grid', event.configured, html`Expected delay ${delay(event.expectedDelaySeconds)}`)}
${row("Vaults' audit logs", audit.configured, html`Expected delay ${delay(audit.expectedDelaySeconds)}`)}
</ul></section>`;
}

/** For each trigger: how many policies it can be detected for, and which sources show it at all. */
function triggersHtml({ triggers, policies }: CoverageAnswer): Html {
  return html`<section class="panel" id="part-triggers" data-live aria-labelledby="triggers"><h2 id="triggers">Triggers</h2><div class="scroll" tabindex="0" role="region" aria-label="Table of triggers"><table><thead><tr><th scope="col">Trigger</th><th scope="col">Can be detected</th><th scope="col">Event</th><th scope="col">Audit log</th></tr></thead><tbody>${triggers.map(
    ({ id, words, link, event, audit }) => {
      const readable = policies.filter(({ triggers: cells }) =>
        cells.some((cell) => cell.trigger === id && cell.readable),
      ).length;
      const isWhole = readable === policies.length && policies.length > 0;
      return html`<tr><th scope="row"><a href="${link}" rel="noreferrer">${words}</a></th><td>${stateHtml(isWhole ? 'fine' : 'unknown', `${readable} of ${policies.length}`)}</td><td>${showsText(event)}</td><td>${showsText(audit)}</td></tr>`;
    },
  )}</tbody></table></div></section>`;
}

function showsText(source: { shows: readonly string[]; but?: string; because?: string }): Html {
  if (source.shows.length === 0)
    return html`<span class="small">no: ${textHtml(source.because ?? 'it shows nothing', 300)}</span>`;
  return html`yes${source.but === undefined ? '' : html`<span class="small">, but ${textHtml(source.but, 300)}</span>`}`;
}

function matrixHtml({ triggers, policies }: CoverageAnswer, context: PageContext): Html {
  if (policies.length === 0) return html``;
  const list = pageOfList(policies, PAGE_SIZE, context.parameters);
  const isNarrowed = context.parameters.has('policy') || context.parameters.has('trigger');
  return html`<section class="panel" id="part-matrix" data-live aria-labelledby="matrix"><h2 id="matrix">Policy by policy</h2>
<p class="small">Each cell names the fastest source by which the trigger would be noticed: an event, the audit log, or the sweep. “Not read”: the facts that it needs can't be read now, so nothing would notice it.${isNarrowed ? html` <a href="${addressWith(context, { policy: '', trigger: '', page: '' })}">Show all policies and triggers</a>` : ''}</p>
<div class="scroll" tabindex="0" role="region" aria-label="Matrix of policies and triggers"><table class="matrix"><thead><tr><th scope="col">Policy</th>${triggers.map(({ id }) => html`<th scope="col">${id.replaceAll('-', ' ')}</th>`)}</tr></thead><tbody>${list.shown.map(
    ({ id, name, supported, triggers: cells }) =>
      html`<tr><th scope="row"><a href="${policyAddress(id)}">${nameHtml(name, 40)}</a></th>${supported ? cells.map((cell) => html`<td>${cellHtml(cell)}</td>`) : html`<td colspan="${cells.length}">not judged: its key is in a Managed HSM</td>`}</tr>`,
  )}</tbody></table></div>
${pagerHtml(list, policies.length, 'policy', context, { anchor: '#matrix' })}</section>`;
}

const BY: readonly [keyof Cell['detectionSources'], string][] = [
  ['event', 'event'],
  ['audit', 'audit'],
];

function cellHtml({ verdict, readable, detectionSources }: Cell): Html {
  if (verdict === 'revoked') return stateHtml('down', 'tripped');
  if (verdict === 'suspected') return stateHtml('suspected', 'suspected');
  if (!readable) return stateHtml('unknown', 'not read');
  const lost = BY.some(([source]) => isWired(detectionSources[source].wired, 'lost'));
  const fastest = BY.find(([source]) => isWired(detectionSources[source].wired, 'seen'))?.[1] ?? 'sweep';
  return lost ? stateHtml('suspected', `${fastest}, source lost`) : html`${fastest}`;
}

function isWired(wired: Wired | null, wanted: Wired): boolean {
  return wired === wanted;
}
