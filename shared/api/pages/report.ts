import { html } from 'hono/html';
import { count, duration } from '../../notices/say/words.ts';
import type { reportEndpoint } from '../status/report-endpoint.ts';
import { activityItem } from './activity-rows.ts';
import { incidentAddress } from './addresses.ts';
import { conditionOfIncident, incidentWord, stateHtml } from './condition.ts';
import { layout } from './layout.ts';
import { incidentMessage, type ShownIncident } from './message.ts';
import type { AnswerOf, Html, Page } from './page.ts';
import { sectionHtml } from './steps.ts';
import { nameHtml, plainName, textHtml, timeHtml } from './text.ts';

type ReportAnswer = AnswerOf<typeof reportEndpoint>;

const ENVIRONMENTS_SHOWN = 500;
const ENTRIES_SHOWN = 400;

export const reportPage: Page<ReportAnswer> = {
  path: '/incidents/{id}/report',
  endpoint: 'report',
  ownParameters: [],
  actions: [],
  render(answer, context) {
    const incident: ShownIncident = { answeredAt: answer.answeredAt, ...answer.incident };
    const message = incidentMessage(incident, context);
    const section = (id: string) => message.sections.find((one) => one.id === id);
    const condition = conditionOfIncident(incident);
    return layout(
      {
        title: `Report: ${message.title}`,
        condition,
        isUrgent: false,
        asOf: answer.asOf,
        main: html`<p class="quiet">Report of incident <a href="${incidentAddress(incident.id)}"><code>${plainName(incident.id)}</code></a>, made at ${timeHtml(context.now)}. Print it, or save it as one file.</p>
<h1>${textHtml(message.title, 200)}</h1><p>${stateHtml(condition, incidentWord(incident))} ${message.lead.map((sentence) => html`${textHtml(sentence)} `)}</p>
${timesHtml(answer)}
${sectionHtml(section('happened'), 'happened')}${sectionHtml(section('since'), 'since')}${sectionHtml(section('who'), 'who')}
${deliveriesHtml(answer)}
<section class="panel" aria-labelledby="chronology"><h2 id="chronology">What happened and was sent, in order</h2><ol class="rows two">${answer.chronology.slice(0, ENTRIES_SHOWN).map((entry) => activityItem(entry, { isAcross: false }))}</ol>${answer.chronology.length > ENTRIES_SHOWN ? html`<p>And ${answer.chronology.length - ENTRIES_SHOWN} more; the JSON of this report has all.</p>` : ''}</section>
${environmentsHtml(incident)}`,
      },
      context,
    );
  },
};

function timesHtml({ times, incident }: ReportAnswer): Html {
  const { openedAt, actedAt, accessRestoredAt, acknowledged, closedAt, drill } = incident;
  const row = (label: string, seconds: number | null, from: string, at: string | null) =>
    html`<tr><th scope="row">${label}</th><td>${seconds === null ? 'not known' : duration(seconds * 1000)}</td><td class="small">${from}${at === null ? '' : html`, at ${timeHtml(at)}`}</td></tr>`;
  return html`<section class="panel" aria-labelledby="times"><h2 id="times">How long it took</h2>${drill ? html`<p>A drill: nothing in it is real.</p>` : ''}<div class="scroll" tabindex="0" role="region" aria-label="Table of times"><table><thead><tr><th scope="col">Time</th><th scope="col">Took</th><th scope="col">Counted</th></tr></thead><tbody>
${row('To detect', times.toDetectSeconds, actedAt === null ? 'from the change, whose time is not known' : 'from the change', openedAt)}
${row('To notify', times.toNotifySeconds, 'from the detection to the first notice that a receiver accepted', null)}
${row('To acknowledge', times.toAcknowledgeSeconds, 'from the detection', acknowledged?.at ?? null)}
${row('To restore access', times.toRestoreSeconds, 'from the detection', accessRestoredAt)}
${row('To close', times.toCloseSeconds, 'from the detection', closedAt)}</tbody></table></div></section>`;
}

function deliveriesHtml({ deliveries }: ReportAnswer): Html {
  return html`<section class="panel" aria-labelledby="deliveries"><h2 id="deliveries">Deliveries</h2>${
    deliveries.length === 0
      ? html`<p>No notice was sent: no channel is configured, or every notice was suppressed.</p>`
      : html`<div class="scroll" tabindex="0" role="region" aria-label="Table of deliveries"><table><thead><tr><th scope="col">Channel</th><th scope="col">Sent</th><th scope="col">Waiting</th><th scope="col">Given up</th></tr></thead><tbody>${deliveries.map(({ channel, sent, pending, givenUp }) => html`<tr><th scope="row">${nameHtml(channel, 60)}</th><td>${sent}</td><td>${pending}</td><td>${givenUp > 0 ? stateHtml('down', `${givenUp}`) : '0'}</td></tr>`)}</tbody></table></div>`
  }</section>`;
}

function environmentsHtml({ environments, environmentCount }: ShownIncident): Html {
  return html`<section class="panel" aria-labelledby="environments"><h2 id="environments">${count(environmentCount, 'environment')}</h2>
${environments.length > ENVIRONMENTS_SHOWN ? html`<p>The first ${ENVIRONMENTS_SHOWN} of them; the JSON of this report has all.</p>` : ''}
<div class="scroll" tabindex="0" role="region" aria-label="Table of environments"><table><thead><tr><th scope="col">Environment</th><th scope="col">Kind</th><th scope="col">State</th></tr></thead><tbody>${environments
    .slice(0, ENVIRONMENTS_SHOWN)
    .map(
      ({ displayName, sku, state }) =>
        html`<tr><th scope="row">${nameHtml(displayName, 80)}</th><td>${nameHtml(sku, 40)}</td><td>${STATES[state]}</td></tr>`,
    )}</tbody></table></div></section>`;
}

const STATES: Record<ShownIncident['environments'][number]['state'], string> = {
  locked: 'offline',
  awaitingReEnable: 'not enabled yet',
  enabled: 'enabled',
  deleted: 'deleted',
  unknown: 'not known',
};
