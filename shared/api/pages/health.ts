import { html } from 'hono/html';
import { count } from '../../notices/say/words.ts';
import { nameInId } from '../../triggers/policy-chain.ts';
import type { Dependency } from '../status/dependencies.ts';
import type { healthAnswer } from '../status/health-answer.ts';
import { actionFields } from './action-fields.ts';
import { policyAddress } from './addresses.ts';
import { type Condition, stateHtml } from './condition.ts';
import { channelsHtml, gapsHtml } from './health-parts.ts';
import { layout } from './layout.ts';
import type { Html, Page, PageContext } from './page.ts';
import { nameHtml, textHtml, timeAndDistance } from './text.ts';
import { unreadableRowsHtml } from './unreadable-rows.ts';

type HealthAnswer = ReturnType<typeof healthAnswer>;

/** Whether Lockwatch itself can be relied on now. */
export const healthPage: Page<HealthAnswer> = {
  path: '/health',
  endpoint: 'health',
  ownParameters: [],
  actions: ['drill'],
  render(answer, context) {
    const isOk = answer.status === 'ok';
    const condition: Condition = isOk ? 'fine' : 'unknown';
    const headline = isOk ? 'Lockwatch sees everything it needs' : 'Lockwatch does not see or do everything';
    return layout(
      {
        title: headline,
        condition,
        isUrgent: false,
        asOf: answer.asOf,
        main: html`<section id="top" class="banner ${condition}" data-live>${stateHtml(condition, isOk ? 'Working' : 'Degraded')}<h1 aria-live="polite">${headline}</h1>
<p>${count(answer.policies, 'policy')} watched.${answer.oldestReadingAt === null ? '' : html` The oldest reading is of ${timeAndDistance(answer.oldestReadingAt, context.now)}.`}</p></section>
${gapsHtml(answer.currentGaps, context.now)}
<div class="columns"><div class="column">${signsHtml(answer, context)}${dependenciesHtml(answer, context)}</div>
<div class="column">${channelsHtml(answer.channels, context.now)}${drillHtml(answer, context)}${cannotReadHtml(answer, context)}</div></div>
${unreadableRowsHtml(answer.unreadableRows, answer.unreadableRowCount)}`,
      },
      context,
    );
  },
};

function signsHtml(
  { sweep, timer, heartbeatMessage, unreadableMessages }: HealthAnswer,
  { now }: PageContext,
): Html {
  const sign = (
    name: string,
    { lastAt, isSilent }: { lastAt: string | null; isSilent: boolean },
    late: string,
  ) =>
    html`<li><span>${stateHtml(isSilent ? 'unknown' : 'fine', isSilent ? 'late' : 'on time')}</span><span>${name}: ${lastAt === null ? 'never seen' : timeAndDistance(lastAt, now)}${isSilent ? html`<br><span class="small">${late}</span>` : ''}</span></li>`;
  return html`<section class="panel" id="part-signs" data-live aria-labelledby="signs"><h2 id="signs">Heartbeats</h2><ul class="rows two">
${sign('Last complete sweep', sweep, 'No sweep has come round for three intervals: what these pages say ages until one does.')}
${sign('Timer', timer, 'Other functions do its work meanwhile. Restart the function app; a timer can stop without an error.')}
<li><span></span><span>Heartbeat message: ${heartbeatMessage.lastAt === null ? 'never seen' : timeAndDistance(heartbeatMessage.lastAt, now)}</span></li>
</ul>${(unreadableMessages ?? 0) > 0 ? html`<p>${stateHtml('suspected', count(unreadableMessages ?? 0, 'message'))} of the queues could not be read. They are kept in the queue <code>lockwatch-unreadable</code>.</p>` : ''}</section>`;
}

const SERVICES: Record<Dependency['name'], string> = {
  resourceManager: 'Azure Resource Manager',
  powerPlatform: 'Power Platform',
  inventory: 'Your inventory of environments',
  tableStorage: 'Table storage',
  queueStorage: 'Queue storage',
  eventGrid: 'Event Grid',
  auditLog: 'Audit logs',
};
const STATES: Record<Dependency['state'], [Condition, string]> = {
  ok: ['fine', 'answers'],
  partly: ['suspected', 'answers in part'],
  failing: ['down', 'fails'],
  unknown: ['unknown', 'not known'],
};

function dependenciesHtml({ dependencies }: HealthAnswer, { now }: PageContext): Html {
  return html`<section class="panel" id="part-services" data-live aria-labelledby="services"><h2 id="services">What it depends on</h2><ul class="rows two">${dependencies.map(
    ({ name, state, lastSuccessAt, detail }) =>
      html`<li><span>${stateHtml(...STATES[state])}</span><span>${SERVICES[name]}<br><span class="small quiet">${lastSuccessAt === null ? 'Nothing came from it yet' : html`Last success ${timeAndDistance(lastSuccessAt, now)}`}${detail === undefined ? '' : html`. ${textHtml(detail, 500)}`}</span></span></li>`,
  )}</ul></section>`;
}

const READS_SHOWN = 30;

function cannotReadHtml({ cannotRead }: HealthAnswer, { now }: PageContext): Html {
  if (cannotRead.length === 0) return html`<div id="part-reads" data-live></div>`;
  return html`<section class="panel" id="part-reads" data-live aria-labelledby="reads"><h2 id="reads">What can't be read</h2><ul class="rows">${cannotRead
    .slice(0, READS_SHOWN)
    .map(
      ({ policyId, part, reason, detail, readAt }) =>
        html`<li><span>${stateHtml('unknown', 'not read')} ${part} of policy <a href="${policyAddress(policyId)}">${nameHtml(nameInId(policyId), 80)}</a></span><span class="small quiet">${textHtml(detail ?? reason, 500)}; tried ${timeAndDistance(readAt, now)}</span></li>`,
    )}</ul>${cannotRead.length > READS_SHOWN ? html`<p>And ${cannotRead.length - READS_SHOWN} more.</p>` : ''}</section>`;
}

function drillHtml({ channels }: HealthAnswer, context: PageContext): Html {
  if (!context.viewer.mayAct || channels.length === 0) return html``;
  return html`<section class="panel" id="part-drill" data-live aria-labelledby="drill-heading"><h2 id="drill-heading">Drill</h2><p>Sends a made-up incident and its end to every channel. Nothing is read or changed in Azure.</p>${actionFields(context, { id: 'drill', button: 'Start a drill', isMain: false })}</section>`;
}
