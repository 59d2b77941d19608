import { html, raw } from 'hono/html';
import type { Html } from '../../shared/api/pages/page.ts';

/** What a button does in the simulator, and to what. */
export interface Run {
  scenario: string;
  policy?: string;
  environment?: string;
}

/** One button that runs a scenario. A plain form: it works without the script, too. */
export function scenarioButton(
  { scenario, policy, environment }: Run,
  text: string,
  { isMain = false, about }: { isMain?: boolean; about?: string } = {},
): Html {
  const field = (name: string, value: string | undefined) =>
    value === undefined ? '' : html`<input type="hidden" name="${name}" value="${value}">`;
  return html`<form method="post" action="/scenario">${field('policy', policy)}${field('environment', environment)}<button name="scenario" value="${scenario}"${isMain ? raw(' class="main"') : ''}${about === undefined ? '' : html` aria-label="${text}: ${about}"`}>${text}</button></form>`;
}
