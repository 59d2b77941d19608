import { html } from 'hono/html';
import { count } from '../../notices/say/words.ts';
import { triggerOf } from '../../triggers/register.ts';
import type { policyEndpoint } from '../status/policy-endpoint.ts';
import { actionFields, readOnlyText, silencesHtml } from './action-fields.ts';
import { blastRadiusAddress, incidentAddress, vaultAddress } from './addresses.ts';
import { chainPicture, chainTable } from './chain-picture.ts';
import { conditionOfVerdict, stateHtml } from './condition.ts';
import { ENVIRONMENT_LIST_PARAMETERS, environmentListHtml } from './environment-list.ts';
import { homeWords } from './home-sentence.ts';
import { incidentItem } from './incident-rows.ts';
import { layout } from './layout.ts';
import type { AnswerOf, Html, Page, PageContext } from './page.ts';
import { plannedSilence } from './planned-silence.ts';
import { policyWord } from './policy-condition.ts';
import { remediationHtml } from './steps.ts';
import { nameHtml, plainName, textHtml, timeAndDistance, timeHtml } from './text.ts';
import { severityHtml } from './warning-rows.ts';

type PolicyPageAnswer = AnswerOf<typeof policyEndpoint>;

/** One enterprise policy: what its chain reads as, what people may do about it, and its environments. */
export const policyPage: Page<PolicyPageAnswer> = {
  path: '/policies/{id}',
  endpoint: 'policy',
  ownParameters: ENVIRONMENT_LIST_PARAMETERS,
  actions: ['check', 'policySilence'],
  render(answer, context) {
    const words = homeWords([answer], context.now);
    const condition = answer.supported ? words.condition : 'over';
    return layout(
      {
        title: `Policy ${plainName(answer.name, 80)}: ${words.headline}`,
        condition,
        isUrgent: answer.incident !== null,
        asOf: answer.asOf,
        main: html`<section id="top" class="banner ${condition}" data-live>
<div class="actions">${stateHtml(condition, policyWord(answer))}<span>enterprise policy</span></div>
<h1>${nameHtml(answer.name)}</h1>
<p aria-live="polite"><strong>${textHtml(words.headline)}</strong></p>
${answer.incident === null ? '' : html`<p><a href="${incidentAddress(answer.incident.id)}"><strong>The incident: what to do, and by when</strong></a></p>`}
<p class="quiet">Read ${timeAndDistance(answer.readAt, context.now)}.</p>
<p><a href="${blastRadiusAddress('policy', answer.key)}">What would take this down?</a></p>
</section>
${answer.incident === null ? html`<div id="part-incident" data-live></div>` : html`<section class="panel" id="part-incident" data-live><h2>Open incident</h2><ul class="rows">${incidentItem({ policyId: answer.id, ...answer.incident }, context.now)}</ul></section>`}
<div class="columns">
<div class="column">${chainHtml(answer)}${environmentListHtml(answer.environments, context)}</div>
<div class="column">${formsHtml(answer, context)}${findingsHtml(answer)}${warningsHtml(answer)}${partsHtml(answer, context)}${versionsHtml(answer, context)}${factsHtml(answer)}</div>
</div>`,
      },
      context,
    );
  },
};

function chainHtml(answer: PolicyPageAnswer): Html {
  const chain = { vaultId: answer.vaultId, policies: [answer] };
  return html`<section class="panel" id="part-chain" data-live aria-labelledby="chain"><h2 id="chain">Its chain</h2>${chainPicture(chain, 'chain-picture')}<details><summary>As a table</summary>${chainTable(chain)}</details></section>`;
}

function formsHtml({ silences, key }: PolicyPageAnswer, context: PageContext): Html {
  return html`<section class="panel" id="part-actions" data-live aria-labelledby="actions"><h2 id="actions">Act on it</h2>
${silences.length === 0 ? '' : html`<h3>Silences, in force or planned</h3>${silencesHtml(silences, (text) => textHtml(text, 500))}`}
${
  context.viewer.mayAct
    ? html`${actionFields(context, { id: 'check', button: 'Check now', isMain: false })}
<h3>Planned silence</h3><p class="small quiet">For a change that is meant: no notices about this policy meanwhile. A worsening, and a deadline within 24 hours, are reported all the same.</p>
${plannedSilence(context, { kind: 'policy', named: key, mayEnd: silences.length > 0 })}`
    : readOnlyText(context)
}</section>`;
}

function findingsHtml({ findings }: PolicyPageAnswer): Html {
  const own = findings.filter(({ follows }) => follows === null);
  const doubtful = own.filter(({ verdict }) => verdict === 'unknown');
  const found = own.filter(({ verdict }) => verdict !== 'unknown');
  return html`<section class="panel" id="part-findings" data-live aria-labelledby="findings"><h2 id="findings">Findings</h2>
${own.length === 0 ? html`<p>No trigger has tripped, and none is in doubt.</p>` : ''}
${found.length === 0 ? '' : html`<ul class="rows">${found.map(findingRow)}</ul>`}
${doubtful.length === 0 ? '' : html`<p>${stateHtml('unknown')} Whether ${count(doubtful.length, 'trigger')} tripped can't be judged from what was read.</p><details><summary>Which, and why</summary><ul class="rows">${doubtful.map(findingRow)}</ul></details>`}</section>`;
}

function findingRow({ trigger, verdict, summary, evidence }: PolicyPageAnswer['findings'][number]): Html {
  const word = verdict === 'revoked' ? 'Found' : verdict === 'suspected' ? 'Suspected' : undefined;
  return html`<li><div class="actions">${stateHtml(conditionOfVerdict(verdict), word)}<strong>${triggerOf(trigger)?.words ?? trigger}</strong></div><span>${textHtml(summary, 600)}</span>${evidence.length === 0 ? '' : html`<ul class="small quiet">${evidence.slice(0, 10).map(({ text, readAt }) => html`<li>${textHtml(text, 400)}; read at ${timeHtml(readAt)}</li>`)}</ul>`}</li>`;
}

function warningsHtml({ advisories, advisoriesAsOf, warnings }: PolicyPageAnswer): Html {
  const present = advisories.filter(({ verdict }) => verdict === 'present');
  return html`<section class="panel" id="part-warnings" data-live aria-labelledby="warnings"><h2 id="warnings">Warnings</h2>
${present.length + warnings.length === 0 ? html`<p>${advisoriesAsOf === null ? 'Nothing was checked yet.' : 'None.'}</p>` : ''}
${warnings.map((warning) => html`<p>${textHtml(warning)}</p>`)}
<ul class="rows">${present.map(
    ({ severity, summary, remediation }, index) =>
      html`<li><div>${severityHtml(severity)} ${textHtml(summary, 600)}</div>${remediation.length === 0 ? '' : html`<details><summary>How to fix it</summary>${remediationHtml(remediation, `warning-${index + 1}`)}</details>`}</li>`,
  )}</ul></section>`;
}

const PARTS: Readonly<Record<string, string>> = {
  policy: 'The policy',
  vault: 'The key vault',
  deletedVault: 'The deleted vault',
  key: 'The key',
  permission: 'The permission on the key',
  environments: 'The environments',
};

/** Whether each part of the chain could be read: what was not read is not known, and not fine. */
function partsHtml({ parts }: PolicyPageAnswer, { now }: PageContext): Html {
  const own = Object.entries(parts).filter(
    ([, { reason }]) => reason !== 'follows' && reason !== 'notSupported',
  );
  return html`<section class="panel" id="part-parts" data-live aria-labelledby="parts"><h2 id="parts">What was read</h2><ul class="rows two">${own.map(
    ([part, { state, reason, detail, readAt }]) =>
      html`<li><span>${stateHtml(state === 'known' ? 'fine' : state === 'gone' ? 'down' : 'unknown', state === 'known' ? 'read' : state === 'gone' ? 'gone' : 'not read')}</span><span>${PARTS[part] ?? part}<br><span class="small quiet">${timeAndDistance(readAt, now)}${state === 'unknown' ? html`: ${textHtml(detail ?? reason, 500)}` : ''}</span></span></li>`,
  )}</ul></section>`;
}

const VERSIONS_SHOWN = 12;

function versionsHtml({ keyVersions }: PolicyPageAnswer, { now }: PageContext): Html {
  if (keyVersions.length === 0) return html``;
  return html`<section class="panel" id="part-versions" data-live aria-labelledby="versions"><h2 id="versions">Key versions</h2><ul class="rows">${keyVersions
    .slice(0, VERSIONS_SHOWN)
    .map(
      ({ version, enabled, expires }) =>
        html`<li><div class="actions">${stateHtml(enabled ? 'fine' : 'down', enabled ? 'enabled' : 'disabled')}<code>${plainName(version, 80)}</code></div><span class="small quiet">${expires === null ? 'It does not expire' : html`Expires ${timeAndDistance(expires, now)}`}</span></li>`,
    )}</ul></section>`;
}

function factsHtml({
  id,
  key,
  vaultId,
  keyName,
  keyVersion,
  geo,
  healthStatus,
  principalId,
}: PolicyPageAnswer): Html {
  const rows: [string, Html][] = [
    [
      'Vault',
      vaultId === null
        ? html`not known`
        : html`<a href="${vaultAddress(vaultId)}">${nameHtml(vaultId.split('/').at(-1))}</a>`,
    ],
    ['Key', keyName === null ? html`not known` : nameHtml(keyName)],
    ['Version', keyVersion === null ? html`the current one` : nameHtml(keyVersion)],
    ['Geo', geo === null ? html`not known` : nameHtml(geo)],
    ['Health', healthStatus === null ? html`not known` : nameHtml(healthStatus)],
    ['Identity', principalId === null ? html`not known` : html`<code>${plainName(principalId)}</code>`],
    ['Key in addresses', html`<code>${key}</code>`],
    ['ARM id', html`<code>${plainName(id, 500)}</code>`],
    ['Its incidents', html`<a href="/incidents?policy=${key}">All incidents of this policy</a>`],
  ];
  return html`<section class="panel" aria-labelledby="facts"><h2 id="facts">About it</h2><dl class="facts">${rows.map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl></section>`;
}
