import { html, raw } from 'hono/html';
import { cardHtml } from './card-html.ts';
import type { EventPost, ReceivedMail, TeamsPost } from './received.ts';

/** So many of each kind are shown. */
export const NEWEST = 20;

const STYLE = `
  :root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif }
  body { margin: 1rem auto; max-width: 60rem; padding: 0 1rem }
  h1 { font-size: 1.2rem; margin: 0 0 .5rem } .muted { opacity: .75 }
  article { border: 1px solid color-mix(in srgb, currentColor 25%, transparent); border-radius: .4rem; padding: .6rem .9rem; margin: 0 0 1rem }
  article p { margin: .25rem 0; overflow-wrap: anywhere } pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: .25rem 0 }
  .bolder { font-weight: 600 } .large { font-size: 1.25rem }
  .attention { color: light-dark(#a4262c, #ff8a80) } .warning { color: light-dark(#8a4b08, #ffc06b) } .good { color: light-dark(#0b6a0b, #8fd39f) }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem .8rem; margin: .4rem 0 } dt { font-weight: 600 } dd { margin: 0 }
  summary { cursor: pointer; margin: .35rem 0; color: LinkText }
  iframe { width: 100%; height: 36rem; border: 0; background: #fff; color-scheme: light; resize: vertical }`;

// Reloads when something new has arrived; until then, expanded parts stay expanded.
const SCRIPT = `
  const { kind, count } = document.body.dataset;
  setInterval(async () => {
    const counts = await (await fetch('/counts')).json();
    if (String(counts[kind]) !== count) location.reload();
  }, 2000);`;

export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; frame-src 'self'",
};

/** The Teams cards, newest first, with their texts and buttons; Teams itself draws them differently. */
export function cardsPage(posts: readonly TeamsPost[], count: number): string {
  const newest = posts.slice(-NEWEST).reverse();
  return page(
    'Teams',
    { kind: 'teams', count },
    html`<p class="muted">${tally(count, 'card')}. As JSON: <a href="/teams">/teams</a>.</p>
${newest.map((post) => html`<article><p class="muted">${post.at.slice(11, 19)} UTC</p>${cardHtml(post.body)}</article>`)}`,
  );
}

/** The mails, newest first, as a mail program without scripts would show them. */
export function mailsPage(mails: readonly ReceivedMail[], count: number): string {
  const newest = mails.slice(-NEWEST).reverse();
  return page(
    'Mailbox',
    { kind: 'mails', count },
    html`<p class="muted">${tally(count, 'mail')}. As JSON: <a href="/mails">/mails</a>.</p>
${newest.map(
  (
    mail,
    index,
  ) => html`<article><p class="muted">${mail.at.slice(11, 19)} UTC, from ${mail.from} to ${mail.to.join(', ')}</p>
<details${index === 0 ? raw(' open') : ''}><summary>${mail.subject}</summary>
<iframe title="${mail.subject}" sandbox="allow-popups" srcdoc="${mail.html}" loading="lazy"></iframe></details>
<details><summary>Its text part</summary><pre>${mail.text}</pre></details></article>`,
)}`,
  );
}

/** The CloudEvents of the webhook, newest first, as a machine receives them. */
export function eventsPage(posts: readonly EventPost[], count: number): string {
  const newest = posts.slice(-NEWEST).reverse();
  return page(
    'Webhook',
    { kind: 'events', count },
    html`<p class="muted">${tally(count, 'event')}, each with a right signature. As JSON: <a href="/events">/events</a>.</p>
${newest.map(
  (post) =>
    html`<article><p class="muted">${post.at.slice(11, 19)} UTC</p><details><summary>${eventType(post.body)}</summary><pre>${JSON.stringify(post.body, null, 2)}</pre></details></article>`,
)}`,
  );
}

export function eventType(body: unknown): string {
  return typeof body === 'object' && body !== null && 'type' in body ? String(body.type) : 'no event';
}

/** The start page for people. */
export function startPage(counts: { teams: number; mails: number; events: number }): string {
  return page(
    'What admins got',
    undefined,
    html`<p><a href="/cards">Teams</a>: ${tally(counts.teams, 'card')}</p>
<p><a href="/mailbox">Mailbox</a>: ${tally(counts.mails, 'mail')}</p>
<p><a href="/hook">Webhook</a>: ${tally(counts.events, 'event')}</p>
<p class="muted">As JSON: <a href="/teams">/teams</a>, <a href="/mails">/mails</a>, <a href="/events">/events</a>, <a href="/counts">/counts</a>.
To see what happens when a channel fails: <code>POST /mode</code> with <code>{"teams": "down"}</code>; also
<code>"email"</code>, <code>"webhook"</code>, <code>"hang"</code> and <code>"ok"</code>.</p>`,
  );
}

function tally(count: number, word: string): string {
  if (count === 0) return `No ${word} yet`;
  return `${count} ${word}${count === 1 ? '' : 's'} so far${count > NEWEST ? `, the newest ${NEWEST} here` : ''}`;
}

function page(title: string, watched: { kind: string; count: number } | undefined, body: unknown): string {
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}, as it arrived</title>
<style>${raw(STYLE)}</style></head>
<body data-kind="${watched?.kind ?? ''}" data-count="${watched?.count ?? ''}">
<h1>${title}</h1>
${body}
${watched ? html`<script>${raw(SCRIPT)}</script>` : ''}
</body></html>`.toString();
}
