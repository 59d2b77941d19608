import { html } from 'hono/html';
import type { Severity } from '../../triggers/advisories/advisory.ts';
import type { warningsEndpoint } from '../status/warnings-endpoint.ts';
import { policyAddress } from './addresses.ts';
import { type Condition, stateHtml } from './condition.ts';
import type { AnswerOf, Html } from './page.ts';
import type { StatusPolicy } from './policy-condition.ts';
import { nameHtml, textHtml } from './text.ts';

/** One warning, and every policy that it concerns. */
export type WarningAnswer = AnswerOf<typeof warningsEndpoint>['warnings'][number];

/** Without those that could not be judged. */
export function presentOf(warnings: readonly WarningAnswer[]): WarningAnswer[] {
  return warnings.filter(({ verdict }) => verdict === 'present');
}

const SEVERITIES: readonly Severity[] = ['urgent', 'warning', 'info'];

/** Of these policies, what is present, the gravest first; what several policies share, once. */
export function warningsOf(policies: readonly StatusPolicy[]): WarningAnswer[] {
  const all = policies.flatMap(({ id, key, name, advisories }) =>
    advisories
      .filter(({ verdict }) => verdict === 'present')
      .map((advisory) => ({ advisory, policy: { id, key, name } })),
  );
  const same = Map.groupBy(all, ({ advisory }) =>
    [advisory.id, advisory.scope.toLowerCase(), advisory.summary].join('\n'),
  );
  return [...same.values()]
    .flatMap((rows) => {
      const [first] = rows;
      return first ? [{ ...first.advisory, policies: rows.map(({ policy }) => policy) }] : [];
    })
    .sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
}

const SAID: Record<Severity, [Condition, string]> = {
  urgent: ['down', 'Urgent'],
  warning: ['suspected', 'Warning'],
  info: ['over', 'Good to know'],
};

export function severityHtml(severity: Severity): Html {
  const [condition, word] = SAID[severity];
  return stateHtml(condition, word);
}

const POLICIES_NAMED = 5;

export function warningItem({ severity, summary, policies }: WarningAnswer): Html {
  return html`<li><div>${severityHtml(severity)} ${textHtml(summary, 400)}</div><div class="small quiet">${policiesText(policies)}</div></li>`;
}

export function policiesText(policies: readonly { id: string; name: string }[]): Html {
  const named = policies.slice(0, POLICIES_NAMED);
  return html`${policies.length === 1 ? 'Policy' : 'Policies'} ${named.map(({ id, name }, index) => html`${index > 0 ? ', ' : ''}<a href="${policyAddress(id)}">${nameHtml(name, 60)}</a>`)}${policies.length > named.length ? ` and ${policies.length - named.length} more` : ''}`;
}
