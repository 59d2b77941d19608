import { html, raw } from 'hono/html';
import {
  HELP,
  type Link,
  type Message,
  type MessagePolicy,
  type MessageStep,
  type Section,
} from '../say/message.ts';
import { DARK, STYLE, TONES } from './email-style.ts';
import { environmentDetails, moreEnvironments, policyHeading } from './email-text.ts';
import { portalLine } from './portal-line.ts';

/**
 * The message as HTML; every value in a template is escaped. Tables, widths and inline styles, because
 * Outlook renders with Word and supports little else; features of other programs (rounded corners, dark
 * colours) are added on top.
 */
export function emailHtml(message: Message): string {
  const { light, band } = TONES[message.tone];
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">
<title>${message.title}</title>
<style>${raw(DARK)}</style>
</head>
<body class="lw-page" bgcolor="#f3f2f1" style="${STYLE.body}">
<table role="presentation" class="lw-page" width="100%" cellpadding="0" cellspacing="0" border="0" bgcolor="#f3f2f1"><tr><td align="center" style="padding:12px 0">
${ONLY_OUTLOOK.open}
<table role="presentation" class="lw-sheet" width="100%" cellpadding="0" cellspacing="0" border="0" bgcolor="#ffffff" style="${STYLE.sheet}">
<tr><td bgcolor="${band}" style="${STYLE.band};background-color:${band};color:${light}"><h1 style="${STYLE.h1};color:${light}">${message.title}</h1></td></tr>
<tr><td class="lw-text" style="${STYLE.inside}">
${message.lead.map((text) => html`<p style="${STYLE.lead}">${text}</p>\n`)}
${glanceHtml(message)}
${buttonsHtml(message.links.filter(({ of }) => of === undefined))}
${message.sections.map((section) => sectionHtml(section, message.links))}
${paragraphs(linksOfNoSection(message))}${message.helpUrl && html`<p style="${STYLE.p}">${linked(HELP, message.helpUrl)}</p>\n`}<p class="lw-muted" style="${STYLE.footer}">${message.footer}</p>
</td></tr>
</table>
${ONLY_OUTLOOK.close}
</td></tr></table>
</body>
</html>
`;
  // hono returns a promise only if a value of the template is one.
  if (page instanceof Promise) throw new TypeError('A value of the email is a promise.');
  return page.toString();
}

/** Outlook ignores max-width, so there a table of a fixed width surrounds the page. */
const ONLY_OUTLOOK = {
  open: raw(
    '<!--[if mso]><table role="presentation" width="700" cellpadding="0" cellspacing="0" border="0" align="center"><tr><td><![endif]-->',
  ),
  close: raw('<!--[if mso]></td></tr></table><![endif]-->'),
};

function glanceHtml({ glance }: Message) {
  return html`<table class="lw-glance" width="100%" cellpadding="0" cellspacing="0" border="0" bgcolor="#f7f6f5" style="${STYLE.glance}">
${glance.map(({ label, value }) => html`<tr><th scope="row" class="lw-text" width="120" align="left" valign="top" style="${STYLE.label}">${label}</th><td class="lw-text" valign="top" style="${STYLE.value}">${value}</td></tr>\n`)}
</table>`;
}

/** A cell with a background is a button in every program; a link with padding is none in Outlook. */
function buttonsHtml(links: readonly Link[]) {
  if (links.length === 0) return '';
  return html`<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:12px 0"><tr>
${links.map(({ text, url }) => html`<td class="lw-button" bgcolor="#0b5cad" style="${STYLE.button}"><a class="lw-on-button" href="${url}" style="${STYLE.onButton}">${text}</a></td><td width="8" style="width:8px"></td>\n`)}</tr></table>`;
}

function sectionHtml(section: Section, links: readonly Link[]) {
  const own = links.filter(({ of }) => of === section.id);
  return html`<h2 class="lw-text" style="${STYLE.h2}">${section.heading}</h2>
${section.texts.map((text) => html`<p style="${STYLE.p}">${text}</p>\n`)}${(section.policies ?? []).map(policyHtml)}${evidenceHtml(section)}${stepsHtml(section.steps ?? [])}${paragraphs(own)}`;
}

function paragraphs(links: readonly Link[]) {
  return links.map(({ text, url }) => html`<p style="${STYLE.p}">${linked(text, url)}</p>\n`);
}

/**
 * Links of a section that this message does not have: nothing must be undone any more, but the place may be
 * of interest.
 */
function linksOfNoSection({ links, sections }: Message): Link[] {
  return links.filter(({ of }) => of !== undefined && !sections.some(({ id }) => id === of));
}

function policyHtml(policy: MessagePolicy) {
  return html`<h3 class="lw-text" style="${STYLE.h3}">${linked(policyHeading(policy), policy.url)}</h3>
${
  policy.environments.length > 0 &&
  html`<table cellpadding="0" cellspacing="0" border="0" width="100%" style="table-layout:fixed">
<tr>${[
    ['Environment', '42%'],
    ['State, deadline', '58%'],
  ].map(
    ([label, width]) =>
      html`<th scope="col" class="lw-line" width="${width}" align="left" style="${STYLE.cell}">${label}</th>`,
  )}</tr>
${policy.environments.map((environment) => {
  const [sku, region, state, deadline] = environmentDetails(environment);
  return html`<tr><td class="lw-line" style="${STYLE.cell}">${linked(environment.name, environment.url)}<br><span class="lw-muted" style="${STYLE.small}">${[sku, region].join(', ')}</span></td><td class="lw-line" style="${STYLE.cell}">${state}${deadline && html`<br><span class="lw-muted" style="${STYLE.small}">${deadline}</span>`}</td></tr>\n`;
})}</table>
`
}${moreEnvironments(policy).map((text) => html`<p style="${STYLE.p}">${text}</p>\n`)}`;
}

function evidenceHtml({ evidence }: Section) {
  if (!evidence || evidence.length === 0) return '';
  return html`<ul style="${STYLE.list}">
${evidence.map(({ text, readAt }) => html`<li>${text} <span class="lw-muted" style="${STYLE.small}">(read ${readAt})</span></li>\n`)}</ul>
`;
}

function stepsHtml(steps: readonly MessageStep[]) {
  if (steps.length === 0) return '';
  return html`<ol style="${STYLE.list}">
${steps.map(
  ({ text, command, portal, url }) => html`<li style="${STYLE.step}">${text}
${command && html`<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="${STYLE.around}"><tr><td class="lw-code" bgcolor="#f3f3f3" style="${STYLE.code}">${command}</td></tr></table>\n`}${portal && html`<div>${portalLine(portal, command)}</div>\n`}${url && html`<div>${linked('Read more', url)}</div>\n`}</li>
`,
)}</ol>
`;
}

function linked(text: string, url: string | undefined) {
  return url === undefined ? text : html`<a class="lw-link" href="${url}" style="${STYLE.link}">${text}</a>`;
}
