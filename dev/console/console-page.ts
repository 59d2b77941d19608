import { html, raw } from 'hono/html';
import { TRIGGER_IDS } from '../../shared/triggers/finding.ts';
import { SCENARIOS } from '../azure-simulator/scenarios/register.ts';
import type { ScenarioAnswer, SimulatorState } from '../azure-simulator/state.ts';
import type { OpenIncident, OperatorRequest } from './operator.ts';
import { type PolicyForPeople, stateForPeople } from './state-for-people.ts';

const STYLE = `
  :root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif; }
  body { margin: 1.5rem auto; max-width: 76rem; padding: 0 1rem; }
  h1 { font-size: 1.4rem; margin: 0 } h2 { font-size: 1.05rem; margin: 1.6rem 0 .4rem }
  table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .35rem .6rem; vertical-align: top;
  border-bottom: 1px solid color-mix(in srgb, currentColor 18%, transparent) }
  .down { color: light-dark(#b00020, #ff8a80); font-weight: 600 } .up { color: light-dark(#1b6e2f, #8fd39f) }
  .muted { opacity: .75 } select, button { font: inherit; padding: .15rem .4rem } form { display: inline-block; margin: 0 0 .2rem }
  iframe { width: 100%; height: 44rem; border: 1px solid color-mix(in srgb, currentColor 25%, transparent) }
  .receivers { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)) }
  @media (max-width: 640px) { table, tbody, tr, td { display: block } thead { display: none } }`;

// Reloads the two tables every two seconds, unless one of their controls has the focus, and keeps the
// selections.
const SCRIPT = `
  const result = document.getElementById('result');
  document.addEventListener('submit', async (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    result.textContent = 'Doing it …';
    if (form.has('operate')) {
      const asked = { action: form.get('operate'), ...(form.has('id') ? { id: form.get('id') } : {}) };
      const done = await (await fetch('/lockwatch', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(asked) })).json();
      result.textContent = done.error ? done.error.message : done.said + '. The same from a shell: ' + done.command;
      document.activeElement.blur();
      return refresh();
    }
    const answer = await fetch('/scenarios/' + encodeURIComponent(form.get('scenario')), {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ policy: form.get('policy') }) });
    const body = await answer.json();
    result.textContent = answer.ok
      ? [body.scenario + ': ' + (body.events.map((e) => (e.operation || e.type) + ' → ' + e.delivered).join(', ') || 'no event: ' + body.silent), body.note].filter(Boolean).join('. ')
      : body.error.message;
    document.activeElement.blur();
    await refresh();
  });
  async function refresh() {
    const page = new DOMParser().parseFromString(await (await fetch('/')).text(), 'text/html');
    if (document.activeElement.closest('form')) return;
    const chosen = [...document.querySelectorAll('select')].map(({ id, value }) => [id, value]);
    for (const id of ['policies', 'incidents', 'happened']) document.getElementById(id).replaceWith(page.getElementById(id));
    for (const [id, value] of chosen) if (document.getElementById(id)) document.getElementById(id).value = value;
  }
  setInterval(() => refresh().catch(() => { result.textContent = 'The Azure simulator does not answer.'; }), 2000);`;

/** The addresses that the page links to: the receivers, and Lockwatch. */
export interface ConsoleLinks {
  teamsUrl?: string;
  mailUrl?: string;
  hookUrl?: string;
  statusUrl?: string;
}

/** The console: the current state, the scenarios, the raised events, and the notices that admins received. */
export function consolePage(
  state: SimulatorState,
  receivers: ConsoleLinks,
  incidents?: readonly OpenIncident[],
) {
  const { policies } = stateForPeople(state);
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Contoso, simulated</title>
<style>${raw(STYLE)}</style></head>
<body>
<h1>Contoso, simulated</h1>
<p class="muted">Choose what someone does to a key vault, and watch what Lockwatch makes of it: by an event within
seconds, without one at its next reading.
All scenarios: <a href="/scenarios">/scenarios</a>; the whole state: <a href="/state">/state</a>${receivers.statusUrl ? html`; what Lockwatch says: <a href="${receivers.statusUrl}">its status</a>` : ''}.</p>
<p id="result" role="status" aria-live="polite"></p>
<h2>Enterprise policies</h2>
<table id="policies"><thead><tr><th>Policy</th><th>Key</th><th>State</th><th>Environments</th><th>Act</th></tr></thead>
<tbody>${policies.map((policy) => policyRow(policy, receivers.statusUrl))}</tbody></table>
<h2>Open incidents, as Lockwatch has them</h2>
${incidentTable(incidents, receivers.statusUrl)}
<h2>What happened</h2>
${happened(state.scenarios().slice(-15).reverse())}
<h2>What admins got</h2>
<div class="receivers">${receiver('Teams', receivers.teamsUrl)}${receiver('Mailbox', receivers.mailUrl)}${receiver('Webhook', receivers.hookUrl)}</div>
<script>${raw(SCRIPT)}</script>
</body></html>`;
}

function policyRow(policy: PolicyForPeople, statusUrl: string | undefined) {
  return html`<tr>
<td>${statusUrl && policy.kind === 'Encryption' ? html`<a href="${statusUrl}?policy=${encodeURIComponent(policy.name)}">${policy.name}</a>` : policy.name}${policy.deleted ? html`<br><span class="down">deleted</span>` : ''}</td>
<td>${policy.vault ?? '–'}${policy.vaultDeleted ? html` <span class="down">deleted</span>` : ''}<br><span class="muted">${policy.key ?? ''}</span></td>
<td class="${policy.notSimulated ? '' : policy.outOfReach ? 'down' : 'up'}">${policy.notSimulated ?? policy.outOfReach ?? 'key in reach'}<br><span class="muted">${policy.health}</span></td>
<td>${policy.environments.map(
    (environment) =>
      html`<div>${environment.name} <span class="muted">${environment.sku}</span> <span class="${environment.runtime === 'Enabled' ? 'up' : 'down'}">${environment.runtime}</span></div>`,
  )}</td>
<td>${policy.notSimulated ? '' : html`${scenarioForm(policy)} ${reEnableForm(policy)} ${statusUrl ? html`${operator('check', policy.name, 'Check now')} ${operator('silence-policy', policy.name, 'Silence 1 h')}` : ''}`}</td></tr>`;
}

function scenarioForm(policy: PolicyForPeople) {
  const triggers: readonly string[] = TRIGGER_IDS;
  const lines = new Map(SCENARIOS.map(({ name, line }) => [name, line]));
  const option = (name: string) => html`<option value="${name}" title="${lines.get(name)}">${name}</option>`;
  const names = SCENARIOS.map(({ name }) => name).filter((name) => !NEED_AN_ENVIRONMENT.test(name));
  return html`<form><input type="hidden" name="policy" value="${policy.name}">
<select name="scenario" id="scenario-${policy.name}" required aria-label="Act on ${policy.name}"><option value="">Choose …</option>
<optgroup label="Triggers">${triggers.map(option)}</optgroup>
<optgroup label="Undo">${names.filter((name) => name.startsWith('undo-')).map(option)}</optgroup>
<optgroup label="More">${names.filter((name) => !name.startsWith('undo-') && !triggers.includes(name)).map(option)}</optgroup>
</select> <button>Do it</button></form>`;
}

/** Run with `POST /scenarios/{name}`: a list of environments in each row would be too much. */
const NEED_AN_ENVIRONMENT = /^environment-(un)?linked$/;

/**
 * Restored access enables nothing: a person does, for each environment (Power Platform docs: Lock
 * environments).
 */
function reEnableForm(policy: PolicyForPeople) {
  const isLocked = policy.environments.some(({ runtime }) => runtime !== 'Enabled');
  return isLocked && !policy.outOfReach ? button('reenable-environment', policy.name, 'Re-enable') : '';
}

function button(scenario: string, policy: string, text: string) {
  return html`<form><input type="hidden" name="policy" value="${policy}"><input type="hidden" name="scenario" value="${scenario}">
<button aria-label="${text}: ${scenario} ${policy}">${text}</button></form>`;
}

/** The actions of an operator, each also as a command to copy. */
function incidentTable(incidents: readonly OpenIncident[] | undefined, statusUrl: string | undefined) {
  if (statusUrl === undefined) return html`<p id="incidents" class="muted">No Lockwatch is known here.</p>`;
  const row = ({ id, policyId, state, acknowledged, recoverBy, triggers }: OpenIncident) => html`<tr>
<td><a href="${new URL(`/api/incidents/${id}`, statusUrl).href}">${policyId.split('/').at(-1)}</a><br><span class="muted">${triggers.map(({ trigger }) => trigger).join(', ')}</span></td>
<td class="${state === 'accessRestored' ? '' : 'down'}">${state}</td><td>${recoverBy ? `${recoverBy.slice(0, 16).replace('T', ' ')} UTC` : '–'}</td>
<td>${acknowledged ? acknowledged.by.name : 'nobody yet'}</td>
<td>${operator('acknowledge', id, 'Acknowledge')} ${operator('silence', id, 'Silence 1 h')} ${operator('close', id, 'Close')}</td></tr>`;
  return html`<div id="incidents"><table><thead><tr><th>Policy</th><th>State</th><th>By when</th><th>Who has it</th><th>Act</th></tr></thead><tbody>
${incidents?.map(row) ?? html`<tr><td colspan="5" class="muted">Lockwatch does not answer just now.</td></tr>`}
${incidents?.length === 0 ? html`<tr><td colspan="5" class="muted">None.</td></tr>` : ''}</tbody></table>
<p>${operator('drill', undefined, 'Play a drill')} <span class="muted">A made-up incident, on every channel below.</span></p></div>`;
}

function operator(scenario: OperatorRequest['action'], id: string | undefined, text: string) {
  return html`<form><input type="hidden" name="operate" value="${scenario}">${id === undefined ? '' : html`<input type="hidden" name="id" value="${id}">`}
<button>${text}</button></form>`;
}

function remediationForm({ scenario, policy }: ScenarioAnswer) {
  const remediation = `undo-${scenario}`;
  return policy && SCENARIOS.some(({ name }) => name === remediation)
    ? button(remediation, policy, 'Undo')
    : '';
}

function happened(scenarios: ScenarioAnswer[]) {
  return html`<table id="happened"><thead><tr><th>When</th><th>Act</th><th>Who</th><th>Event</th><th></th></tr></thead><tbody>
${scenarios.map(
  (
    scenario,
  ) => html`<tr><td>${scenario.at.slice(11, 19)}</td><td>${scenario.scenario}<br><span class="muted">${scenario.policy ?? ''}</span></td><td>${scenario.actor ?? 'nobody'}</td>
<td>${scenario.events.map((event) => html`<div>${event.operation ?? event.type} → ${event.delivered} <span class="muted">${event.reason ?? ''}</span></div>`)}
${scenario.silent ? html`<span class="muted">none: ${scenario.silent}</span>` : ''}${scenario.note ? html`<div>${scenario.note}</div>` : ''}</td><td>${remediationForm(scenario)}</td></tr>`,
)}
${scenarios.length === 0 ? html`<tr><td colspan="5" class="muted">Nothing yet.</td></tr>` : ''}</tbody></table>`;
}

function receiver(title: string, url: string | undefined) {
  if (!url) return html`<div><strong>${title}</strong><p class="muted">Not set up here.</p></div>`;
  return html`<div><strong>${title}</strong> <a href="${url}">open</a><iframe title="${title}" src="${url}"></iframe></div>`;
}
