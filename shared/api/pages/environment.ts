import { html } from 'hono/html';
import { isShownDisabled, isShownRunning } from '../../facts/environment-state.ts';
import { pathPart } from '../../notices/say/plain.ts';
import type { environmentEndpoint } from '../status/environment-endpoint.ts';
import { policyAddress } from './addresses.ts';
import { type Condition, stateHtml } from './condition.ts';
import { incidentItem } from './incident-rows.ts';
import { layout } from './layout.ts';
import { sayOptions } from './message.ts';
import type { AnswerOf, Html, Page, PageContext } from './page.ts';
import { nameHtml, plainName, textHtml, timeAndDistance } from './text.ts';

type EnvironmentAnswer = AnswerOf<typeof environmentEndpoint>;

interface Words {
  condition: Condition;
  word?: string;
  headline: string;
  /** What the service desk does with a ticket. */
  advice: string;
}

const DOWN: Words = {
  condition: 'down',
  headline: 'Offline because of its key',
  advice:
    'The admins are notified. Nothing that a user does brings it back: link the ticket to the incident below.',
};
const DELETED: Words = {
  condition: 'down',
  word: 'Deleted',
  headline: 'It was deleted while its key could not be used',
  advice: 'An admin can try Environments → Recover deleted environments in the admin center, at once.',
};
const RESTORED: Words = {
  condition: 'restored',
  headline: 'Its key can be used again, but a person must enable it',
  advice:
    'An admin opens it in the admin center and chooses “Re-enable environment”. Users can work some minutes after that.',
};
const SUSPECTED: Words = {
  condition: 'suspected',
  headline: 'It may be offline because of its key',
  advice:
    'It is not certain yet. If the admin center shows it as disabled, link the ticket to the incident below.',
};
const UNKNOWN: Words = {
  condition: 'unknown',
  headline: 'Whether it is down because of its key is not known',
  advice: 'Do not rule the key out. Ask the team that runs Lockwatch; Health says what can not be read.',
};
const NOT_BY_KEY: Words = {
  condition: 'fine',
  word: 'Not because of its key',
  headline: 'If it is down, its key is not the cause',
  advice:
    'If users can not work, look at the environment in the admin center, and at the service health of Power Platform.',
};

/** For the service desk: is this environment down because of its key? */
export const environmentPage: Page<EnvironmentAnswer> = {
  path: '/environments/{id}',
  endpoint: 'environment',
  ownParameters: [],
  actions: [],
  render(answer, context) {
    const { condition, word, headline, advice } = wordsOf(answer);
    const { now } = context;
    return layout(
      {
        title: `${plainName(answer.displayName, 60)}: ${headline}`,
        condition,
        isUrgent: answer.incident !== null,
        asOf: answer.asOf,
        main: html`<section id="top" class="banner ${condition}" data-live><div class="actions">${stateHtml(condition, word)}<span>environment</span></div><h1>${nameHtml(answer.displayName)}</h1>
<p aria-live="polite"><strong>${headline}.</strong> ${textHtml(answer.because, 600)}</p><p>${advice}</p>
${answer.mayBeDeletedFrom === null ? '' : html`<p>It may be deleted from ${timeAndDistance(answer.mayBeDeletedFrom, now)}, an estimate on the safe side.</p>`}
${answer.recoverableUntil === null ? '' : html`<p>It can be recovered until ${timeAndDistance(answer.recoverableUntil, now)}, by the general rule.</p>`}</section>
${answer.incident === null ? html`<div id="part-incident" data-live></div>` : html`<section class="panel" id="part-incident" data-live><h2>The incident of its policy</h2><ul class="rows">${incidentItem({ policyId: answer.policy.id, ...answer.incident }, now)}</ul></section>`}
<section class="panel" id="part-facts" data-live aria-labelledby="facts"><h2 id="facts">About it</h2><dl class="facts">${factRows(answer, context).map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl></section>`,
      },
      context,
    );
  },
};

function wordsOf({ downBecauseOfKey, state, incident }: EnvironmentAnswer): Words {
  if (downBecauseOfKey === 'no') return NOT_BY_KEY;
  if (state === 'deleted') return DELETED;
  if (downBecauseOfKey === 'yes')
    return incident?.state === 'suspected' ? SUSPECTED : state === 'awaitingReEnable' ? RESTORED : DOWN;
  return incident?.state === 'suspected' ? SUSPECTED : UNKNOWN;
}

function factRows(answer: EnvironmentAnswer, { now, links }: PageContext): [string, Html][] {
  const { adminCenterUrl } = sayOptions(links);
  const { environment, listedAt, listedBy, policy } = answer;
  return [
    [
      'In the list',
      html`${listedState(answer)}${listedAt === null ? '' : html` <span class="small quiet">${listedBy === 'inventory' ? 'your inventory' : "Power Platform's list"} of ${timeAndDistance(listedAt, now)}</span>`}`,
    ],
    ['Kind', nameHtml(environment.sku, 60)],
    ['Region', nameHtml(environment.region, 60)],
    ['Policy', html`<a href="${policyAddress(policy.id)}">${nameHtml(policy.name, 80)}</a>`],
    ['Id', html`<code>${plainName(answer.id, 100)}</code>`],
    ...(adminCenterUrl === ''
      ? []
      : [
          [
            'Elsewhere',
            html`<a href="${adminCenterUrl}/environments/environment/${pathPart(answer.id)}/hub" rel="noreferrer">Power Platform admin center</a>`,
          ] as [string, Html],
        ]),
  ];
}

function listedState({ environment, listedBy }: EnvironmentAnswer): Html {
  if (environment.missingSince !== undefined) return stateHtml('unknown', 'no longer listed');
  if (listedBy === 'inventory') return stateHtml('unknown', 'state not known');
  if (isShownRunning(environment)) return stateHtml('fine', 'running');
  return isShownDisabled(environment)
    ? stateHtml('down', 'disabled')
    : stateHtml('unknown', 'state not known');
}
