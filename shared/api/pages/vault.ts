import { html } from 'hono/html';
import { count } from '../../notices/say/words.ts';
import type { vaultEndpoint } from '../status/vault-endpoint.ts';
import { readOnlyText, silencesHtml } from './action-fields.ts';
import { blastRadiusAddress } from './addresses.ts';
import { chainPicture, chainsOf, chainTable } from './chain-picture.ts';
import { stateHtml } from './condition.ts';
import { homeWords } from './home-sentence.ts';
import { incidentItem } from './incident-rows.ts';
import { layout } from './layout.ts';
import type { AnswerOf, Html, Page, PageContext } from './page.ts';
import { pageOfList, pagerHtml } from './paging.ts';
import { plannedSilence } from './planned-silence.ts';
import { nameHtml, plainName, textHtml, timeAndDistance, timeHtml } from './text.ts';
import { presentOf, warningItem } from './warning-rows.ts';

type VaultAnswer = AnswerOf<typeof vaultEndpoint>;

const PAGE_SIZE = 50;

/** One vault: every policy that depends on it, and a silence for a change that is meant. */
export const vaultPage: Page<VaultAnswer> = {
  path: '/vaults/{id}',
  endpoint: 'vault',
  ownParameters: ['page'],
  actions: ['vaultSilence'],
  render(answer, context) {
    const words = homeWords(answer.policies, context.now);
    const open = answer.policies.flatMap(({ id, incident }) =>
      incident ? [{ policyId: id, ...incident }] : [],
    );
    const warnings = presentOf(answer.warnings);
    return layout(
      {
        title: `Vault ${plainName(answer.name, 60)}: ${words.headline}`,
        condition: words.condition,
        isUrgent: open.length > 0,
        asOf: answer.asOf,
        main: html`<section id="top" class="banner ${words.condition}" data-live><div class="actions">${stateHtml(words.condition)}<span>key vault</span></div><h1>${nameHtml(answer.name)}</h1>
<p aria-live="polite"><strong>${textHtml(words.headline)}</strong></p>${words.others.map((sentence) => html`<p>${textHtml(sentence)}</p>`)}
${answer.asOf === null ? '' : html`<p class="quiet">The oldest reading is of ${timeAndDistance(answer.asOf, context.now)}.</p>`}
<p><a href="${blastRadiusAddress('vault', answer.name)}">What would take this down?</a></p></section>
${open.length === 0 ? html`<div id="part-incidents" data-live></div>` : html`<section class="panel" id="part-incidents" data-live aria-labelledby="incidents"><h2 id="incidents">${count(open.length, 'open incident')}</h2><ul class="rows">${open.slice(0, PAGE_SIZE).map((incident) => incidentItem(incident, context.now))}</ul></section>`}
<div class="columns"><div class="column">${chainHtml(answer, context)}</div>
<div class="column">${silenceHtml(answer, context)}<section class="panel" id="part-warnings" data-live aria-labelledby="warnings"><h2 id="warnings">Warnings</h2>${warnings.length === 0 ? html`<p>None.</p>` : html`<ul class="rows">${warnings.slice(0, PAGE_SIZE).map(warningItem)}</ul><p><a href="/warnings">The steps for each</a></p>`}</section>
${factsHtml(answer)}</div></div>`,
      },
      context,
    );
  },
};

function chainHtml({ policies, id }: VaultAnswer, context: PageContext): Html {
  const sorted = chainsOf(policies).flatMap((chain) => chain.policies);
  const list = pageOfList(sorted, PAGE_SIZE, context.parameters);
  const shown = { vaultId: id, policies: list.shown };
  return html`<section class="panel" id="part-chain" data-live aria-labelledby="chain"><h2 id="chain">${count(policies.length, 'policy')}</h2>
${policies.length === 0 ? html`<p>No watched policy has its key in this vault.</p>` : html`${chainPicture(shown, 'chain-picture')}${chainTable(shown, PAGE_SIZE)}${pagerHtml(list, policies.length, 'policy', context, { anchor: '#chain' })}`}</section>`;
}

function silenceHtml({ policies, id, name }: VaultAnswer, context: PageContext): Html {
  const all = policies
    .flatMap(({ silences }) => silences)
    .filter(({ vaultId }) => vaultId?.toLowerCase() === id.toLowerCase());
  // One request silences every policy of the vault: it is one silence to people.
  const own = [...Map.groupBy(all, ({ from, until, why }) => [from, until, why].join('\n')).values()].flatMap(
    (same) => same.slice(0, 1),
  );
  return html`<section class="panel" id="part-actions" data-live aria-labelledby="actions"><h2 id="actions">Planned silence</h2>
${own.length === 0 ? '' : silencesHtml(own, (text) => textHtml(text, 500))}
${
  context.viewer.mayAct
    ? html`<p class="small quiet">For a change of this vault that is meant: no notices about any of its policies meanwhile. A worsening, and a deadline within 24 hours, are reported all the same.</p>${plannedSilence(context, { kind: 'vault', named: name, mayEnd: own.length > 0 })}`
    : readOnlyText(context)
}</section>`;
}

function factsHtml(answer: VaultAnswer): Html {
  const yesNo = (value: boolean | null) => (value === null ? html`not known` : html`${value ? 'yes' : 'no'}`);
  const text = (value: string | null) => (value === null ? html`not known` : nameHtml(value));
  const models = { rbac: 'role assignments (Azure RBAC)', accessPolicies: 'access policies' } as const;
  const rows: [string, Html][] = [
    ...(answer.goneAt === null ? [] : [['Gone since', timeHtml(answer.goneAt)] as [string, Html]]),
    ['Location', text(answer.location)],
    ['Permissions', text(answer.permissionModel && models[answer.permissionModel])],
    ['Soft delete', yesNo(answer.softDelete)],
    ['Purge protection', yesNo(answer.purgeProtection)],
    ['Public access', text(answer.publicNetworkAccess)],
    ['ARM id', html`<code>${plainName(answer.id, 500)}</code>`],
  ];
  return html`<section class="panel" id="part-facts" data-live aria-labelledby="facts"><h2 id="facts">About it, as last read</h2><dl class="facts">${rows.map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl></section>`;
}
