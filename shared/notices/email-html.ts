import { html } from 'hono/html';
import { environmentDetails, FOOTER, moreEnvironments, policyHeading } from './email-text.ts';
import type { Message, MessagePolicy, MessageStep, Section, Tone } from './message.ts';

/** The message as HTML; every value in a template is escaped. Tables and inline styles: mail programs know little else. */
export function emailHtml(message: Message): string {
  const page = html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${message.title}</title></head>
<body style="${BODY}">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:760px;margin:0 auto">
<tr><td style="padding:12px 16px;background:${COLORS[message.tone]};color:#ffffff"><h1 style="font-size:20px;margin:0">${message.title}</h1></td></tr>
<tr><td style="padding:8px 16px">
${message.lead.map((text) => html`<p style="margin:8px 0">${text}</p>\n`)}
<table cellpadding="0" cellspacing="0">
${message.glance.map(({ label, value }) => html`<tr><th scope="row" align="left" valign="top" style="padding:2px 16px 2px 0">${label}</th><td style="padding:2px 0">${value}</td></tr>\n`)}
</table>
${message.sections.map(sectionHtml)}
<p style="margin:16px 0">${message.links.map(({ text, url }) => html`<a href="${url}">${text}</a><br>\n`)}</p>
<p style="color:#595959;font-size:12px">${FOOTER}</p>
</td></tr>
</table>
</body>
</html>
`;
  // hono answers with a promise only where a value of the template is one.
  if (page instanceof Promise) throw new TypeError('A value of the email is a promise.');
  return page.toString();
}

const BODY =
  'margin:0;font-family:Segoe UI,Helvetica,Arial,sans-serif;font-size:15px;line-height:1.4;color:#1b1b1b';
/** White text on each has a contrast of at least 4.5 (WCAG 2.2, 1.4.3). */
const COLORS: Record<Tone, string> = {
  alarm: '#a4262c',
  warning: '#8a4b08',
  good: '#0b6a0b',
  info: '#0b5cad',
};
const CELL =
  'padding:4px 12px 4px 0;border-bottom:1px solid #e0e0e0;text-align:left;vertical-align:top;overflow-wrap:anywhere;word-break:break-word';
const SMALL = 'font-size:13px;color:#595959';
const CODE =
  'margin:4px 0;padding:8px;background:#f3f3f3;font-family:Consolas,Menlo,monospace;font-size:13px;white-space:pre-wrap;word-break:break-all';

function sectionHtml(section: Section) {
  return html`<h2 style="font-size:16px;margin:20px 0 4px">${section.heading}</h2>
${section.texts.map((text) => html`<p style="margin:4px 0">${text}</p>\n`)}${(section.policies ?? []).map(policyHtml)}${evidenceHtml(section)}${stepsHtml(section.steps ?? [])}`;
}

function policyHtml(policy: MessagePolicy) {
  return html`<h3 style="font-size:15px;margin:12px 0 4px">${linked(policyHeading(policy), policy.url)}</h3>
${
  policy.environments.length > 0 &&
  html`<table cellpadding="0" cellspacing="0" width="100%" style="table-layout:fixed">
<tr>${['Environment', 'State, deadline'].map((label) => html`<th scope="col" width="50%" style="${CELL}">${label}</th>`)}</tr>
${policy.environments.map((environment) => {
  const [sku, region, state, deadline] = environmentDetails(environment);
  return html`<tr><td style="${CELL}">${linked(environment.name, environment.url)}<br><span style="${SMALL}">${[sku, region].join(', ')}</span></td><td style="${CELL}">${state}${deadline && html`<br><span style="${SMALL}">${deadline}</span>`}</td></tr>\n`;
})}</table>
`
}${moreEnvironments(policy).map((text) => html`<p style="margin:4px 0">${text}</p>\n`)}`;
}

function evidenceHtml({ evidence }: Section) {
  if (!evidence || evidence.length === 0) return '';
  return html`<ul style="margin:4px 0;padding-left:20px">
${evidence.map(({ text, readAt }) => html`<li>${text} (read ${readAt})</li>\n`)}</ul>
`;
}

function stepsHtml(steps: readonly MessageStep[]) {
  if (steps.length === 0) return '';
  return html`<ol style="margin:4px 0;padding-left:24px">
${steps.map(
  ({ text, command, portal, url }) => html`<li style="margin:8px 0">${text}
${command && html`<pre style="${CODE}">${command}</pre>\n`}${portal && html`<div>Or in the portal: ${portal}</div>\n`}${url && html`<div><a href="${url}">Read more</a></div>\n`}</li>
`,
)}</ol>
`;
}

function linked(text: string, url: string | undefined) {
  return url === undefined ? text : html`<a href="${url}">${text}</a>`;
}
