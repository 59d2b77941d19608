import { html } from 'hono/html';
import { pathPart } from '../../notices/say/plain.ts';
import { policyAddress } from './addresses.ts';
import { type Condition, stateHtml } from './condition.ts';
import type { ListedIncidentAnswer } from './incident-rows.ts';
import { incidentItem } from './incident-rows.ts';
import { layout } from './layout.ts';
import { sayOptions } from './message.ts';
import type { Html, Page, PageContext } from './page.ts';
import { nameHtml, plainName, textHtml, timeAndDistance } from './text.ts';

/** For the service desk: is this environment down because of its key? */
export interface EnvironmentAnswer {
  answeredAt: string;
  asOf: string | null;
  id: string;
  name: string;
  sku: string;
  region: string;
  /**
   * `down`: because of its key. `restored`: its key can be used again, and a person must enable it.
   * `notBecauseOfKey`: its key can be used; if it is down, something else is the cause.
   */
  state: 'down' | 'suspected' | 'restored' | 'unknown' | 'notBecauseOfKey';
  /** One or two sentences: why, or why it is not known. */
  because: string;
  /** What the last list of environments shows of it; `unknown` where it has no state. */
  listedAs: 'running' | 'disabled' | 'unknown';
  /** When that list was made; null: there is none. */
  listedAt: string | null;
  mayBeDeletedFrom: string | null;
  policies: readonly { id: string; name: string }[];
  incident: ListedIncidentAnswer | null;
}

const CONDITION: Record<EnvironmentAnswer['state'], Condition> = {
  down: 'down',
  suspected: 'suspected',
  restored: 'restored',
  unknown: 'unknown',
  notBecauseOfKey: 'fine',
};
const HEADLINE: Record<EnvironmentAnswer['state'], string> = {
  down: 'Offline because of its key',
  suspected: 'May be offline because of its key',
  restored: 'Its key can be used again. A person must enable this environment',
  unknown: 'Whether it can use its key is not known',
  notBecauseOfKey: 'Its key can be used',
};
/** What the service desk says to who asks. */
const ADVICE: Record<EnvironmentAnswer['state'], string> = {
  down: 'People are notified. Nothing that a user does brings it back: link the ticket to the incident.',
  suspected:
    'It is not certain yet. If the environment is disabled in the admin center, link the ticket to the incident.',
  restored:
    'In the admin center, open the environment and choose “Re-enable environment”. Users can work again some minutes after that.',
  unknown: 'Do not rule the key out. Ask the team that runs Lockwatch; Health says what can not be read.',
  notBecauseOfKey:
    'If users can not work, the cause is another one: look at the admin center and at the service health of Power Platform.',
};
const LISTED: Record<EnvironmentAnswer['listedAs'], [Condition, string]> = {
  running: ['fine', 'running'],
  disabled: ['down', 'disabled'],
  unknown: ['unknown', 'state not known'],
};

export const environmentPage: Page<EnvironmentAnswer> = {
  path: '/environments/{id}',
  endpoint: 'environment',
  ownParameters: [],
  actions: [],
  render(answer, context) {
    const condition = CONDITION[answer.state];
    const word = answer.state === 'notBecauseOfKey' ? 'Not because of its key' : undefined;
    return layout(
      {
        title: `${plainName(answer.name, 60)}: ${HEADLINE[answer.state]}`,
        condition,
        isUrgent: answer.incident !== null,
        asOf: answer.asOf,
        main: html`<section id="top" class="banner ${condition}" data-live><div class="actions">${stateHtml(condition, word)}<span>environment</span></div><h1>${nameHtml(answer.name)}</h1>
<p aria-live="polite"><strong>${HEADLINE[answer.state]}.</strong> ${textHtml(answer.because, 600)}</p><p>${ADVICE[answer.state]}</p>
${answer.mayBeDeletedFrom === null ? '' : html`<p>It may be deleted from ${timeAndDistance(answer.mayBeDeletedFrom, context.now)}, an estimate on the safe side.</p>`}</section>
${answer.incident === null ? html`<div id="part-incident" data-live></div>` : html`<section class="panel" id="part-incident" data-live><h2>The incident</h2><ul class="rows">${incidentItem(answer.incident, context.now)}</ul></section>`}
<section class="panel" id="part-facts" data-live aria-labelledby="facts"><h2 id="facts">About it</h2><dl class="facts">${factsOf(answer, context).map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl></section>`,
      },
      context,
    );
  },
};

function factsOf(answer: EnvironmentAnswer, { now, links }: PageContext): [string, Html][] {
  const { adminCenterUrl } = sayOptions(links);
  const listed = LISTED[answer.listedAs];
  return [
    [
      'In the list',
      html`${stateHtml(...listed)}${answer.listedAt === null ? ' no list has been read' : html` <span class="small quiet">list of ${timeAndDistance(answer.listedAt, now)}</span>`}`,
    ],
    ['Kind', nameHtml(answer.sku, 60)],
    ['Region', nameHtml(answer.region, 60)],
    [
      answer.policies.length === 1 ? 'Policy' : 'Policies',
      answer.policies.length === 0
        ? html`none: it uses a key of Microsoft's, which Lockwatch does not watch`
        : html`${answer.policies.map(({ id, name }, index) => html`${index > 0 ? ', ' : ''}<a href="${policyAddress(id)}">${nameHtml(name, 80)}</a>`)}`,
    ],
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
