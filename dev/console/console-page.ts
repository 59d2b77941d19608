import { html, raw } from 'hono/html';
import { conditionOfIncident, incidentWord, stateHtml, tabIcon } from '../../shared/api/pages/condition.ts';
import type { Html } from '../../shared/api/pages/page.ts';
import { contentPolicy } from '../../shared/api/pages/page-answer.ts';
import { PAGE_STYLE } from '../../shared/api/pages/style.css.ts';
import { ARRIVAL_FILTERS, arrivals } from './arrivals.ts';
import { CONSOLE_SCRIPT } from './console-script.ts';
import { CONSOLE_STYLE } from './console-style.ts';
import { happenedList } from './happened-list.ts';
import type { ConsoleView, LockwatchView } from './read-console.ts';
import { scenarioButton } from './scenario-button.ts';
import { scenarioList } from './scenario-list.ts';
import { standingChanges } from './standing-changes.ts';
import { vaultCards } from './vault-cards.ts';

/** Mails bring their own style attributes, and the frames that show them inherit this policy. */
export const CONSOLE_CONTENT_POLICY = contentPolicy({ style: { anyStyle: true }, script: CONSOLE_SCRIPT });

const PAGES = [
  ['/', 'Status'],
  ['/incidents', 'Incidents'],
  ['/warnings', 'Warnings'],
  ['/coverage', 'Coverage'],
  ['/activity', 'Activity'],
  ['/health', 'Health and drill'],
  ['/docs', 'API'],
] as const;

/** What a newcomer tries first. */
const FIRST = { scenario: 'key-disabled', policy: 'ep-finance', key: 'cmk-finance' };

export interface ConsoleOptions {
  appUrl: string;
  sweepSeconds: number;
  /** Absent: the clock of this run can't be moved. */
  moves?: readonly { name: string; text: string }[];
}

/** The console: the simulated Azure, what Lockwatch says, and what admins receive. */
export function consolePage(view: ConsoleView, options: ConsoleOptions): string {
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Lockwatch on this machine</title>
<link rel="icon" href="${tabIcon('fine')}">
<style>${raw(PAGE_STYLE + CONSOLE_STYLE)}</style></head>
<body>
<header class="site"><span class="brand">Lockwatch on this machine</span>
<nav class="pages" aria-label="Lockwatch’s own pages"><ul>${PAGES.map(([path, text]) => html`<li><a href="${options.appUrl}${path}">${text}</a></li>`)}</ul></nav></header>
<main id="main">
<h1 class="unseen">Lockwatch on this machine</h1>
${guide(options)}
<p id="result" class="note fine" role="status" hidden></p>
<p id="waiting" class="quiet" hidden></p>
<p id="lost" class="note unknown" role="alert" hidden>The local stack does not answer. Is npm start still running?</p>
<section class="panel lockwatch" aria-labelledby="lockwatch-heading"><h2 id="lockwatch-heading">Lockwatch says</h2>
<div id="lockwatch" data-live>${lockwatch(view.lockwatch, options.appUrl)}</div></section>
<div class="halves">
<section class="azure" aria-labelledby="azure-heading">
<div class="heading"><h2 id="azure-heading">Azure, simulated</h2>${clock(view, options)}</div>
${view.azure === undefined ? html`<p class="note unknown">The Azure simulator does not answer just now.</p>` : azure(view.azure)}
</section>
<section class="admins" id="admins" aria-labelledby="admins-heading">
<div class="heading"><h2 id="admins-heading" tabindex="-1">What admins get</h2>${ARRIVAL_FILTERS}</div>
<p id="no-arrivals" class="panel quiet">Nothing yet. Cards, emails and webhook events appear here as they arrive.</p>
<ol id="arrivals" tabindex="0" aria-label="What arrived, the newest first">${view.received === undefined ? '' : arrivals(view.received)}</ol>
</section>
</div>
</main>
<nav class="to-admins" aria-label="Notices"><a href="#admins"><span id="arrived-count" data-live>${countWords(view)}</span></a></nav>
<script>${raw(CONSOLE_SCRIPT)}</script>
</body></html>`.toString();
}

function guide({ sweepSeconds, appUrl }: ConsoleOptions): Html {
  return html`<section class="panel guide" aria-labelledby="guide-heading"><h2 id="guide-heading">Try this first</h2>
<ol class="steps"><li><p><strong>Disable a key.</strong> Four environments of the policy ep-finance need it.</p>${scenarioButton(FIRST, `Disable ${FIRST.key}`, { isMain: true })}</li>
<li><p><strong>Wait for the card.</strong> Azure emits no event for this change, so Lockwatch sees it at its next reading, at most ${sweepSeconds} seconds later. The card links to <a href="${appUrl}/incidents">the page of the incident</a>.</p></li>
<li><p><strong>Undo it</strong> at the vault below. Then re-enable the environments there: Power Platform does not do it by itself.</p></li></ol></section>`;
}

function azure({ state, happened, scenarios }: NonNullable<ConsoleView['azure']>): Html {
  const standing = standingChanges(
    happened,
    scenarios.map(({ name }) => name),
  );
  return html`<div id="vaults" class="vaults" data-live>${vaultCards(state, standing)}</div>
<section class="panel" aria-labelledby="happened-heading"><h3 id="happened-heading">What happened in Azure</h3><div id="happened" data-live>${happenedList(happened)}</div></section>
<section class="panel" aria-labelledby="scenarios-heading"><h3 id="scenarios-heading">Every scenario</h3>${scenarioList(scenarios, state)}</section>`;
}

function lockwatch(view: LockwatchView | undefined, appUrl: string): Html {
  if (view === undefined)
    return html`<p>${stateHtml('unknown', 'No answer')} Lockwatch does not answer just now.</p>`;
  if (view.incidents.length === 0)
    return html`<p>${stateHtml('fine', 'No open incident')} <a href="${appUrl}/">Its status page</a> shows what it watches.</p>`;
  return html`<ul class="rows">${view.incidents.map(
    (incident) =>
      html`<li><p>${stateHtml(conditionOfIncident(incident), incidentWord(incident))} <a href="${appUrl}/incidents/${incident.id}"><strong>${incident.policyId.split('/').at(-1)}</strong>: ${incident.triggers.map(({ trigger }) => trigger).join(', ')}</a> <span class="quiet">since ${incident.openedAt.slice(11, 19)} UTC, ${incident.acknowledged === null ? 'nobody has it yet' : `${incident.acknowledged.by.name} has it`}</span></p></li>`,
  )}</ul>`;
}

function clock({ azure: shown }: ConsoleView, { moves }: ConsoleOptions): Html {
  const at = shown?.state.at;
  return html`<div class="clock"><span class="small" id="clock" data-live>${at === undefined ? '' : html`${new Date(at).toUTCString().slice(5, 22)} UTC`}</span>
${moves === undefined ? '' : html`<form method="post" action="/clock" aria-label="Move the time ahead">${moves.map(({ name, text }) => html`<button class="small" name="ahead" value="${name}" aria-label="Move the time ahead by ${text}">+ ${text}</button>`)}</form>`}</div>`;
}

function countWords({ received }: ConsoleView): string {
  const { teams = 0, mails = 0, events = 0 } = received?.counts ?? {};
  if (teams + mails + events === 0) return 'Admins got nothing yet';
  const counted = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`;
  return `↓ Admins got ${counted(teams, 'card')}, ${counted(mails, 'email')}, ${counted(events, 'event')}`;
}
