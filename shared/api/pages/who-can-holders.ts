import { html } from 'hono/html';
import { armIdParts } from '../../azure/arm-id.ts';
import { count } from '../../notices/say/words.ts';
import { stateHtml } from './condition.ts';
import type { Html } from './page.ts';
import { nameHtml, plainName, textHtml } from './text.ts';
import type { WhoCanAnswer } from './who-can.ts';

export type ShownHolder = WhoCanAnswer['operations'][number]['holders'][number];
type ShownSource = ShownHolder['through'][number];
type ShownPrincipal = WhoCanAnswer['principals'][number];

/** Of each way to hold the right; the rest is counted. */
const HOLDERS_SHOWN = 25;
const SOURCES_SHOWN = 5;

const WAYS: readonly (readonly [how: ShownHolder['how'], title: string])[] = [
  ['now', 'Can do it now'],
  ['afterActivation', 'Can do it after activating a role that they are eligible for'],
  ['inTwoSteps', 'Can do it in two steps: they give themselves the right first'],
];

/** Who holds a right, those first who can act at once. A list that may be short says so before it names anybody. */
export function holdersHtml(
  { unknown, holders }: { unknown: string | null; holders: readonly ShownHolder[] },
  principals: readonly ShownPrincipal[],
): Html {
  const byId = new Map(principals.map((one) => [one.id, one]));
  // Who looks for help calls a name, and not an object id.
  const isNamed = ({ principalId }: ShownHolder) => Number(byId.get(principalId)?.name != null);
  return html`${unknown === null ? '' : html`<p>${stateHtml('unknown', 'May be short')} ${textHtml(unknown, 500)}</p>`}
${holders.length > 0 ? '' : html`<p>${unknown === null ? 'Nobody that Lockwatch can see.' : 'Who it is could not be read.'}</p>`}
${WAYS.map(([how, title]) => {
  const all = holders.filter((one) => one.how === how).sort((one, other) => isNamed(other) - isNamed(one));
  if (all.length === 0) return '';
  const more = all.length - HOLDERS_SHOWN;
  return html`<h4>${title}: ${all.length}</h4><ul class="rows even">${all.slice(0, HOLDERS_SHOWN).map((one) => holderItem(one, byId.get(one.principalId)))}${more > 0 ? html`<li>${count(more, 'more principal')}, whom the API lists</li>` : ''}</ul>`;
})}`;
}

function holderItem(
  { principalId, through, perhapsDenied }: ShownHolder,
  principal: ShownPrincipal | undefined,
): Html {
  const shown = through.slice(0, SOURCES_SHOWN);
  const more = through.length - shown.length;
  return html`<li><span>${principal?.name == null ? html`<code>${plainName(principalId)}</code>` : html`<strong>${nameHtml(principal.name)}</strong>`}<br><span class="small quiet">${kindOf(principal)}${principal?.name == null ? '' : html`, <code>${plainName(principalId)}</code>`}</span></span>
<span class="small">${shown.map((source, n) => html`${n > 0 ? html`<br>` : ''}${sourceHtml(source)}`)}${more > 0 ? html`<br>and ${count(more, 'more assignment')}` : ''}${perhapsDenied.length === 0 ? '' : html`<br>A deny assignment may take it away, which only Azure can tell: ${perhapsDenied.slice(0, SOURCES_SHOWN).map((name, n) => html`${n > 0 ? ', ' : ''}${nameHtml(name)}`)}`}</span></li>`;
}

const KINDS: Readonly<Record<string, string>> = {
  user: 'person',
  serviceprincipal: 'application or managed identity',
};

function kindOf(principal: ShownPrincipal | undefined): Html {
  if (principal?.isGroup) return html`<strong>group</strong>: everyone in it`;
  const type = principal?.type ?? null;
  if (type === null) return html`person, application or group: the access policy does not say which`;
  return html`${KINDS[type.toLowerCase()] ?? textHtml(type, 60)}`;
}

function sourceHtml({ by, scope, roleName, condition, application }: ShownSource): Html {
  const what = by === 'accessPolicy' ? html`Access policy` : nameHtml(roleName ?? 'A role without a name');
  return html`${what}${by === 'eligibleRole' ? ' (eligible)' : ''} at ${placeHtml(scope)}${application === undefined ? '' : html`, only through the application <code>${plainName(application)}</code>`}${condition === undefined ? '' : html`<details><summary>Under a condition, which is not judged</summary><code>${textHtml(condition, 2000)}</code></details>`}`;
}

const PLACES: readonly (readonly [pattern: RegExp, word: string])[] = [
  [/^\/subscriptions\/[^/]+$/i, 'subscription'],
  [/\/managementGroups\/[^/]+$/i, 'management group'],
  [/\/resourceGroups\/[^/]+$/i, 'resource group'],
  [/\/vaults\/[^/]+$/i, 'key vault'],
  [/\/keys\/[^/]+$/i, 'key'],
  [/\/enterprisePolicies\/[^/]+$/i, 'enterprise policy'],
];

/** The scope of an assignment in words; an ARM id that is none of these as it is. */
function placeHtml(scope: string): Html {
  if (scope === '/' || scope === '') return html`the root of the tenant`;
  const word = PLACES.find(([pattern]) => pattern.test(scope))?.[1];
  return word === undefined ? nameHtml(scope, 500) : html`${word} ${nameHtml(armIdParts(scope).name)}`;
}
