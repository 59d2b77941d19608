import { html } from 'hono/html';
import type { Message, MessageStep } from '../../notices/say/message.ts';
import { nameInId } from '../../triggers/policy-chain.ts';
import { policyAddress } from './addresses.ts';
import { deadlineBar } from './bars.ts';
import { type Condition, conditionOfIncident, incidentWord, stateHtml } from './condition.ts';
import type { ShownIncident } from './message.ts';
import type { Html, PageContext } from './page.ts';
import { stepHtml } from './steps.ts';
import { nameHtml, textHtml, timeAndDistance } from './text.ts';

const WHAT_TO_DO = 'What to do: ';

/** The headline, the facts, and the first thing to do. */
export function incidentTop(answer: ShownIncident, message: Message, context: PageContext): Html {
  const condition = conditionOfIncident(answer);
  return html`<section id="top" class="banner two ${condition}" data-live>
<div class="whole actions">${stateHtml(condition, incidentWord(answer))}<span>policy <a href="${policyAddress(answer.policyId)}">${nameHtml(nameInId(answer.policyId))}</a></span>${answer.drill ? html`<strong>A drill: nothing here is real.</strong>` : ''}</div>
<h1 class="whole" aria-live="polite">${textHtml(message.title, 200)}</h1>
<dl class="facts first">${factsHtml(firstFacts(answer, message, context))}</dl>
${nextHtml(answer, message, condition, context)}
<dl class="facts more">${factsHtml(moreFacts(message))}</dl>
</section>`;
}

type Fact = readonly [label: string, value: Html];

/** What a person must know before the first command. */
function firstFacts(answer: ShownIncident, message: Message, { now }: PageContext): Fact[] {
  const { openedAt, recoverBy, causes, state } = answer;
  // The summary reports an earlier reading in the present tense.
  const isPresent = state === 'revoked' || state === 'suspected';
  const why = isPresent ? causes[0]?.summary : glanceOf(message, 'Cause');
  const by = glanceOf(message, 'By when');
  return [
    ['Since', timeAndDistance(openedAt, now)],
    ...(why === undefined ? [] : [[isPresent ? 'Why' : 'It was', textHtml(why, 300)] as const]),
    ...(by === undefined || recoverBy === null
      ? []
      : [
          [
            'May be deleted',
            html`<div class="bar"><span>${textHtml(by)}</span>${deadlineBar(openedAt, recoverBy, now, 'Time to save them')}</div>`,
          ] as const,
        ]),
  ];
}

/** In the headline, or among the first facts with more than the notice's words. */
const NOT_AGAIN: ReadonlySet<string> = new Set(['Cause', 'Since', 'By when', 'Environments']);

function moreFacts(message: Message): Fact[] {
  const environments = glanceOf(message, 'Environments');
  return [
    ...message.glance
      .filter(({ label }) => !NOT_AGAIN.has(label))
      .map(({ label, value }) => [label, textHtml(value, 300)] as const),
    ...(environments === undefined
      ? []
      : [['Environments', html`<a href="#environments">${textHtml(environments, 400)}</a>`] as const]),
  ];
}

function glanceOf({ glance }: Message, label: string): string | undefined {
  return glance.find((one) => one.label === label)?.value;
}

function factsHtml(facts: readonly Fact[]): Html {
  return html`${facts.map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}`;
}

/** Who takes it; then the first step with a command, or where none has one, the first step. */
function nextHtml(answer: ShownIncident, message: Message, condition: Condition, context: PageContext): Html {
  const lead = message.lead.filter((sentence) => !sentence.startsWith(WHAT_TO_DO));
  const todo =
    message.lead.find((sentence) => sentence.startsWith(WHAT_TO_DO))?.slice(WHAT_TO_DO.length) ??
    (condition === 'restored' ? message.sections.find(({ id }) => id === 'next')?.texts[0] : undefined);
  const steps = message.sections.find(({ id }) => id === 'remediation')?.steps ?? [];
  const first: MessageStep | undefined = steps.find(({ command }) => command !== undefined) ?? steps[0];
  const step = condition === 'over' ? undefined : first;
  const todoHtml = todo === undefined ? '' : html`<p><strong>What to do:</strong> ${textHtml(todo)}</p>`;
  return html`<div class="next">
${condition === 'over' ? '' : takeIt(answer, context)}
${step === undefined ? todoHtml : html`<h2 class="unseen">The first step</h2>${stepHtml(step, 'first-command')}`}
${steps.length > 1 && step !== undefined ? html`<p class="small"><a href="#remediation">All ${steps.length} steps</a></p>` : ''}
${step === undefined ? '' : todoHtml}
${lead.map((sentence) => html`<p class="small">${textHtml(sentence)}</p>`)}
</div>`;
}

/** One tap where the sign-in says who it is; otherwise the form below asks for a name. */
function takeIt({ acknowledged }: ShownIncident, { viewer, path }: PageContext): Html {
  if (!viewer.mayAct) return html``;
  const others = html`<a class="button" href="#silence">Silence…</a>`;
  if (acknowledged !== null) return html`<div class="actions">${others}</div>`;
  const take =
    viewer.name === undefined
      ? html`<a class="button" href="#acknowledge">Acknowledge…</a>`
      : html`<form method="post" action="${path}"><button class="main" name="action" value="acknowledge">Acknowledge</button></form>`;
  return html`<div class="actions">${take}${others}</div>`;
}
