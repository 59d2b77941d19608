import { html } from 'hono/html';
import { count } from '../../notices/say/words.ts';
import { BLAST_SCOPES } from '../../preview/blast/scope.ts';
import type { whoCanEndpoint } from '../status/who-can-endpoint.ts';
import { blastRadiusAddress, incidentAddress } from './addresses.ts';
import { stateHtml } from './condition.ts';
import { layout } from './layout.ts';
import type { AnswerOf, Html, Page, PageContext } from './page.ts';
import { addressWith, pageOfList, pagerHtml } from './paging.ts';
import {
  SCOPE_QUESTION_FIELDS,
  type ScopeQuestion,
  scopeQuestionAddress,
  scopeQuestionHtml,
} from './scope-question.ts';
import { nameHtml, plainName, textHtml, timeAndDistance } from './text.ts';
import type { ShownHolder } from './who-can-holders.ts';
import { holdersListHtml, holdersLists } from './who-can-lists.ts';

export type WhoCanAnswer = AnswerOf<typeof whoCanEndpoint>;

const QUESTION: ScopeQuestion = {
  kinds: [
    { kind: 'policy', word: 'Enterprise policy', example: BLAST_SCOPES.policy.example },
    { kind: 'vault', word: 'Key vault', example: BLAST_SCOPES.vault.example },
  ],
  heading: 'Ask about something',
  button: 'Show who can do it',
};

/** Lists of holders on one page. */
const LISTS_SHOWN = 10;

/** Who holds the right to each operation; and in an incident first who can help. For operators alone. */
export const whoCanPage: Page<WhoCanAnswer> = {
  path: '/who-can',
  endpoint: 'whoCan',
  ownParameters: [...SCOPE_QUESTION_FIELDS, 'page'],
  actions: [],
  leadsTo: (parameters) => scopeQuestionAddress(QUESTION, parameters),
  render(answer, context) {
    const { help, operations, principals, asOf, cannotSee } = answer;
    const isShort = [...operations, ...(help ?? [])].some(({ unknown }) => unknown !== null);
    const condition = isShort ? 'unknown' : 'over';
    const subject = subjectOf(answer, context);
    return layout(
      {
        title: help === null ? `Who can take ${subject} down` : `Who can help with ${subject}`,
        condition,
        isUrgent: false,
        isStill: true,
        asOf,
        jsonAddress: addressWith({ ...context, path: '/api/who-can' }, { page: '' }),
        main: html`<section id="top" class="banner ${condition}"><div class="actions">${isShort ? stateHtml('unknown', 'May be short') : ''}<span>For operators only</span></div>
<h1>${help === null ? html`Who can take ${nameHtml(subject)} down` : html`Who can help with ${nameHtml(subject)} now`}</h1>
<p><strong>${headlineOf(answer, isShort)}</strong></p>
${isShort ? html`<p>A part of the rights could not be read, so some of the lists below may be short.</p>` : ''}
${principals.some(({ name, isGroup }) => name === null && !isGroup) ? html`<p>Where only an object id is shown, the directory gave no name for it. Search for the id in the Microsoft Entra admin center.</p>` : ''}
${asOf === null ? '' : html`<p class="quiet">Read ${timeAndDistance(asOf, context.now)}. Nothing was changed.</p>`}
${linksHtml(answer, context)}</section>
${help === null ? '' : html`<h2>By step</h2>${holdersLists(help).map((one) => holdersListHtml(one, answer))}`}
${operationsHtml(answer, context)}
<section class="panel" aria-labelledby="unseen"><h2 id="unseen">Who is not in these lists</h2><p>These may be able to do it as well:</p><ul class="rows">${cannotSee.slice(0, 50).map((text) => html`<li>${textHtml(text, 600)}</li>`)}</ul></section>
${scopeQuestionHtml(QUESTION, context)}`,
      },
      context,
    );
  },
  renderProblem(problem, context) {
    const isAsked = context.parameters.size > 0;
    return layout(
      {
        title: 'Who can take environments down',
        condition: 'over',
        isUrgent: false,
        isStill: true,
        asOf: null,
        jsonAddress: `/api/who-can${isAsked ? `?${context.parameters}` : ''}`,
        main: html`<h1>Who can take environments down</h1>
<p>For each operation that takes Power Platform environments offline: who holds the right to it. The rights are read from Azure when you ask; nothing is changed and nothing is stored.</p>
${isAsked ? html`<p class="note down" role="alert" id="refused"><strong>There is no answer.</strong> ${textHtml(problem.detail, 600)}</p>` : ''}
${scopeQuestionHtml(QUESTION, context, isAsked ? problem : undefined)}
<p>The page of an open incident leads to the list of who can help with it. <a href="/incidents">Incidents</a></p>`,
      },
      context,
    );
  },
};

/** A vault is named by who asks: its answer names only policies. */
function subjectOf({ policies }: WhoCanAnswer, { parameters }: Pick<PageContext, 'parameters'>): string {
  const [first] = policies;
  const vault = parameters.get('vault');
  if (vault !== null) return `key vault ${plainName(vault.split('/').at(-1), 80)}`;
  return first === undefined ? 'the policy' : `policy ${plainName(first.name, 80)}`;
}

const HEADLINE_WORDS = {
  now: 'now',
  afterActivation: 'after activating a role',
  inTwoSteps: 'in two steps',
} as const satisfies Record<ShownHolder['how'], string>;
const WAYS = Object.keys(HEADLINE_WORDS) as ShownHolder['how'][];

/** Each principal once, by the way in which they can act first. */
function headlineOf({ operations, help, principals }: WhoCanAnswer, isShort: boolean): string {
  const best = new Map<string, ShownHolder['how']>();
  for (const { principalId, how } of (help ?? operations).flatMap(({ holders }) => holders)) {
    const before = best.get(principalId);
    if (before === undefined || WAYS.indexOf(how) < WAYS.indexOf(before)) best.set(principalId, how);
  }
  if (best.size === 0)
    return isShort ? 'Who it is could not be read' : 'Lockwatch sees nobody who holds the right to it';
  const ways = WAYS.flatMap((how) => {
    const amount = [...best.values()].filter((one) => one === how).length;
    return amount === 0 ? [] : [`${amount} ${HEADLINE_WORDS[how]}`];
  }).join(', ');
  const groups = principals.filter(({ id, isGroup }) => isGroup && best.has(id)).length;
  return `${count(best.size, 'principal')} ${best.size === 1 ? 'holds' : 'hold'} the right to at least one ${help === null ? 'operation' : 'step'}: ${ways}${groups > 0 ? `. ${groups === 1 ? 'One of them is a group' : `${groups} of them are groups`}` : ''}`;
}

function linksHtml({ policies }: WhoCanAnswer, { parameters }: Pick<PageContext, 'parameters'>): Html {
  const incident = parameters.get('incident');
  const vault = parameters.get('vault');
  const [first] = policies;
  if (incident !== null)
    return html`<p><a href="${incidentAddress(incident)}">The incident: what to do, and by when</a></p>`;
  if (vault !== null)
    return html`<p><a href="${blastRadiusAddress('vault', vault)}">What would take this down?</a></p>`;
  return first === undefined
    ? html``
    : html`<p><a href="${blastRadiusAddress('policy', first.key)}">What would take this down?</a></p>`;
}

/** In an incident the steps come first, and what else could take it down is folded. */
function operationsHtml(answer: WhoCanAnswer, context: PageContext): Html {
  const { help, operations } = answer;
  const lists = holdersLists(operations);
  const list = pageOfList(lists, LISTS_SHOWN, context.parameters);
  const all = html`${list.shown.map((one) => holdersListHtml(one, answer))}
${pagerHtml(list, lists.length, 'list', context)}`;
  if (operations.length === 0)
    return html`<p>Which operations would take it offline is not known, since the policy could not be read.</p>`;
  if (help === null) return html`<h2>By operation</h2>${all}`;
  return html`<details${list.number > 1 ? html` open` : ''}><summary>Who could take it offline</summary>${all}</details>`;
}
