import { html } from 'hono/html';
import { between, duration } from '../../notices/say/words.ts';
import type { Html } from './page.ts';

/** How much of the time until a deadline has passed. `label` names it for people who can't see the bar. */
export function deadlineBar(from: string, until: string, now: string, label: string): Html {
  const whole = between(from, until) ?? 0;
  const passed = between(from, now) ?? 0;
  if (whole <= 0) return html``;
  const percent = Math.round(Math.min(100, Math.max(0, (100 * passed) / whole)));
  const left = whole - passed;
  const said =
    left > 0 ? `${percent} % of the time has passed, ${duration(left)} left` : 'the time has passed';
  return html`<meter min="0" max="100" low="50" high="85" optimum="0" value="${percent}" aria-label="${label}: ${said}">${said}</meter>`;
}
