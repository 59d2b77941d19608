import { html } from 'hono/html';
import type { Message, Section } from '../../notices/say/message.ts';
import { LOGS_THAT_NAME_ACTORS } from '../../notices/say/say-actor.ts';
import { conditionOfIncident } from './condition.ts';
import { deadlinesHtml } from './incident-deadlines.ts';
import { ENVIRONMENT_PARAMETERS, incidentEnvironments } from './incident-environments.ts';
import { INCIDENT_ACTIONS_OF_PAGE, incidentForms } from './incident-forms.ts';
import { timelineHtml } from './incident-timeline.ts';
import { incidentTop } from './incident-top.ts';
import { layout } from './layout.ts';
import { incidentMessage, type ShownIncident } from './message.ts';
import type { Html, Page } from './page.ts';
import { sectionHtml } from './steps.ts';
import { unreadableRowsHtml } from './unreadable-rows.ts';

const TIMELINE_SHOWN = 60;

/** One incident. The first screen of a phone says what is down, since when, why, by when, and the first command. */
export const incidentPage: Page<ShownIncident> = {
  path: '/incidents/{id}',
  endpoint: 'incident',
  ownParameters: ENVIRONMENT_PARAMETERS,
  actions: INCIDENT_ACTIONS_OF_PAGE,
  render(answer, context) {
    const message = incidentMessage(answer, context);
    const isOpen = isIncidentOpen(answer);
    const title = answer.drill ? `Drill: ${message.title}` : message.title;
    return layout(
      {
        title,
        condition: conditionOfIncident(answer),
        isUrgent: isOpen,
        asOf: answer.asOf,
        main: html`${incidentTop(answer, message, context)}
<div class="columns">
<div class="column">
${part('remediation', message)}
${part('next', message)}
${isOpen ? deadlinesHtml(answer, context) : ''}
${incidentEnvironments(answer, context)}
</div>
<div class="column">
${isOpen ? incidentForms(answer, context) : ''}
${part('happened', message)}
${part('since', message)}
${part('who', message)}
${isOpen && !message.sections.some(({ id }) => id === 'who') ? html`<section class="panel" aria-labelledby="who"><h2 id="who">Who did it</h2><p>Not known yet. ${LOGS_THAT_NAME_ACTORS}</p></section>` : ''}
${timelineHtml(answer, TIMELINE_SHOWN)}
</div>
</div>
${unreadableRowsHtml(answer.unreadableRows, answer.unreadableRows.length)}`,
      },
      context,
    );
  },
};

function isIncidentOpen({ state }: Pick<ShownIncident, 'state'>): boolean {
  return state !== 'closed' && state !== 'dismissed';
}

function part(id: Section['id'], message: Message): Html {
  const section = message.sections.find((one) => one.id === id);
  return section ? html`<div id="part-${id}" data-live>${sectionHtml(section, id)}</div>` : html``;
}
