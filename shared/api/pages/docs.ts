import { html } from 'hono/html';
import { NOTICE_REASONS } from '../../incidents/notice-reason.ts';
import { NOTICE_HELP } from '../../notices/notice-help.ts';
import { noticeAnchor } from '../../notices/say/page-links.ts';
import type { openApiDocument } from '../openapi.ts';
import { layout } from './layout.ts';
import type { Html, Page } from './page.ts';
import { textHtml } from './text.ts';

type DocumentAnswer = ReturnType<typeof openApiDocument>;

/** The API of this version: what each kind of problem means, and every address. Problems link here. */
export const docsPage: Page<DocumentAnswer> = {
  path: '/docs',
  endpoint: 'openapi',
  ownParameters: [],
  actions: [],
  render(answer, context) {
    return layout(
      {
        title: 'The API',
        condition: 'over',
        isUrgent: false,
        asOf: null,
        jsonAddress: '/api/openapi.json',
        main: html`<h1>The API</h1><p>${answer.info.description} Every page of this site has its answer as JSON at the same address under <code>/api</code>. <a href="/api/openapi.json">openapi.json</a> describes each field.</p>
<div class="columns"><section class="panel" aria-labelledby="endpoints"><h2 id="endpoints">Addresses</h2><ul class="rows">${Object.entries(answer.paths).flatMap(([path, operations]) => Object.entries(operations).map(([method, operation]) => endpointHtml(method, path, operation as Operation)))}</ul></section>
<section class="panel" aria-labelledby="problems"><h2 id="problems">Problems</h2><p>An answer that is a problem names its kind in <code>type</code>, and what to do in <code>detail</code>.</p>${answer[
          'x-problems'
        ].map(
          ({ kind, status, title, when, help }) =>
            html`<h3 id="${kind}">${title} (${status})</h3><p>${codeText(when)}</p><p>${codeText(help)}</p>`,
        )}</section>
<section class="panel" aria-labelledby="notices"><h2 id="notices">Notices</h2><p>Each notice has one of these reasons.</p>${NOTICE_REASONS.map(
          (reason) =>
            html`<h3 id="${noticeAnchor(reason)}">${reason}</h3><p>When: ${codeText(NOTICE_HELP[reason].when)}.</p><p>What to do: ${codeText(NOTICE_HELP[reason].help)}.</p>`,
        )}</section></div>`,
      },
      context,
    );
  },
};

interface Operation {
  summary: string;
  'x-access': string;
  parameters: readonly { name: string; in: string; description?: string }[];
}

function endpointHtml(method: string, path: string, operation: Operation): Html {
  const query = operation.parameters.filter((one) => one.in === 'query');
  return html`<li><span><code>${method.toUpperCase()} /api${path}</code></span><span>${textHtml(operation.summary)}</span><span class="small quiet">Access: ${operation['x-access'] === 'read' ? 'whoever may read' : 'whoever may act'}${query.length === 0 ? '' : html`. Parameters: ${query.map(({ name }, index) => html`${index > 0 ? ', ' : ''}<code>${name}</code>`)}`}</span></li>`;
}

/** The words of the documents mark code by backticks. */
function codeText(text: string): Html {
  return html`${text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}
