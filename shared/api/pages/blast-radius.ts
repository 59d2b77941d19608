import { html } from 'hono/html';
import { count } from '../../notices/say/words.ts';
import { triggerOf } from '../../triggers/register.ts';
import type { blastRadiusEndpoint } from '../status/blast-radius-endpoint.ts';
import { whoCanAddress } from './addresses.ts';
import { blastPolicyHtml } from './blast-radius-policy.ts';
import { BLAST_QUESTION, blastScopeWord } from './blast-radius-question.ts';
import { type Condition, stateHtml } from './condition.ts';
import { layout } from './layout.ts';
import type { AnswerOf, Html, Page, PageContext } from './page.ts';
import { confirmedSilence } from './planned-silence.ts';
import { SCOPE_QUESTION_FIELDS, scopeQuestionAddress, scopeQuestionHtml } from './scope-question.ts';
import { nameHtml, plainName, textHtml, timeAndDistance } from './text.ts';

export type BlastAnswer = AnswerOf<typeof blastRadiusEndpoint>;
type Outcome = BlastAnswer['outcome'];
type Operation = BlastAnswer['operations'][number];

const CONDITIONS: Readonly<Record<Outcome, Condition>> = {
  goesDown: 'suspected',
  mayGoDown: 'suspected',
  alreadyDown: 'down',
  unknown: 'unknown',
  refused: 'fine',
  fine: 'fine',
  nothingWatched: 'over',
};
const WORDS: Readonly<Record<Outcome, string>> = {
  goesDown: 'Goes down',
  mayGoDown: 'May go down',
  alreadyDown: 'Down already',
  unknown: 'Not known',
  refused: 'Refused by Azure',
  fine: 'Stays up',
  nothingWatched: 'Nothing watched',
};

/** Before a change: which environments which operation would take down, and what protects them. */
export const blastRadiusPage: Page<BlastAnswer> = {
  path: '/blast-radius',
  endpoint: 'blastRadius',
  ownParameters: SCOPE_QUESTION_FIELDS,
  actions: ['policySilence', 'vaultSilence'],
  leadsTo: (parameters) => scopeQuestionAddress(BLAST_QUESTION, parameters),
  render(answer, context) {
    const { scope, outcome, asOf } = answer;
    const condition = CONDITIONS[outcome];
    const headline = headlineOf(answer);
    return layout(
      {
        title: `${plainName(scope.name, 60)}: ${headline}`,
        condition,
        isUrgent: false,
        isStill: true,
        asOf,
        jsonAddress: `/api/blast-radius?${asked(context)}`,
        main: html`<section id="top" class="banner ${condition}"><div class="actions">${stateHtml(condition, BANNER_WORDS[outcome])}<span>${blastScopeWord(scope.kind).toLowerCase()}</span></div>
<h1>What would take ${nameHtml(scope.name)} down</h1>
<p><strong>${headline}</strong></p>
${sentencesOf(answer).map((sentence) => html`<p>${sentence}</p>`)}
${asOf === null ? '' : html`<p class="quiet">Read ${timeAndDistance(asOf, context.now)}. Nothing was changed.</p>`}
${whoCanHtml(answer, context)}</section>
${answer.cannotJudge.length === 0 ? '' : html`<section class="panel" aria-labelledby="unjudged"><h2 id="unjudged">Not judged</h2><ul class="rows">${answer.cannotJudge.slice(0, 50).map((why) => html`<li>${textHtml(why, 600)}</li>`)}</ul></section>`}
${operationsHtml(answer)}
${answer.policies.length === 0 ? '' : html`<h2>By policy</h2>`}
<div class="chains wide">${answer.policies.map((policy) => blastPolicyHtml(policy, { condition: CONDITIONS[policy.outcome], word: WORDS[policy.outcome] }))}</div>
${pagerOf(answer, context)}
${confirmedSilence(answer, context)}
${scopeQuestionHtml(BLAST_QUESTION, context)}`,
      },
      context,
    );
  },
  renderProblem(problem, context) {
    const isAsked = context.parameters.size > 0;
    return layout(
      {
        title: 'What would take environments down',
        condition: 'over',
        isUrgent: false,
        isStill: true,
        asOf: null,
        jsonAddress: `/api/blast-radius${isAsked ? `?${context.parameters}` : ''}`,
        main: html`<h1>What would take environments down</h1>
<p>Before you change a key vault, a key or its permissions: which Power Platform environments each operation would take offline, and what protects them. Azure is read; nothing is changed.</p>
${isAsked ? html`<p class="note down" role="alert" id="refused"><strong>There is no answer.</strong> ${textHtml(problem.detail, 600)}</p>` : ''}
${scopeQuestionHtml(BLAST_QUESTION, context, isAsked ? problem : undefined)}
<p>The page of each policy and of each vault leads here too. <a href="/">All policies</a></p>`,
      },
      context,
    );
  },
};

/** Of the whole: what is not down yet must not look as if it were. */
const BANNER_WORDS: Readonly<Record<Outcome, string>> = {
  ...WORDS,
  goesDown: 'Can go down',
  mayGoDown: 'May go down',
  refused: 'Protected',
};

function headlineOf({ outcome, counts, operations }: BlastAnswer): string {
  const own = operations.filter((one) => one.outcome === 'goesDown' || one.outcome === 'mayGoDown');
  switch (outcome) {
    case 'goesDown':
    case 'mayGoDown': {
      const how = outcome === 'goesDown' ? 'take' : 'perhaps take';
      return counts.environments === 0
        ? `${count(own.length, 'operation')} would make the key unusable, and no linked environment is known`
        : `${count(own.length, 'operation')} would ${how} up to ${count(counts.environments, 'environment')} of ${count(counts.policiesGoingDown, 'policy')} offline`;
    }
    case 'alreadyDown':
      return 'It is down already';
    case 'unknown':
      return 'It could not be judged completely';
    case 'refused':
      return 'Azure refuses every operation that would take environments offline';
    case 'fine':
      return 'No operation that Lockwatch knows would take environments offline';
    case 'nothingWatched':
      return 'No watched policy depends on it';
  }
}

function sentencesOf({ outcome, counts, policies }: BlastAnswer): string[] {
  const down = policies.filter(({ verdict }) => verdict === 'revoked');
  return [
    ...(outcome === 'nothingWatched'
      ? [
          `None of ${count(counts.policiesCompared, 'watched policy')} uses it. Check the spelling, and whether its subscription is watched, before you take that for safe.`,
        ]
      : []),
    ...(down.length > 0
      ? [
          `Down already: ${down
            .slice(0, 5)
            .map(({ name }) => plainName(name, 60))
            .join(', ')}${down.length > 5 ? ` and ${down.length - 5} more` : ''}.`,
        ]
      : []),
    ...(counts.restoresLost > 0
      ? [
          `Restores lost: ${count(counts.restoresLost, 'environment')} left a policy within 30 days, and could no longer be restored from backups.`,
        ]
      : []),
  ];
}

const isFall = ({ outcome }: Operation) => outcome === 'goesDown' || outcome === 'mayGoDown';

function operationsHtml({ operations, counts, outcome }: BlastAnswer): Html {
  if (operations.length === 0) return html``;
  const grave = operations.filter((one) => isFall(one) || one.outcome === 'unknown');
  const others = operations.filter((one) => !grave.includes(one));
  return html`<section class="panel" aria-labelledby="operations"><h2 id="operations">Which operation takes what down</h2>
${grave.length === 0 ? html`<p>${outcome === 'alreadyDown' ? 'Its environments are offline already, so no operation takes more of them down.' : 'None takes an environment offline.'}</p>` : html`<ul class="rows three">${grave.map(operationItem)}</ul>`}
${others.length === 0 ? '' : html`<h3>${count(others.length, 'operation')} ${others.length === 1 ? 'takes' : 'take'} nothing down</h3><ul class="rows three">${others.map(operationItem)}</ul>`}
${counts.operations > operations.length ? html`<p class="small quiet">${count(counts.operations - operations.length, 'more operation')} of less effect. Ask about one vault or one policy to see all of its own.</p>` : ''}
<p class="small quiet">Locks, purge protection and Azure's own rules count as far as they were read. Azure Policy and conditions of role assignments are not evaluated, and deny assignments only where they reach the policy's identity.</p></section>`;
}

function operationItem(operation: Operation): Html {
  const { outcome, what, triggers, environments, policies, refused, cannotJudge, notes } = operation;
  const words = triggers.map((id) => triggerOf(id)?.words ?? id);
  return html`<li><span><strong>${textHtml(what, 300)}</strong></span><span>${stateHtml(CONDITIONS[outcome], WORDS[outcome])}</span>
<span class="small">${isFall(operation) ? html`${count(environments, 'environment')} of ${count(policies, 'policy')}` : outcome === 'alreadyDown' && words.length > 0 ? 'It would add another cause:' : ''}${words.map((word) => html`<br>${word}`)}${[...refused, ...cannotJudge, ...notes].slice(0, 5).map((text, n) => html`${n > 0 || isFall(operation) ? html`<br>` : ''}${textHtml(text, 400)}`)}</span></li>`;
}

/** One who may only read would be refused there. */
function whoCanHtml({ scope, policies }: BlastAnswer, { viewer }: PageContext): Html {
  const [first] = policies;
  if (!viewer.mayAct || first === undefined) return html``;
  const address =
    scope.kind === 'vault'
      ? whoCanAddress('vault', plainName(scope.name))
      : policies.length === 1
        ? whoCanAddress('policy', first.key)
        : undefined;
  return address === undefined
    ? html`<p>For who can do it, ask about one policy or one vault: <a href="/who-can">Who can take environments down</a></p>`
    : html`<p><a href="${address}">Who can do it?</a></p>`;
}

/** The question, without what a form did and without these. */
function asked({ parameters }: Pick<PageContext, 'parameters'>, ...without: string[]): URLSearchParams {
  return new URLSearchParams([...parameters].filter(([name]) => ![...without, 'done'].includes(name)));
}

function pagerOf({ next, counts }: BlastAnswer, { path, parameters }: PageContext): Html {
  const first = asked({ parameters }, 'after');
  const isFirst = !parameters.has('after');
  if (next === null && isFirst) return html``;
  return html`<nav class="pager" aria-label="Pages of this list">${isFirst ? '' : html`<a href="${path}?${first}">First page</a>`}<span class="small">200 of ${count(counts.environments, 'environment')} on a page</span>${next === null ? '' : html`<a href="${next.replace(/^\/api/, '')}">Next page</a>`}</nav>`;
}
