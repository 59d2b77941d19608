import { html } from 'hono/html';
import type { activityEndpoint } from '../status/activity-endpoint.ts';
import { activityItem } from './activity-rows.ts';
import { historyFaultHtml } from './history-fault.ts';
import { layout } from './layout.ts';
import type { AnswerOf, Html, Page, PageContext } from './page.ts';
import { addressWith } from './paging.ts';
import { nameHtml } from './text.ts';

/** Everything that happened and was sent, across incidents, the newest first. */
export const activityPage: Page<AnswerOf<typeof activityEndpoint>> = {
  path: '/activity',
  endpoint: 'activity',
  ownParameters: [],
  actions: [],
  render({ entries, historyFault, next, asOf }, context) {
    return layout(
      {
        title: 'Activity',
        condition: 'over',
        isUrgent: false,
        asOf,
        main: html`<h1>Activity</h1><p>All that happened and was sent in the last month, of all policies, the newest first.</p>
${filterHtml(context)}
${historyFaultHtml(historyFault)}
<section class="panel" id="part-activity" data-live aria-label="Activity">${entries.length === 0 ? html`<p>${historyFault !== null ? 'Of what can be read, nothing is in this list.' : context.parameters.size === 0 ? 'Nothing has happened in the last month.' : 'Nothing of this kind happened in that time.'}</p>` : ''}
<ol class="rows two">${entries.map((entry) => activityItem(entry, { isAcross: true }))}</ol>${next === null ? '' : html`<p><a href="${next.replace(/^\/api/, '')}">Earlier</a></p>`}</section>`,
      },
      context,
    );
  },
};

const KINDS = [
  ['', 'All'],
  ['change', 'What happened'],
  ['notice', 'What was sent'],
] as const;

function filterHtml(context: PageContext): Html {
  const { parameters } = context;
  const kind = parameters.get('kind')?.toLowerCase() ?? '';
  const others = ['policy', 'channel', 'from', 'to'].filter((name) => parameters.has(name));
  return html`<nav class="pager" aria-label="Which activity">${KINDS.map(
    ([value, text]) =>
      html`<a href="${addressWith(context, { kind: value, after: '' })}"${value === kind ? html` aria-current="true"` : ''}>${text}</a>`,
  )}${others.map((name) => html`<span>Only ${name} ${nameHtml(parameters.get(name), 80)}. <a href="${addressWith(context, { [name]: '', after: '' })}">Any ${name}</a></span>`)}</nav>`;
}
