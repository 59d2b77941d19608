import { html } from 'hono/html';
import { count } from '../../notices/say/words.ts';
import { ADVISORIES } from '../../triggers/advisories/register.ts';
import type { warningsEndpoint } from '../status/warnings-endpoint.ts';
import { type Condition, stateHtml } from './condition.ts';
import { layout } from './layout.ts';
import type { AnswerOf, Html, Page } from './page.ts';
import { pageOfList, pagerHtml } from './paging.ts';
import { remediationHtml } from './steps.ts';
import { textHtml, timeHtml } from './text.ts';
import { policiesText, presentOf, severityHtml, type WarningAnswer } from './warning-rows.ts';

type WarningsAnswer = AnswerOf<typeof warningsEndpoint>;

const PAGE_SIZE = 25;
const UNKNOWN_SHOWN = 25;
const REMARKS_SHOWN = 50;

export const warningsPage: Page<WarningsAnswer> = {
  path: '/warnings',
  endpoint: 'warnings',
  ownParameters: ['page'],
  actions: [],
  render(answer, context) {
    const { counts } = answer;
    const warnings = presentOf(answer.warnings);
    const unknown = answer.warnings.filter(({ verdict }) => verdict === 'unknown');
    const isDoubtful = unknown.length + counts.notReadYet > 0;
    const condition: Condition =
      counts.urgent + counts.warning > 0 ? 'suspected' : isDoubtful ? 'unknown' : 'fine';
    const headline =
      warnings.length === 0
        ? isDoubtful
          ? 'No warnings in what could be checked'
          : 'No warnings'
        : `${count(warnings.length, 'warning')}${counts.urgent > 0 ? `, ${counts.urgent} urgent` : ''}`;
    const list = pageOfList(warnings, PAGE_SIZE, context.parameters);
    return layout(
      {
        title: headline,
        condition,
        isUrgent: false,
        asOf: answer.asOf,
        main: html`<section id="top" class="banner ${condition}" data-live><h1 aria-live="polite">${headline}</h1><p>Nothing has gone offline because of these. Fix them in time, and nothing will.</p>
<p class="counts">${(['urgent', 'warning', 'info'] as const).map((severity) => (counts[severity] === 0 ? '' : html`<span>${severityHtml(severity)} ${counts[severity]}</span>`))}</p></section>
${warnings.length === 0 ? html`<p>${!isDoubtful ? 'Everything that Lockwatch checks is as it should be.' : 'Nothing was found where it could be read.'}</p>` : ''}
<section class="panel" id="part-list" data-live aria-label="Warnings"><ul class="rows">${list.shown.map((warning, index) => warningHtml(warning, list.from + index + 1))}</ul>${pagerHtml(list, warnings.length, 'warning', context)}</section>
${unknownHtml(unknown, counts.notReadYet)}
${remarksHtml(answer)}`,
      },
      context,
    );
  },
};

function warningHtml(warning: WarningAnswer, number: number): Html {
  const { id, severity, summary, evidence, remediation, policies } = warning;
  const about = ADVISORIES.find((one) => one.id === id);
  return html`<li><div class="actions">${severityHtml(severity)}<strong>${textHtml(summary, 600)}</strong></div><span class="small quiet">${policiesText(policies)}</span>
${remediation.length === 0 ? '' : html`<details><summary>How to fix it<span class="unseen">: ${textHtml(summary, 100)}</span></summary>${remediationHtml(remediation, `fix-${number}`)}</details>`}
${evidence.length === 0 ? '' : html`<details><summary>Evidence<span class="unseen"> of: ${textHtml(summary, 100)}</span></summary><ul>${evidence.slice(0, 20).map(({ text, readAt }) => html`<li class="small">${textHtml(text, 400)}; read at ${timeHtml(readAt)}</li>`)}</ul></details>`}
${about === undefined ? '' : html`<p class="small"><a href="${about.link}" rel="noreferrer">Why it matters<span class="unseen">: ${about.words}</span></a></p>`}</li>`;
}

function unknownHtml(unknown: readonly WarningAnswer[], notReadYet: number): Html {
  if (unknown.length + notReadYet === 0) return html`<div id="part-unknown" data-live></div>`;
  return html`<section class="panel" id="part-unknown" data-live aria-labelledby="unknown"><h2 id="unknown">Not checked</h2><p>${stateHtml('unknown')} What these need could not be read, so whether they apply is not known.</p>
${notReadYet > 0 ? html`<p>${count(notReadYet, 'policy')} not checked for warnings yet: that is done every ten minutes.</p>` : ''}
<ul class="rows">${unknown
    .slice(0, UNKNOWN_SHOWN)
    .map(
      ({ summary, policies }) =>
        html`<li><span>${textHtml(summary, 400)}</span><span class="small quiet">${policiesText(policies)}</span></li>`,
    )}</ul>${unknown.length > UNKNOWN_SHOWN ? html`<p>And ${unknown.length - UNKNOWN_SHOWN} more.</p>` : ''}</section>`;
}

function remarksHtml({ remarks }: WarningsAnswer): Html {
  if (remarks.length === 0) return html`<div id="part-remarks" data-live></div>`;
  return html`<section class="panel" id="part-remarks" data-live aria-labelledby="remarks"><h2 id="remarks">Remarks on single policies</h2><ul class="rows">${remarks
    .slice(0, REMARKS_SHOWN)
    .map(
      ({ policy, text }) =>
        html`<li><span>${textHtml(text, 400)}</span><span class="small quiet">${policiesText([policy])}</span></li>`,
    )}</ul>${remarks.length > REMARKS_SHOWN ? html`<p>And ${remarks.length - REMARKS_SHOWN} more.</p>` : ''}</section>`;
}
