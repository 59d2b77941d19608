import { html } from 'hono/html';
import { between, duration } from '../../notices/say/words.ts';
import type { Html } from './page.ts';

/**
 * How much of the time until a deadline is left: full at first, since an empty bar looks broken. `label` names it for
 * people who can't see the bar.
 */
export function deadlineBar(from: string, until: string, now: string, label: string): Html {
  const whole = between(from, until) ?? 0;
  const passed = between(from, now) ?? 0;
  if (whole <= 0) return html``;
  const left = whole - passed;
  const percent = Math.round(Math.min(100, Math.max(0, (100 * left) / whole)));
  const said = left > 0 ? `${duration(left)} of ${duration(whole)} left` : 'the time has passed';
  return html`<svg class="time" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label="${label}: ${said}"><rect class="whole" width="100" height="8"/><rect class="left" width="${percent}" height="8"/></svg>`;
}
