import type { Evidence, Finding, JudgeOptions, Verdict } from '../triggers/finding.ts';
import type { History } from '../triggers/history.ts';
import { judgeFacts, overallVerdict } from '../triggers/judge.ts';
import { policyNameOf } from '../triggers/policy-chain.ts';
import { triggerOf } from '../triggers/register.ts';
import { rememberChain } from '../triggers/remember.ts';
import { type AffectedByChange, affectedByChange } from './affected-environments.ts';
import { type AppliedChanges, applyChanges, CHANGED_PARTS, type ChangedPart } from './apply-changes.ts';
import { datesOf } from './apply-key.ts';
import type { PreviewChain } from './chain.ts';
import type { CannotJudge, Change } from './change.ts';
import { changeNotes } from './change-notes.ts';
import { partlyRefused, type RefusedChange, splitRefused } from './refusals.ts';

/**
 * `mayGoDown`: the change is one that Microsoft's own pages describe in two ways, or whose effect only a later
 * reading confirms. `refused`: Azure refuses what would have taken it down.
 */
export type PreviewOutcome = 'goesDown' | 'mayGoDown' | 'unknown' | 'refused' | 'fine';

/** A finding that the change brings, and the changes that bring it. */
export interface PreviewFinding extends Pick<Finding, 'trigger' | 'summary' | 'evidence' | 'scope'> {
  verdict: 'revoked' | 'suspected';
  /** Their addresses in the plan. */
  changes: string[];
}

export interface VerdictAtDate {
  /** ISO 8601. */
  at: string;
  verdict: Verdict;
  /** Those that are not there at once. */
  findings: PreviewFinding[];
}

export interface PolicyPreview {
  policyId: string;
  name: string;
  outcome: PreviewOutcome;
  before: Verdict;
  after: Verdict;
  findings: PreviewFinding[];
  /** At each date in the future that a change sets. */
  atDates: VerdictAtDate[];
  refused: RefusedChange[];
  cannotJudge: CannotJudge[];
  /** What a person should know besides: a gap between two changes, a purge. */
  notes: string[];
  /** Every change that concerns this policy, by its address. */
  changes: string[];
  /** The environments that are linked to the policy: they share one fate. */
  environments: AffectedByChange[];
}

/**
 * What these changes do to one policy, by the same triggers that judge a reading. Undefined: nothing that concerns
 * it. `without`: the findings without the changes, for who asks about many of one chain. Pure.
 */
export function previewPolicy(
  chain: PreviewChain,
  changes: readonly Change[],
  options: JudgeOptions,
  without?: readonly Finding[],
): PolicyPreview | undefined {
  if (changes.length === 0) return undefined;
  if (changes.length > MAX_CHANGES_OF_POLICY) return tooMany(chain, changes.length, without, options);
  const { now } = options;
  const { carriedOut, refused } = splitRefused(chain, changes, now);
  const applied = applyChanges(chain, carriedOut, now);
  const matters = wouldMatter(chain, changes, now);
  const relevant = refused.filter(({ address }) => matters(address));
  const altered = CHANGED_PARTS.flatMap((part) => applied.changedBy[part]);
  if (altered.length === 0 && applied.cannotJudge.length === 0 && relevant.length === 0) return undefined;
  const before = without ?? judgeFacts(chain.facts, chain.history, options);
  const history = rememberChain(chain.history, applied.chain.facts).next;
  const after = judgeFacts(applied.chain.facts, history, options);
  const findings = broughtBy(applied, before, after);
  const atDates = judgeDates(applied, history, before, findings, options);
  const cannotJudge = [...applied.cannotJudge, ...becameUnknown(applied, before, after)];
  const all = [...altered.map(({ address }) => address), ...relevant.map(({ address }) => address)];
  const unsure = cannotJudge.flatMap(({ address }) => address ?? []);
  return {
    policyId: chain.facts.policyId,
    name: policyNameOf({ policyId: chain.facts.policyId, policy: chain.history.policy }),
    outcome: outcomeOf([...findings, ...atDates.flatMap((one) => one.findings)], cannotJudge, relevant),
    before: overallVerdict(before),
    after: overallVerdict(after),
    findings,
    atDates,
    refused: [...relevant, ...partlyRefused(chain, carriedOut)],
    cannotJudge,
    notes: changeNotes(chain, applied, carriedOut, now),
    changes: [...new Set([...all, ...unsure])],
    environments: affectedByChange(chain),
  };
}

/**
 * Each change is compared with what those before it left. Azure takes 1,024 access policies of a vault ("Assign a Key
 * Vault access policy") and 500 role assignments at a management group ("Azure RBAC limits").
 */
const MAX_CHANGES_OF_POLICY = 2_000;

function tooMany(
  chain: PreviewChain,
  count: number,
  without: readonly Finding[] | undefined,
  options: JudgeOptions,
): PolicyPreview {
  const { facts, history } = chain;
  const because = `${count} changes of the plan may concern this policy, and at most ${MAX_CHANGES_OF_POLICY} are judged together. Preview the plan in parts.`;
  return {
    policyId: facts.policyId,
    name: policyNameOf({ policyId: facts.policyId, policy: history.policy }),
    outcome: 'unknown',
    before: overallVerdict(without ?? judgeFacts(facts, history, options)),
    after: 'unknown',
    findings: [],
    atDates: [],
    refused: [],
    cannotJudge: [{ because }],
    notes: [],
    changes: [],
    environments: affectedByChange(chain),
  };
}

function outcomeOf(
  findings: readonly PreviewFinding[],
  cannotJudge: readonly CannotJudge[],
  refused: readonly RefusedChange[],
): PreviewOutcome {
  if (findings.some(({ verdict }) => verdict === 'revoked')) return 'goesDown';
  if (findings.length > 0) return 'mayGoDown';
  if (cannotJudge.length > 0) return 'unknown';
  return refused.length > 0 ? 'refused' : 'fine';
}

/**
 * A refused change counts only where it would have altered the chain: an unwatched group's lock is no news. Many
 * changes may share one address, which is looked at once.
 */
function wouldMatter(
  chain: PreviewChain,
  changes: readonly Change[],
  at: string,
): (address: string) => boolean {
  const byAddress = Map.groupBy(changes, ({ address }) => address);
  const known = new Map<string, boolean>();
  return (address) => {
    const before = known.get(address);
    if (before !== undefined) return before;
    const own = byAddress.get(address) ?? [];
    const found = own.some(({ what }) => what === 'roleDefinitionDeleted') || alters(chain, own, at);
    known.set(address, found);
    return found;
  };
}

function alters(chain: PreviewChain, changes: readonly Change[], at: string): boolean {
  const { changedBy, cannotJudge } = applyChanges(chain, changes, at);
  return cannotJudge.length > 0 || CHANGED_PARTS.some((part) => changedBy[part].length > 0);
}

const RANK: Readonly<Record<Verdict, number>> = { revoked: 2, suspected: 1, unknown: 0, clear: 0 };

/** The findings that are graver than before, each with the changes of the parts that its trigger stands on. */
function broughtBy(
  applied: AppliedChanges,
  before: readonly Finding[],
  after: readonly Finding[],
): PreviewFinding[] {
  return after.flatMap((finding) => {
    const { trigger, verdict, summary, evidence, scope } = finding;
    if (verdict !== 'revoked' && verdict !== 'suspected') return [];
    if (RANK[verdict] <= rankOf(before, trigger)) return [];
    const changes = causesOf(applied, trigger);
    return [{ trigger, verdict, summary, evidence: evidence.map(withoutPrincipal), scope, changes }];
  });
}

/** Whoever may read may ask for a preview, so it names no principals. */
function withoutPrincipal(one: Evidence): Evidence {
  const text = one.text
    .replace(/\bidentity [0-9a-f-]{36}/gi, 'the identity')
    .replace(/\baccess policy of [0-9a-f-]{36}/gi, 'access policy');
  return { ...one, text };
}

function rankOf(findings: readonly Finding[], trigger: Finding['trigger']): number {
  const found = findings.find((one) => one.trigger === trigger);
  return found === undefined ? 0 : RANK[found.verdict];
}

function causesOf({ changedBy }: AppliedChanges, trigger: Finding['trigger']): string[] {
  const needs = triggerOf(trigger)?.detectionSources.needs ?? [];
  const parts: readonly ChangedPart[] = CHANGED_PARTS.filter(
    (part) => part === 'policy' || needs.includes(part),
  );
  const own = parts.flatMap((part) => changedBy[part]);
  const found = own.length > 0 ? own : CHANGED_PARTS.flatMap((part) => changedBy[part]);
  return [...new Set(found.map(({ address }) => address))];
}

/** What was known and no longer is. What follows from another cause is reported with that one. */
function becameUnknown(
  applied: AppliedChanges,
  before: readonly Finding[],
  after: readonly Finding[],
): CannotJudge[] {
  return after.flatMap(({ trigger, verdict, follows, summary }) => {
    if (verdict !== 'unknown' || follows !== undefined) return [];
    if (before.find((one) => one.trigger === trigger)?.verdict === 'unknown') return [];
    return [{ address: causesOf(applied, trigger).join(', '), because: summary }];
  });
}

function judgeDates(
  applied: AppliedChanges,
  history: History,
  before: readonly Finding[],
  atOnce: readonly PreviewFinding[],
  { now, networkReading }: JudgeOptions,
): VerdictAtDate[] {
  const dates = applied.changedBy.key.flatMap((change) =>
    change.what === 'keySet' ? datesOf(change, now) : [],
  );
  return [...new Set(dates)].sort().map((at) => {
    const then = judgeFacts(applied.chain.facts, history, { now: at, networkReading });
    const findings = broughtBy(applied, before, then).filter(
      ({ trigger, verdict }) =>
        !atOnce.some((one) => one.trigger === trigger && RANK[one.verdict] >= RANK[verdict]),
    );
    return { at, verdict: overallVerdict(then), findings };
  });
}
