import { html, raw } from 'hono/html';
import type { IncidentState } from '../../incidents/incident.ts';
import type { Verdict } from '../../triggers/finding.ts';
import type { Html } from './page.ts';

/** What a person must know of something at first sight. Each has a word, an icon and a colour of its own. */
export type Condition = 'down' | 'suspected' | 'restored' | 'unknown' | 'fine' | 'over';

/** The gravest first. */
export const CONDITIONS: readonly Condition[] = ['down', 'suspected', 'restored', 'unknown', 'fine', 'over'];

const WORDS: Record<Condition, string> = {
  down: 'Offline',
  suspected: 'May be offline',
  restored: 'Access is back',
  unknown: 'Not known',
  fine: 'Fine',
  over: 'Over',
};

const ICONS: Record<Condition, string> = {
  down: '<path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z" fill="currentColor"/><path d="M5 5l6 6M11 5l-6 6" stroke="Canvas" stroke-width="2"/>',
  suspected:
    '<path d="M8 1.5 15 14.5H1z" fill="none" stroke="currentColor" stroke-width="1.6"/><path d="M8 6v4M8 11.6v1.4" stroke="currentColor" stroke-width="1.8"/>',
  restored:
    '<path d="M13.5 8a5.5 5.5 0 1 1-2-4.2" fill="none" stroke="currentColor" stroke-width="1.8"/><path d="M9 4.5h4V.8" fill="none" stroke="currentColor" stroke-width="1.8"/>',
  unknown:
    '<circle cx="8" cy="8" r="6.8" fill="none" stroke="currentColor" stroke-width="1.6" stroke-dasharray="3 2"/><path d="M6 6.4a2 2 0 1 1 2.8 1.9c-.6.3-.8.6-.8 1.3M8 11v1.4" fill="none" stroke="currentColor" stroke-width="1.6"/>',
  fine: '<circle cx="8" cy="8" r="6.8" fill="none" stroke="currentColor" stroke-width="1.6"/><path d="m4.8 8.2 2.3 2.3 4.2-4.6" fill="none" stroke="currentColor" stroke-width="1.8"/>',
  over: '<rect x="2" y="2" width="12" height="12" rx="2" fill="none" stroke="currentColor" stroke-width="1.4"/><path d="M5 8h6" stroke="currentColor" stroke-width="1.6"/>',
};

/** The icon and the word. `word`: a more exact one in this place. */
export function stateHtml(condition: Condition, word = WORDS[condition]): Html {
  return html`<span class="state ${condition}">${iconOf(condition)}${word}</span>`;
}

function iconOf(condition: Condition): Html {
  return raw(`<svg viewBox="0 0 16 16" aria-hidden="true">${ICONS[condition]}</svg>`);
}

/** The icon of the browser's tab. Neither colour scheme of a browser's tabs is known, so it has its own ground. */
export function tabIcon(condition: Condition): string {
  const [ground, sign] = TABS[condition];
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="${ground}"/><path d="${sign}" fill="none" stroke="white" stroke-width="2.4"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

const TABS: Record<Condition, readonly [ground: string, sign: string]> = {
  down: ['#a40e26', 'M4 4l8 8M12 4l-8 8'],
  suspected: ['#8a5a00', 'M8 3v6M8 11v2.4'],
  restored: ['#0a4a8a', 'M4 9l4-5 4 5'],
  unknown: ['#4b3a86', 'M5.5 6a2.5 2.5 0 1 1 3.5 2.3c-.8.4-1 .8-1 1.7M8 11.6V13'],
  fine: ['#0f5c27', 'm4 8 3 3 5-6'],
  over: ['#535c66', 'M4 8h8'],
};

export function conditionOfIncident(incident: { state: IncidentState; noEnvironments: boolean }): Condition {
  if (incident.state === 'revoked') return incident.noEnvironments ? 'suspected' : 'down';
  if (incident.state === 'suspected') return 'suspected';
  return incident.state === 'accessRestored' ? 'restored' : 'over';
}

/** The word of an incident's state, where the condition's own would be wrong. */
export function incidentWord(incident: {
  state: IncidentState;
  noEnvironments: boolean;
}): string | undefined {
  if (incident.state === 'closed') return 'Closed';
  if (incident.state === 'dismissed') return 'No lock after all';
  if (incident.state === 'revoked' && incident.noEnvironments) return 'Key not usable';
  return undefined;
}

const OF_VERDICT: Record<Verdict, Condition> = {
  revoked: 'down',
  suspected: 'suspected',
  clear: 'fine',
  unknown: 'unknown',
};

export function conditionOfVerdict(verdict: Verdict): Condition {
  return OF_VERDICT[verdict];
}

/** Of several, the gravest. Nothing at all is not known. */
export function worstCondition(conditions: readonly Condition[]): Condition {
  return CONDITIONS.find((one) => conditions.includes(one)) ?? 'unknown';
}
