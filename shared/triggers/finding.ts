import type { Facts } from '../facts/facts.ts';
import type { OperationName } from '../signals/is-operation.ts';
import type { Assertion, Signal } from '../signals/signal.ts';
import type { DetectionSources } from './detection-sources.ts';
import type { FindingSubject } from './finding-subject.ts';
import type { History } from './history.ts';

/** Root cause first. Apart from the triggers, so that the simulator can name them without judging by them. */
export const TRIGGER_IDS = [
  'policy-deleted',
  'vault-deleted',
  'key-deleted',
  'permissions-revoked',
  'key-disabled',
  'key-version-disabled',
  'public-access-disabled',
  'network-restricted',
  'key-expired',
  'key-not-yet-active',
  'key-unusable',
  'locked',
] as const;
export type TriggerId = (typeof TRIGGER_IDS)[number];

export type Verdict = 'revoked' | 'suspected' | 'clear' | 'unknown';

/**
 * One thing that a person can check: the observation and its source. Untrusted plain text is not escaped
 * here.
 */
export interface Evidence {
  /** "Key version 3f…: enabled = false" */
  text: string;
  /** The ARM id it was read from. */
  source?: string;
  readAt: string;
}

export interface RemediationStep {
  /** One sentence in the imperative. */
  text: string;
  /** The exact command, ready to paste; ids filled in. */
  command?: string;
  /** The same step in the portal: 'Key vaults → kv1 → Keys → …'. */
  portal?: string;
  link?: string;
}

/** The result of one trigger for one reading. */
export interface Finding {
  trigger: TriggerId;
  verdict: Verdict;
  /**
   * One sentence: the consequence. For `unknown`, the reason it isn't known ("follows from vault-deleted").
   */
  summary: string;
  /** The cause in a few words for a title, where the trigger's name would mislead: "vault moved". */
  inShort?: string;
  evidence: Evidence[];
  /** Empty unless revoked or suspected. */
  remediation: RemediationStep[];
  /**
   * Only where suspected: something harmless is likely, so people get one warning. It pages nobody, and there
   * are no reminders.
   */
  level?: 'warning';
  /** Only where `unknown`: the trigger of a higher-level cause, which reports this one as well. */
  follows?: TriggerId;
  /**
   * The ARM id of the resource that has the fault (vault, key, policy). Findings with a shared cause share
   * it.
   */
  scope: string;
  /**
   * The affected items within the scope, where it is not the scope as a whole. Only where revoked or
   * suspected.
   */
  subject?: FindingSubject;
  /** A known deadline that results from this cause (a vault's scheduled purge, for example), ISO 8601. */
  recoverBy?: { at: string; because: string; estimate: boolean };
}

export interface JudgeOptions {
  /** ISO 8601. */
  now: string;
  /** 'literal': the lock page applied literally, for both network triggers. */
  networkReading: 'trustedService' | 'literal';
}

/** One trigger, one file. Pure. */
export interface Trigger<Id extends TriggerId = TriggerId> {
  id: Id;
  /** The documentation's words; our own words for those beyond its list. */
  words: string;
  /** The documentation page that says so. */
  link: string;
  /**
   * The kind of resource it concerns; root causes come first: policy, then vault, then key, then the rest.
   * `effect`: the environments themselves, whatever the cause.
   */
  about: 'policy' | 'vault' | 'key' | 'permission' | 'network' | 'effect';
  /** The sources by which Azure reports it; the coverage table and `/api/coverage` are built from them. */
  detectionSources: DetectionSources;
  /**
   * Azure raises an event whoever does it and wherever, so a trip without one shows that an event source is
   * lost.
   */
  alwaysRaisesEvent: boolean;
  operations: CausingOperations;
  /** The findings that can't be judged while this one stands; null: it hides none. */
  hides: { about: readonly Trigger['about'][]; while(facts: Facts, history: History): boolean } | null;
  /**
   * What a successful operation asserts of it by itself, which is enough to suspect it while the state can't
   * be read. Undefined: nothing. Null: no signal asserts it.
   */
  assertedBy: ((assertion: Assertion, signal: Signal, history: History) => Asserted | undefined) | null;
  /** Only where `about` doesn't tell: the last reading that could judge it. */
  lastReadAt?(history: History): string | undefined;
  /** Where a sweep detects it only by so many different lists of environments. */
  listsNeeded?: number;
  /** False where only Microsoft can restore it. */
  isUndoneByPeople: boolean;
  /** What is said in place of an actor where the passage of time alone causes it; null: it never does. */
  causedByTime: { inShort: string; inFull: string; reported: string } | null;
  judge(facts: Facts, history: History, options: JudgeOptions): Finding;
}

/** The operations behind a trigger. A wrong name is worse than none: no other operation gets an actor. */
export interface CausingOperations {
  /** Those that can cause it or end it. */
  change: readonly OperationName[];
  /** Those of them that can only end it: granting a right takes none away. */
  onlyEnd?: readonly OperationName[];
  /** Those of them that cause it only where the signal asserts it. */
  onlyAsserted?: readonly OperationName[];
  /** How long Azure may take to apply such a change; 0: at once. */
  propagationMs: number;
}

/** The part of the finding that the signal determines. */
export type Asserted = Pick<Finding, 'subject'>;
