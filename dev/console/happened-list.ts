import { html } from 'hono/html';
import type { Html } from '../../shared/api/pages/page.ts';
import type { ScenarioAnswer } from '../azure-simulator/state.ts';

const SHOWN = 6;

/** What was changed in the simulator, the newest first, and what Azure showed of it. */
export function happenedList(happened: readonly ScenarioAnswer[]): Html {
  const newest = happened.toReversed();
  if (newest.length === 0) return html`<p class="quiet">Nothing yet.</p>`;
  const rest = newest.slice(SHOWN, 100);
  return html`<ol class="rows">${newest.slice(0, SHOWN).map(row)}</ol>
${rest.length === 0 ? '' : html`<details data-key="happened"><summary>${rest.length} before</summary><ol class="rows">${rest.map(row)}</ol></details>`}`;
}

function row({ at, scenario, policy, environment, actor, events, silent, note }: ScenarioAnswer): Html {
  const target = environment ?? policy;
  return html`<li><p><time datetime="${at}">${at.slice(11, 19)}</time> <code>${scenario}</code>${target === undefined ? '' : ` on ${target}`}, by ${actor ?? 'nobody: time did it'}</p>
<p class="small quiet">${silent === undefined ? '' : `Azure showed no event: ${silent}.`}${events.map(
    (event) => html`Azure showed ${event.operation ?? event.type}: ${delivery(event)} `,
  )}${note ?? ''}</p></li>`;
}

function delivery({ delivered, reason }: ScenarioAnswer['events'][number]): string {
  const why = reason === undefined ? '' : ` (${reason})`;
  if (delivered === 'filtered') return `not for Lockwatch${why}.`;
  if (delivered === 'waiting') return `not delivered yet${why}.`;
  return `delivered to Lockwatch’s ${delivered}.`;
}
