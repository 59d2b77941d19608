import { html } from 'hono/html';
import type { MessageEnvironment } from '../../notices/say/message.ts';
import { sayPolicies } from '../../notices/say/say-environments.ts';
import { timesIn } from '../../notices/say/say-when.ts';
import { count } from '../../notices/say/words.ts';
import { environmentAddress } from './addresses.ts';
import { type Condition, stateHtml } from './condition.ts';
import { noticeOfIncident, type ShownIncident, sayOptions } from './message.ts';
import type { Html, PageContext } from './page.ts';
import { addressWith, keptFields, pageOfList, pagerHtml, wantedText } from './paging.ts';
import { nameHtml, textHtml } from './text.ts';

/** The list is counted, filtered and paged here: 10,000 environments in one page would be megabytes. */
export const ENVIRONMENT_PARAMETERS = ['find', 'state', 'page'] as const;

const PAGE_SIZE = 50;
type Environment = ShownIncident['environments'][number];

export function incidentEnvironments(answer: ShownIncident, context: PageContext): Html {
  const { parameters } = context;
  const { environments } = answer;
  const counts = Map.groupBy(environments, ({ state }) => state);
  const find = wantedText(parameters);
  const wanted = STATES.find(([state]) => state === parameters.get('state'))?.[0];
  const chosen = environments
    .filter((one) => wanted === undefined || one.state === wanted)
    .filter((one) => find === '' || isFound(one, find))
    .sort(byUrgency);
  const list = pageOfList(chosen, PAGE_SIZE, parameters);
  const heading = environments.length === 0 ? 'Environments' : count(environments.length, 'environment');
  return html`<section class="panel" aria-labelledby="environments" id="part-environments" data-live><h2 id="environments">${heading}</h2>
${environments.length === 0 ? html`<p>${emptyText(answer)}</p>` : ''}
${environments.length < answer.environmentCount ? html`<p>${count(answer.environmentCount, 'environment')} are affected; ${environments.length === 0 ? 'their names' : 'the names of the others'} could not be read.</p>` : ''}
<p class="counts">${STATES.map(([state, condition, word]) => {
    const amount = counts.get(state)?.length ?? 0;
    if (amount === 0) return '';
    const label = stateHtml(
      condition,
      `${count(amount, 'environment').replace(/ environments?$/, '')} ${wordIn(answer, state, word)}`,
    );
    if (counts.size === 1) return label;
    return html`<a href="${addressWith(context, { state: wanted === state ? '' : state, page: '' }, '#environments')}"${wanted === state ? html` aria-current="true"` : ''}>${label}</a>`;
  })}</p>
${environments.length > 10 || find !== '' ? filterForm(context, find) : ''}
${chosen.length === 0 && environments.length > 0 ? html`<p>No environment of this incident matches. <a href="${addressWith(context, { find: '', state: '', page: '' }, '#environments')}">Show all of them</a></p>` : ''}
<ul class="rows three">${rowsOf(list.shown, answer, context)}</ul>
${pagerHtml(list, chosen.length, 'environment', context, { anchor: '#environments' })}
${originHtml(answer)}
</section>`;
}

const STATES: readonly [Environment['state'], Condition, string][] = [
  ['locked', 'down', 'offline'],
  ['awaitingReEnable', 'restored', 'not enabled yet'],
  ['deleted', 'down', 'deleted'],
  ['unknown', 'unknown', 'not known'],
  ['enabled', 'fine', 'enabled'],
];
const ORDER = STATES.map(([state]) => state);

function wordIn(answer: ShownIncident, state: Environment['state'], word: string): string {
  if (answer.drill && state !== 'enabled') return 'in this drill';
  return state === 'locked' && answer.state === 'suspected' ? 'may be locked' : word;
}

function isFound({ displayName, id, sku, region }: Environment, find: string): boolean {
  return [displayName, id, sku, region].some((text) => text.toLowerCase().includes(find));
}

function byUrgency(a: Environment, b: Environment): number {
  const order = ORDER.indexOf(a.state) - ORDER.indexOf(b.state);
  if (order !== 0) return order;
  const [from, other] = [a.mayBeDeletedFrom ?? '~', b.mayBeDeletedFrom ?? '~'];
  if (from !== other) return from < other ? -1 : 1;
  return a.displayName < b.displayName ? -1 : 1;
}

function filterForm(context: PageContext, find: string): Html {
  return html`<form class="filter" method="get" action="${context.path}#environments" role="search">${keptFields(context.parameters, ['state'])}<label>Find by name, id, kind or region<input type="search" name="find" value="${find}" maxlength="200"></label><button>Find</button></form>`;
}

/** The words of each state are the notice's. Asked as of a notice of the end, which leaves nothing out. */
function rowsOf(shown: readonly Environment[], answer: ShownIncident, { now, links }: PageContext): Html {
  const notice = noticeOfIncident(answer, now, shown);
  const incidents = notice.incidents.flatMap((one) =>
    one.environments.map((environment) => ({ ...one, environments: [environment] })),
  );
  const policies = sayPolicies({ ...notice, reason: 'closed', incidents }, sayOptions(links), TIMES);
  return html`${shown.map((environment, index) => {
    const words = policies[index]?.environments[0];
    return words ? rowHtml(environment, words, answer) : '';
  })}`;
}
const TIMES = timesIn();

function rowHtml({ id, state }: Environment, words: MessageEnvironment, answer: ShownIncident): Html {
  const condition: Condition =
    answer.state === 'suspected' && state === 'locked'
      ? 'suspected'
      : (STATES.find(([one]) => one === state)?.[1] ?? 'unknown');
  return html`<li><span><a href="${environmentAddress(id)}">${nameHtml(words.name)}</a></span><span>${stateHtml(condition, words.state)}</span><span class="small quiet">${textHtml(words.sku, 40)}, ${textHtml(words.region, 60)}${words.deletedFrom === undefined ? '' : html`; may be deleted from ${words.deletedFrom}`}${words.url === undefined ? '' : html`; <a href="${words.url}" rel="noreferrer">admin center</a>`}</span></li>`;
}

function emptyText({ noEnvironments }: ShownIncident): string {
  return noEnvironments
    ? 'No environment is known to be linked to this policy.'
    : 'Which environments these are could not be read, and no earlier list is known.';
}

function originHtml({ environmentsAsOf, environmentsSource }: ShownIncident): Html {
  if (environmentsAsOf === null) return html``;
  return environmentsSource === 'inventory'
    ? html`<p class="small quiet">From your inventory, of ${textHtml(environmentsAsOf)}. It does not say whether an environment is enabled.</p>`
    : html`<p class="small quiet">From Power Platform's own list, of ${textHtml(environmentsAsOf)}.</p>`;
}
