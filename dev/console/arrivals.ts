import { html, raw } from 'hono/html';
import type { Html } from '../../shared/api/pages/page.ts';
import { cardHtml } from '../receivers/card-html.ts';
import { eventType } from '../receivers/page.ts';
import type { EventPost, NewestReceived, ReceivedMail, TeamsPost } from '../receivers/received.ts';

/** What admins received on every channel, the newest first. Each has an id, so that the script adds the new ones. */
export function arrivals({ teams, mails, events }: NewestReceived): Html {
  const all = [...teams.map(teamsItem), ...mails.map(mailItem), ...events.map(eventItem)];
  return html`${all.toSorted((a, b) => b.number - a.number).map(({ item }) => item)}`;
}

interface Arrival {
  number: number;
  item: Html;
}

function teamsItem(post: TeamsPost): Arrival {
  return arrival(
    'teams',
    post,
    html`<p>${label('Teams', post)}</p><div class="card">${cardHtml(post.body)}</div>`,
  );
}

function mailItem(mail: ReceivedMail): Arrival {
  return arrival(
    'mail',
    mail,
    html`<details><summary>${label('Email', mail)} ${mail.subject}</summary>
<p class="small quiet">From ${mail.from} to ${mail.to.join(', ')}</p>
<iframe title="${mail.subject}" sandbox="allow-popups" srcdoc="${mail.html}" loading="lazy"></iframe>
<details><summary>Its text part</summary><pre>${mail.text}</pre></details></details>`,
  );
}

function eventItem(post: EventPost): Arrival {
  return arrival(
    'event',
    post,
    html`<details><summary>${label('Webhook', post)} ${eventType(post.body)}</summary><pre>${JSON.stringify(post.body, null, 2)}</pre></details>`,
  );
}

function arrival(kind: string, { number }: { number: number }, body: Html): Arrival {
  return {
    number,
    item: html`<li id="arrival-${number}" data-number="${number}" class="arrival ${kind}">${body}</li>`,
  };
}

function label(channel: string, { at }: { at: string }): Html {
  return html`<span class="small quiet">${channel} <time datetime="${at}">${at.slice(11, 19)}</time></span>`;
}

/** Hides a channel without a script. */
export const ARRIVAL_FILTERS = html`<fieldset class="channels"><legend class="unseen">Channels to show</legend>${(
  [
    ['teams', 'Teams'],
    ['mail', 'Email'],
    ['event', 'Webhook'],
  ] as const
).map(
  ([kind, text]) => html`<label><input type="checkbox" id="show-${kind}"${raw(' checked')}> ${text}</label>`,
)}</fieldset>`;
