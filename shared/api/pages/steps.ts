import { html } from 'hono/html';
import type { MessageStep, Section } from '../../notices/say/message.ts';
import { linkTo, plain } from '../../notices/say/plain.ts';
import type { RemediationStep } from '../../triggers/finding.ts';
import type { Html } from './page.ts';
import { textHtml } from './text.ts';

/** The longest names 200 environments. */
const MAX_COMMAND = 20_000;

/** A command with a button that copies it. Ids must be unique on the page. */
export function commandHtml(id: string, command: string): Html {
  return html`<div class="command"><pre id="${id}">${command}</pre><button type="button" data-copy="${id}" hidden>Copy</button></div>`;
}

/** Numbered steps; each with its command, its place in the portal and its documentation, where it has them. */
function stepsHtml(steps: readonly MessageStep[], idPrefix: string): Html {
  return html`<ol class="steps">${steps.map((step, index) => html`<li>${stepHtml(step, `${idPrefix}-${index + 1}`)}</li>`)}</ol>`;
}

export function stepHtml({ text, command, portal, url }: MessageStep, id: string): Html {
  return html`<p>${textHtml(withShortIds(text, command))}</p>${command === undefined ? '' : commandHtml(id, plain(command, MAX_COMMAND))}${
    portal === undefined
      ? ''
      : html`<p class="small quiet">In the portal: ${textHtml(withShortIds(portal, command))}</p>`
  }${url === undefined ? '' : html`<p class="small"><a href="${url}" rel="noreferrer">Documentation of this step</a></p>`}`;
}

/** The id of a key's version fills a line of a phone, and the command has it whole. */
function withShortIds(text: string, command: string | undefined): string {
  return text.replaceAll(/\b[0-9a-f]{32}\b/g, (id) => (command?.includes(id) ? `${id.slice(0, 8)}…` : id));
}

/** Steps as an answer contains them: untrusted text, and an address that is one of the documentation. */
export function remediationHtml(steps: readonly RemediationStep[], idPrefix: string): Html {
  return stepsHtml(
    steps.map(({ link, ...step }) => ({ ...step, url: linkTo(link) })),
    idPrefix,
  );
}

/** A section of a message, with its heading. Empty where the message has none of that kind. */
export function sectionHtml(section: Section | undefined, idPrefix: string): Html {
  if (!section) return html``;
  const { heading, texts, evidence = [], steps = [] } = section;
  return html`<section class="panel" aria-labelledby="${idPrefix}"><h2 id="${idPrefix}">${heading}</h2>
${texts.map((text) => html`<p>${textHtml(text)}</p>`)}
${steps.length === 0 ? '' : stepsHtml(steps, `${idPrefix}-step`)}
${
  evidence.length === 0
    ? ''
    : html`<h3>Evidence</h3><ul class="rows">${evidence.map(
        ({ text, readAt }) =>
          html`<li><span>${textHtml(text)}</span><span class="small quiet">Read at ${textHtml(readAt)}</span></li>`,
      )}</ul>`
}</section>`;
}
