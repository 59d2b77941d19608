import { html, raw } from 'hono/html';
import { plain } from '../../notices/say/plain.ts';
import { type Condition, tabIcon } from './condition.ts';
import type { Html, PageContext, RefusedAction } from './page.ts';
import { contentPolicy } from './page-answer.ts';
import { PAGE_SCRIPT } from './script.ts';
import { PAGE_STYLE } from './style.css.ts';
import { appTitle, plainName, timeHtml } from './text.ts';

/** The Content-Security-Policy of every page: its own style sheet and script by their hashes, and nothing else. */
export const PAGE_CONTENT_POLICY = contentPolicy({ style: PAGE_STYLE, script: PAGE_SCRIPT });

const NAVIGATION = [
  ['/', 'Status'],
  ['/incidents', 'Incidents'],
  ['/warnings', 'Warnings'],
  ['/blast-radius', 'Blast radius'],
  ['/who-can', 'Who can do it'],
  ['/coverage', 'Coverage'],
  ['/activity', 'Activity'],
  ['/health', 'Health'],
  ['/configuration', 'Configuration'],
  ['/docs', 'API'],
] as const;

export interface PageParts {
  title: string;
  /** Of what the page is about; for the browser's tab. */
  condition: Condition;
  /** While something is wrong, people watch every step. */
  isUrgent: boolean;
  /** The oldest reading behind it; null: not known. */
  asOf: string | null;
  main: Html;
  /** What stays as it is, whoever looks: it does not refresh. */
  isStill?: true;
  /** Where it is not this page's own address under /api. */
  jsonAddress?: string;
}

/** The whole document around a page's content. */
export function layout(parts: PageParts, context: PageContext): Html {
  const { title, condition, isUrgent, asOf, main, isStill = false, jsonAddress } = parts;
  const { deployment, now, path, viewer } = context;
  const place = appTitle(deployment);
  const links = navigation(path, viewer);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${plain(title, 120)} · ${place}</title>
<link rel="icon" href="${tabIcon(condition)}">
<style>${raw(PAGE_STYLE)}</style>
</head>
<body data-now="${now}" ${isStill ? '' : html` data-refresh="${isUrgent ? 3 : 60}"`} data-page="${path}">
<a class="skip" href="#main">Skip to the content</a>
<header class="site">
<a class="brand" href="/">${place}</a>
<nav aria-label="Pages">${links}</nav>
<details class="menu"><summary>Menu</summary><nav aria-label="Pages, in a menu">${links}${signOut(context)}</nav></details>
<div class="who">${viewerText(viewer)}${signOut(context)}</div>
</header>
<main id="main" tabindex="-1">
<p id="stale" class="note unknown stale" role="status" hidden>This page is not current. It shows what was known <span data-distance="${now}">a moment ago</span>: a refresh failed, or you must sign in again. <a href="${path}">Load it again</a></p>
<p id="copied" class="unseen" role="status"></p>
${askedHtml(context, main)}
${main}
</main>
<footer><div>
<span id="made" data-live>Made at ${timeHtml(now)}${asOf === null ? '' : html`. The oldest reading behind it is of ${timeHtml(asOf)}`}.</span>
<span${isStill ? raw(' hidden') : ''}>With scripts on, it refreshes by itself while you look. <button class="small" type="button" id="pause" hidden>Pause</button></span>
${viewer.mode === 'keys' ? '' : html`<a href="${jsonAddress ?? `/api${path === '/' ? '/status' : path}`}">The same as JSON</a>`}
</div></footer>
<script>${raw(PAGE_SCRIPT)}</script>
</body>
</html>`;
}

/** Who would be refused is not led there. */
const FOR_OPERATORS: ReadonlySet<string> = new Set(['/who-can']);

function navigation(path: string, { mayAct }: PageContext['viewer']): Html {
  return html`<ul>${NAVIGATION.filter(([href]) => mayAct || !FOR_OPERATORS.has(href)).map(
    ([href, text]) =>
      html`<li><a href="${href}"${href === path ? raw(' aria-current="page"') : ''}>${text}</a></li>`,
  )}</ul>`;
}

function viewerText({ name, mayAct, mode }: PageContext['viewer']): Html {
  if (name !== undefined)
    return html`<span class="small">${plainName(name, 60)}${mayAct ? '' : ', may only read'}</span>`;
  return mode === 'keys' && !mayAct ? html`<span class="small">may only read</span>` : html``;
}

/** Only a session of our own can be ended here. */
function signOut({ viewer, path }: PageContext): Html {
  if (viewer.mode !== 'keys') return html``;
  return html`<form method="post" action="${path}"><button class="small" name="action" value="sign-out">Sign out</button></form>`;
}

const DONE: Readonly<Record<string, string>> = {
  acknowledge: 'You have it now. Reminders stop; a worsening and deadlines are still reported.',
  silence: 'The silence is set.',
  supportCase: 'The support case is noted.',
  close: 'The incident is closed.',
  check: 'It was read just now. This page shows the result.',
  policySilence: 'The silence is set.',
  vaultSilence: 'The silence is set for every policy of this vault.',
  drill: 'The drill has begun: every channel gets its messages.',
};

/** The refused form, which has what was typed; or the text itself, where the page has no such form any more. */
function keptHtml({ form, typed }: RefusedAction, main: Html): Html {
  if (`${main}`.includes(`id="${form}" data-kept`))
    return html`<a href="#${form}">Back to the form</a>, which has what you typed.`;
  const text = [typed.why, typed.note].filter((one) => one !== undefined).join(' ');
  return text === '' ? html`` : html`You typed: <q>${plain(text, 1000)}</q>`;
}

function askedHtml({ asked }: PageContext, main: Html): Html {
  if (asked?.problem)
    return html`<p class="note down" role="alert" id="problem"><strong>${asked.problem.isUncertain ? 'It may not have been done.' : 'It was not done.'}</strong> ${plain(asked.problem.detail, 600)} ${keptHtml(asked.problem, main)}</p>`;
  const done = asked?.done === undefined ? undefined : DONE[asked.done];
  return done === undefined ? html`` : html`<p class="note fine" role="status">${done}</p>`;
}
