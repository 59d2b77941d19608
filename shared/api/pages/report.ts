import { html } from 'hono/html';
import { count, duration } from '../../notices/say/words.ts';
import type { IncidentAnswer } from '../status/incident-by-id.ts';
import { incidentAddress } from './addresses.ts';
import { conditionOfIncident, incidentWord, stateHtml } from './condition.ts';
import { timelineHtml } from './incident-timeline.ts';
import { layout } from './layout.ts';
import { incidentMessage } from './message.ts';
import type { Html, Page } from './page.ts';
import { sectionHtml } from './steps.ts';
import { nameHtml, textHtml, timeHtml } from './text.ts';

/** One incident as one file, for the time after it. */
export interface ReportAnswer extends IncidentAnswer {
  /** In seconds; null: not known, or not yet. */
  times: {
    /** From the change to its detection. */
    toDetect: number | null;
    /** From the detection to the first notice that a receiver accepted. */
    toNotify: number | null;
    /** From the detection until access was back. */
    toRestore: number | null;
    /** From the detection until it was closed. */
    toClose: number | null;
  };
}

const ENVIRONMENTS_SHOWN = 500;

export const reportPage: Page<ReportAnswer> = {
  path: '/incidents/{id}/report',
  endpoint: 'report',
  ownParameters: [],
  actions: [],
  render(answer, context) {
    const message = incidentMessage(answer, context);
    const section = (id: string) => message.sections.find((one) => one.id === id);
    const condition = conditionOfIncident(answer);
    return layout(
      {
        title: `Report: ${message.title}`,
        condition,
        isUrgent: false,
        asOf: answer.asOf,
        main: html`<p class="quiet">Report of incident <a href="${incidentAddress(answer.id)}"><code>${answer.id}</code></a>, made at ${timeHtml(context.now)}. Print it, or save it as one file.</p>
<h1>${textHtml(message.title, 200)}</h1><p>${stateHtml(condition, incidentWord(answer))} ${message.lead.map((sentence) => html`${textHtml(sentence)} `)}</p>
${timesHtml(answer)}
${sectionHtml(section('happened'), 'happened')}${sectionHtml(section('since'), 'since')}${sectionHtml(section('who'), 'who')}
${timelineHtml(answer)}${environmentsHtml(answer)}`,
      },
      context,
    );
  },
};

function timesHtml({ times, openedAt, actedAt, accessRestoredAt, closedAt, drill }: ReportAnswer): Html {
  const row = (label: string, seconds: number | null, from: string, at: string | null) =>
    html`<tr><th scope="row">${label}</th><td>${seconds === null ? 'not known' : duration(seconds * 1000)}</td><td class="small">${from}${at === null ? '' : html`, at ${timeHtml(at)}`}</td></tr>`;
  return html`<section class="panel" aria-labelledby="times"><h2 id="times">Times</h2>${drill ? html`<p>A drill: nothing in it is real.</p>` : ''}<div class="scroll" tabindex="0" role="region" aria-label="Times"><table><thead><tr><th scope="col">Time</th><th scope="col">Took</th><th scope="col">Counted</th></tr></thead><tbody>
${row('To detect', times.toDetect, actedAt === null ? 'from the change, whose time is not known' : 'from the change', openedAt)}
${row('To notify', times.toNotify, 'from the detection to the first notice that a receiver accepted', null)}
${row('To restore access', times.toRestore, 'from the detection', accessRestoredAt)}
${row('To close', times.toClose, 'from the detection', closedAt)}</tbody></table></div></section>`;
}

function environmentsHtml({ environments, environmentCount }: ReportAnswer): Html {
  return html`<section class="panel" aria-labelledby="environments"><h2 id="environments">${count(environmentCount, 'environment')}</h2>
${environments.length > ENVIRONMENTS_SHOWN ? html`<p>The first ${ENVIRONMENTS_SHOWN} of them; the JSON of this report has all.</p>` : ''}
<div class="scroll" tabindex="0" role="region" aria-label="Environments"><table><thead><tr><th scope="col">Environment</th><th scope="col">Kind</th><th scope="col">State</th></tr></thead><tbody>${environments
    .slice(0, ENVIRONMENTS_SHOWN)
    .map(
      ({ displayName, sku, state }) =>
        html`<tr><th scope="row">${nameHtml(displayName, 80)}</th><td>${nameHtml(sku, 40)}</td><td>${STATES[state]}</td></tr>`,
    )}</tbody></table></div></section>`;
}

const STATES: Record<ReportAnswer['environments'][number]['state'], string> = {
  locked: 'offline',
  awaitingReEnable: 'not enabled yet',
  enabled: 'enabled',
  deleted: 'deleted',
  unknown: 'not known',
};
