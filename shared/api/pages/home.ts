import { html } from 'hono/html';
import { count } from '../../notices/say/words.ts';
import type { statusEndpoint } from '../status/status-endpoint.ts';
import { vaultAddress } from './addresses.ts';
import {
  chainPicture,
  chainsOf,
  chainTable,
  chainVaultName,
  conditionOfChain,
  type VaultChain,
} from './chain-picture.ts';
import { stateHtml } from './condition.ts';
import { daysHtml } from './days.ts';
import { channelsHtml, gapsHtml } from './health-parts.ts';
import { homeWords } from './home-sentence.ts';
import { incidentItem } from './incident-rows.ts';
import { layout } from './layout.ts';
import type { AnswerOf, Html, Page, PageContext } from './page.ts';
import { addressWith, keptFields, pageOfList, pagerHtml, wantedText } from './paging.ts';
import { conditionOfPolicy, type StatusPolicy } from './policy-condition.ts';
import { distanceHtml, nameHtml, textHtml } from './text.ts';
import { warningItem, warningsOf } from './warning-rows.ts';

type HomeAnswer = AnswerOf<typeof statusEndpoint>;

const CHAINS_SHOWN = 12;
const INCIDENTS_SHOWN = 20;
const WARNINGS_SHOWN = 5;
const OWN_PARAMETERS = ['find', 'page'] as const;

/** The whole tenant: one sentence that is true, and then what is behind it. */
export const homePage: Page<HomeAnswer> = {
  path: '/',
  endpoint: 'status',
  ownParameters: OWN_PARAMETERS,
  actions: [],
  render(answer, context) {
    const { policies } = answer;
    const words = homeWords(policies, context.now);
    return layout(
      {
        title: words.headline,
        condition: words.condition,
        isUrgent: policies.some(({ incident }) => incident !== null),
        asOf: answer.asOf,
        main: html`<section id="top" class="banner ${words.condition}" data-live>
${stateHtml(words.condition)}
<h1 aria-live="polite">${textHtml(words.headline)}</h1>
${words.others.map((sentence) => html`<p>${textHtml(sentence)}</p>`)}
${answer.asOf === null ? '' : html`<p class="quiet">Checked ${distanceHtml(answer.asOf, context.now)}.${filterText(context)}</p>`}
</section>
${incidentsHtml(policies, context)}
${gapsHtml(answer.currentGaps, context.now)}
${chainsHtml(policies, context)}
<div class="columns">
<div class="column">${warningsHtml(policies)}</div>
<div class="column">${channelsHtml(answer.channels, context.now)}${daysHtml(answer.days)}</div>
</div>`,
      },
      context,
    );
  },
};

/** The endpoint's own filters narrow the sentence: it must not read as if it were about everything. */
function filterText(context: PageContext): Html {
  const active = ['environment', 'policy', 'vault'].flatMap((name) => {
    const value = context.parameters.get(name);
    return value === null ? [] : [html`${name} ${nameHtml(value, 80)}`];
  });
  if (active.length === 0) return html``;
  return html` Only of ${active.map((one, index) => html`${index > 0 ? ', ' : ''}${one}`)}. <a href="/">Show everything</a>`;
}

function incidentsHtml(policies: readonly StatusPolicy[], { now }: PageContext): Html {
  const open = policies
    .flatMap(({ id, incident }) => (incident ? [{ policyId: id, ...incident }] : []))
    .sort((a, b) => (a.openedAt < b.openedAt ? -1 : 1));
  if (open.length === 0) return html`<div id="part-incidents" data-live></div>`;
  return html`<section class="panel" id="part-incidents" data-live aria-labelledby="incidents"><h2 id="incidents">${count(open.length, 'open incident')}</h2>
<ul class="rows">${open.slice(0, INCIDENTS_SHOWN).map((incident) => incidentItem(incident, now))}</ul>
${open.length > INCIDENTS_SHOWN ? html`<p><a href="/incidents?state=open">All ${open.length} open incidents</a></p>` : ''}</section>`;
}

/** Pictures of the gravest vaults first; a filter and pages where there are many. */
function chainsHtml(policies: readonly StatusPolicy[], context: PageContext): Html {
  const all = chainsOf(policies);
  if (all.length === 0) return html``;
  const find = wantedText(context.parameters);
  const chosen = find === '' ? all : all.filter((chain) => isFound(chain, find));
  const list = pageOfList(chosen, CHAINS_SHOWN, context.parameters);
  const fine = all.filter((chain) => conditionOfChain(chain) === 'fine').length;
  return html`<section class="panel" id="part-vaults" data-live aria-labelledby="vaults"><h2 id="vaults">${count(all.length, 'vault')}</h2>
${all.length > 1 ? html`<p>${fine === all.length ? 'The chain of each is whole.' : `${fine} of them ${fine === 1 ? 'is' : 'are'} fine; the gravest come first.`}</p>` : ''}
${all.length > CHAINS_SHOWN || find !== '' ? html`<form class="filter" method="get" action="/#vaults" role="search">${keptFields(context.parameters, ['environment', 'policy', 'vault'])}<label>Find a vault or a policy<input type="search" name="find" value="${find}" maxlength="200"></label><button>Find</button></form>` : ''}
${chosen.length === 0 ? html`<p>No vault or policy has this in its name. <a href="${addressWith(context, { find: '', page: '' }, '#vaults')}">Show all of them</a></p>` : ''}
<div class="chains">${list.shown.map((chain, index) => chainHtml(chain, `chain-${list.from + index + 1}`))}</div>
${pagerHtml(list, chosen.length, 'vault', context, { anchor: '#vaults' })}
</section>`;
}

function chainHtml(chain: VaultChain, id: string): Html {
  const name = chainVaultName(chain);
  return html`<div class="column"><h3>${chain.vaultId === null ? nameHtml(name) : html`<a href="${vaultAddress(chain.vaultId)}">${nameHtml(name)}</a>`}</h3>
${chainPicture(chain, id)}<details><summary>As a table<span class="unseen"> of vault ${name}</span></summary>${chainTable(chain)}</details></div>`;
}

function isFound({ vaultId, policies }: VaultChain, find: string): boolean {
  return (
    (vaultId ?? '').toLowerCase().includes(find) ||
    policies.some(({ name, id }) => name.toLowerCase().includes(find) || id.toLowerCase().includes(find))
  );
}

function warningsHtml(policies: readonly StatusPolicy[]): Html {
  const warnings = warningsOf(policies);
  const doubtful = policies.filter((policy) => conditionOfPolicy(policy) === 'unknown').length;
  return html`<section class="panel" id="part-warnings" data-live aria-labelledby="warnings"><h2 id="warnings">Warnings</h2>
${warnings.length === 0 ? html`<p>Nothing that could take environments offline was found${doubtful > 0 ? ' where it could be read' : ''}.</p>` : html`<p>Nothing is offline because of these.</p>`}
<ul class="rows">${warnings.slice(0, WARNINGS_SHOWN).map(warningItem)}</ul>
${warnings.length > WARNINGS_SHOWN ? html`<p><a href="/warnings">All ${count(warnings.length, 'warning')}, with the steps for each</a></p>` : warnings.length > 0 ? html`<p><a href="/warnings">The steps for each</a></p>` : ''}</section>`;
}
