import { policyKey } from '../../incidents/ids.ts';
import type { BlastRadius } from '../../preview/blast/blast-radius.ts';
import type { PolicyBlast } from '../../preview/blast/policy-blast.ts';
import {
  BLAST_SCOPE_KINDS,
  BLAST_SCOPES,
  type BlastScope,
  type BlastScopeKind,
  blastScopeName,
  parseBlastScope,
} from '../../preview/blast/scope.ts';
import { isPolicy, onlyPolicy } from '../actions/find-policy.ts';
import { ProblemError } from '../problem.ts';

export type BlastQuery = { [Kind in BlastScopeKind | 'after']?: string | undefined };

/** Environments, and policies without any, on one page. */
const PAGE = 200;
const MAX_OPERATIONS = 500;

/** The one scope that a query names. Throws `ProblemError`, which names the parameter at fault. */
export function blastScopeOf(query: BlastQuery, policyIds: readonly string[]): BlastScope {
  const given = BLAST_SCOPE_KINDS.filter((kind) => query[kind] !== undefined);
  const [kind, other] = given;
  if (kind === undefined)
    throw new ProblemError('bad-request', `Name what it is about: ${BLAST_SCOPE_KINDS.join(', ')}.`);
  if (other !== undefined)
    throw new ProblemError(
      'bad-request',
      `'${kind}' and '${other}' are both given. Ask about one at a time.`,
      other,
    );
  const text = query[kind] ?? '';
  const scope = parseBlastScope(kind, text);
  if (scope === undefined)
    throw new ProblemError(
      'bad-request',
      `'${kind}' is '${text.slice(0, 200)}', and must be ${BLAST_SCOPES[kind].example}.`,
      kind,
    );
  if (scope.kind !== 'policy') return scope;
  const policy = onlyPolicy(
    policyIds.filter((id) => isPolicy(id, scope.policy)),
    text,
  );
  return { ...scope, policy };
}

/** One page of a blast radius. Pure. Throws `ProblemError`. */
export function blastRadiusAnswer(
  { scope, outcome, environments, restoresLost, operations, policies, ...radius }: BlastRadius,
  query: BlastQuery,
  now: string,
) {
  const page = pageOfRows(policies, query.after);
  const kept = Object.entries(query).filter(([name, value]) => name !== 'after' && value !== undefined);
  const next = new URLSearchParams(kept as [string, string][]);
  if (page.last !== undefined) next.set('after', page.last);
  return {
    answeredAt: now,
    asOf: radius.readAt,
    scope: { kind: scope.kind, name: blastScopeName(scope) },
    outcome,
    counts: {
      policies: policies.length,
      policiesGoingDown: radius.policiesGoingDown,
      policiesCompared: radius.policiesCompared,
      environments,
      restoresLost,
      operations: operations.length,
    },
    operations: operations.slice(0, MAX_OPERATIONS).map(({ trigger: _, ...operation }) => operation),
    policies: page.policies.map(({ policy, items }) => policyOnPage(policy, items)),
    cannotJudge: radius.cannotJudge,
    next: page.last === undefined ? null : `/api/blast-radius?${next}`,
  };
}

type Items = PolicyBlast['environments']['all'];

function policyOnPage(policy: PolicyBlast, items: Items) {
  const { policyId, operations, environments, ...rest } = policy;
  const { all, ...list } = environments;
  return {
    ...rest,
    id: policyId,
    key: policyKey(policyId),
    operations: operations.map(({ id, outcome }) => ({ id, outcome })),
    environments: { ...list, count: all.length, items },
  };
}

/** The rows are the environments of each policy in their order; a policy without any is one row. */
function pageOfRows(
  policies: readonly PolicyBlast[],
  after: string | undefined,
): { policies: { policy: PolicyBlast; items: Items }[]; last: string | undefined } {
  const [key = '', environment = ''] = after?.split('~') ?? [];
  const start = after === undefined ? 0 : policies.findIndex(({ policyId }) => policyKey(policyId) === key);
  if (start < 0) throw notInList();
  const shown: { policy: PolicyBlast; items: Items }[] = [];
  let left = PAGE;
  for (const [n, policy] of policies.entries()) {
    if (n < start) continue;
    const { all } = policy.environments;
    const from = n === start && after !== undefined ? placeAfter(all, environment) : 0;
    const items = all.slice(from, from + left);
    // The page before ended with this policy.
    if (items.length === 0 && n === start && after !== undefined) continue;
    shown.push({ policy, items });
    left -= Math.max(1, items.length);
    const hasMore = from + items.length < all.length || n + 1 < policies.length;
    if (left <= 0)
      return {
        policies: shown,
        last: hasMore ? `${policyKey(policy.policyId)}~${items.at(-1)?.id ?? ''}` : undefined,
      };
  }
  return { policies: shown, last: undefined };
}

function placeAfter(all: Items, id: string): number {
  if (id === '') return all.length;
  const place = all.findIndex((one) => one.id === id);
  if (place < 0) throw notInList();
  return place + 1;
}

function notInList(): ProblemError {
  return new ProblemError(
    'bad-request',
    "'after' is no place in the list any more. Begin with the first page, and take `next` as it was given.",
    'after',
  );
}
