import { html } from 'hono/html';
import { count } from '../../notices/say/words.ts';
import { triggerOf } from '../../triggers/register.ts';
import { environmentAddress, policyAddress } from './addresses.ts';
import type { BlastAnswer } from './blast-radius.ts';
import { type Condition, stateHtml } from './condition.ts';
import type { Html } from './page.ts';
import { nameHtml, textHtml, timeHtml } from './text.ts';

type BlastPolicyAnswer = BlastAnswer['policies'][number];

/** One policy of a blast radius: its environments share one fate, so they are listed once. */
export function blastPolicyHtml(
  policy: BlastPolicyAnswer,

  { condition, word }: { condition: Condition; word: string },
): Html {
  const { name, id, downBy, verdict, environments, restoresLost, protections } = policy;
  return html`<div class="panel"><h3><a href="${policyAddress(id)}">${nameHtml(name)}</a></h3>
<div class="actions">${stateHtml(condition, word)}</div>
${verdict === 'revoked' ? html`<p>It is down now: ${downBy.map((one) => triggerOf(one)?.words ?? one).join('; ')}.</p>` : ''}
${verdict === 'unknown' ? html`<p>Whether it is up now is not known.</p>` : ''}
${environmentsHtml(environments)}
${restoresHtml(restoresLost)}
${protections.length === 0 ? '' : html`<h4>What protects it</h4><ul class="rows">${protections.map(protectionItem)}</ul>`}</div>`;
}

function environmentsHtml({ count: amount, items, isKnown, asOf }: BlastPolicyAnswer['environments']): Html {
  const age = asOf === null ? 'an earlier reading' : html`the list of ${timeHtml(asOf)}`;
  return html`<h4>${amount === 0 ? 'No linked environment' : count(amount, 'environment')}</h4>
${isKnown ? '' : html`<p>${stateHtml('unknown', 'Not read now')} ${amount === 0 ? 'Which environments are linked is not known.' : html`These are of ${age}.`}</p>`}
${isKnown && amount === 0 ? html`<p class="small quiet">A policy can also encrypt tenant-wide platform apps data, which no list of environments shows.</p>` : ''}
${items.length < amount && items.length > 0 ? html`<p class="small quiet">${count(items.length, 'environment')} of them on this page.</p>` : ''}
<ul class="rows">${items.map(
    ({ id, displayName, sku, region, url }) =>
      html`<li><span><a href="${environmentAddress(id)}">${nameHtml(displayName)}</a></span><span class="small quiet">${textHtml(sku, 40)}, ${textHtml(region, 60)}${url === undefined ? '' : html`, ${textHtml(url, 200)}`}</span></li>`,
  )}</ul>`;
}

function restoresHtml({ environments, more, until, isKnown }: BlastPolicyAnswer['restoresLost']): Html {
  if (environments.length + more === 0)
    return isKnown
      ? html``
      : html`<p class="small quiet">Whether environments left this policy in the last 30 days is not known: its list does not show it.</p>`;
  return html`<h4>Restores lost: ${count(environments.length + more, 'environment')}</h4>
<p class="small">They left the policy, and need its key to be restored from backups until ${timeHtml(until)} at the latest.</p>
<ul class="rows">${environments.map(({ id, displayName, leftAt }) => html`<li><a href="${environmentAddress(id)}">${nameHtml(displayName)}</a><span class="small quiet">left ${timeHtml(leftAt)}</span></li>`)}${more > 0 ? html`<li>${count(more, 'more environment')} that left before them</li>` : ''}</ul>`;
}

const PROTECTION: Readonly<
  Record<BlastPolicyAnswer['protections'][number]['is'], readonly [Condition, string]>
> = {
  present: ['fine', 'Protects'],
  missing: ['suspected', 'Missing'],
  unknown: ['unknown', 'Not known'],
};

function protectionItem({ is, text }: BlastPolicyAnswer['protections'][number]): Html {
  const [condition, word] = PROTECTION[is];
  return html`<li><span>${stateHtml(condition, word)}</span><span class="small">${textHtml(text, 500)}</span></li>`;
}
