import { html } from 'hono/html';
import { count } from '../../notices/say/words.ts';
import type { incidentsAnswer } from '../status/incidents-answer.ts';
import { conditionOfIncident, stateHtml, worstCondition } from './condition.ts';
import { historyFaultHtml } from './history-fault.ts';
import { incidentItem } from './incident-rows.ts';
import { layout } from './layout.ts';
import type { Html, Page, PageContext } from './page.ts';
import { addressWith } from './paging.ts';
import { nameHtml } from './text.ts';
import { unreadableRowsHtml } from './unreadable-rows.ts';

type IncidentsAnswer = ReturnType<typeof incidentsAnswer>;

/** All incidents, the open ones first. */
export const incidentsPage: Page<IncidentsAnswer> = {
  path: '/incidents',
  endpoint: 'incidents',
  ownParameters: [],
  actions: [],
  render(answer, context) {
    const { incidents, counts, next, historyFault, unreadableRows } = answer;
    const condition = counts.open > 0 ? worstCondition(incidents.map(conditionOfIncident)) : 'over';
    const headline = counts.open > 0 ? `${count(counts.open, 'incident')} open` : 'No open incident';
    return layout(
      {
        title: headline,
        condition,
        isUrgent: counts.open > 0,
        asOf: answer.asOf,
        main: html`<section id="top" class="banner ${condition}" data-live>${counts.open > 0 ? stateHtml(condition) : ''}<h1 aria-live="polite">${headline}</h1><p class="quiet">${counts.incidents === null ? 'This page shows a part of the list.' : `${count(counts.incidents, 'incident')} in this list.`}</p></section>
${filterHtml(context)}
${historyFaultHtml(historyFault)}
<section class="panel" id="part-incidents" data-live aria-labelledby="incidents"><h2 id="incidents">Incidents</h2>
${incidents.length === 0 ? html`<p>${historyFault === null ? emptyText(context) : 'Of what can be read, nothing is in this list.'}</p>` : ''}
<ul class="rows">${incidents.map((incident) => incidentItem(incident, context.now))}</ul>
${next === null ? '' : html`<p><a href="${next.replace(/^\/api/, '')}">Older incidents</a></p>`}</section>
${unreadableRowsHtml(unreadableRows, unreadableRows.length)}`,
      },
      context,
    );
  },
};

const STATES = [
  ['', 'All'],
  ['open', 'Open'],
  ['revoked', 'Offline'],
  ['suspected', 'Suspected'],
  ['accessRestored', 'Access is back'],
  ['closed', 'Closed'],
  ['dismissed', 'No lock after all'],
] as const;

function filterHtml(context: PageContext): Html {
  const current = context.parameters.get('state')?.toLowerCase() ?? '';
  const policy = context.parameters.get('policy');
  return html`<nav aria-label="Which incidents" class="pager">${STATES.map(
    ([state, text]) =>
      html`<a href="${addressWith(context, { state, after: '' })}"${state.toLowerCase() === current ? html` aria-current="true"` : ''}>${text}</a>`,
  )}${policy === null ? '' : html`<span>Only of policy ${nameHtml(policy, 80)}. <a href="${addressWith(context, { policy: '', after: '' })}">Of all policies</a></span>`}</nav>`;
}

function emptyText({ parameters }: PageContext): string {
  return parameters.size === 0
    ? 'There has been no incident since Lockwatch was set up.'
    : 'There is no such incident. Choose another state above.';
}
