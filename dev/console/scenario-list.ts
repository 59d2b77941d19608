import { html } from 'hono/html';
import type { Html } from '../../shared/api/pages/page.ts';
import type { StateForPeople } from '../azure-simulator/http/state-for-people.ts';
import type { ListedScenario } from '../azure-simulator/scenarios/register.ts';

/** Every scenario as a button, by what it changes, with what Azure would show of it. */
export function scenarioList(scenarios: readonly ListedScenario[], state: StateForPeople): Html {
  const groups = [...new Set(scenarios.map(({ group }) => group))];
  const changes = scenarios.filter(({ name }) => !isUndo(name));
  const lines = new Map(scenarios.map(({ name, line }) => [name, line]));
  return html`<form method="post" action="/scenario" class="scenarios">
<div class="targets"><label>On the policy<select name="policy"><option value="">the scenario’s own (mostly ep-finance)</option>${state.policies
    .filter(({ notSimulated }) => notSimulated === undefined)
    .map(({ name }) => html`<option>${name}</option>`)}</select></label>
<label>On the environment<select name="environment"><option value="">none named</option>${[...state.policies.flatMap(({ environments }) => environments), ...state.unlinkedEnvironments].map(({ id, name }) => html`<option value="${id}">${name}</option>`)}</select></label>
<label>As<select name="as"><option value="">nobody: no rights are asked for</option>${state.people.map(({ key, name, role }) => html`<option value="${key}">${name}: ${role}</option>`)}</select></label></div>
${groups.map(
  (group) => html`<details data-key="group-${group}"><summary>${group}</summary><ul class="rows">
${changes
  .filter((one) => one.group === group)
  .map((one) => row(one, lines.get(`undo-${one.name}`)))}</ul></details>`,
)}
</form>`;
}

function isUndo(name: string): boolean {
  return name.startsWith('undo-');
}

function row({ name, line, raises, silent }: ListedScenario, undo: string | undefined): Html {
  return html`<li><p><code>${name}</code> ${line}</p>
<p class="small quiet">${raises === null ? `Azure shows no event: ${silent}.` : `Azure shows: ${raises}.`}</p>
<div class="buttons"><button name="scenario" value="${name}" aria-label="Do it: ${name}">Do it</button>${undo === undefined ? '' : html`<button name="scenario" value="undo-${name}" title="${undo}" aria-label="Undo: ${name}">Undo</button>`}</div></li>`;
}
