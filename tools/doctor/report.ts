import type { TriggerId } from '../../shared/triggers/finding.ts';

/**
 * ok: read, or wired. missing: a right or a resource is not there. unknown: could not be told (throttled, too slow, an
 * answer that nobody documented); never to be taken for either. note: no fault, but worth knowing.
 */
export type State = 'ok' | 'missing' | 'unknown' | 'note';

export type CheckSubject =
  | 'subscription'
  | 'policies'
  | 'policy'
  | 'vault'
  | 'deletedVault'
  | 'key'
  | 'permission'
  | 'environments'
  | 'actorNames'
  | 'locks'
  | 'rotation'
  | 'grantEnds'
  | 'keyHolders'
  | 'appRights'
  | 'eventGrid'
  | 'auditLog'
  | 'storage'
  | 'channels';

/** What would mend it. `command` can be pasted; `portal` is the same by clicks. */
export interface Remediation {
  what: string;
  command?: string;
  portal?: string;
  link?: string;
}

/** One thing that was looked at. */
export interface Check {
  about: CheckSubject;
  /** ARM id, or the name of what was looked at. */
  id: string;
  state: State;
  says: string;
  /** Operations that the identity lacks, as Azure names them. */
  rights?: readonly string[];
  remediation?: Remediation;
}

export type VerifiedAs = 'as assumed' | 'otherwise' | "can't tell here";

/** One row of docs/unverified.md, and what this tenant says of it. */
export interface VerifiedAssumption {
  /** As the row's first cell has it. */
  point: string;
  assumed: string;
  found: string;
  outcome: VerifiedAs;
}

/** Of so many policies, how many would be seen by this way, and of how many it could not be told. */
export interface SourceCount {
  shows: boolean;
  policies: number;
  couldNotTell: number;
}
export interface TriggerCoverage {
  trigger: TriggerId;
  sweep: SourceCount;
  event: SourceCount;
  audit: SourceCount;
}

export interface SignedIn {
  kind: 'person' | 'application';
  objectId: string;
  tenantId: string;
  name?: string;
}

/** What `--json` prints. Fields may be added; the meaning of these stays while the version does. */
export interface Report {
  report: 'lockwatch-doctor/1';
  at: string;
  /** `well`: exit code 0. `missing` and `couldNotTell`: 1. */
  outcome: 'well' | 'missing' | 'couldNotTell';
  cloud: string;
  signedIn: SignedIn;
  settings: {
    /** Only the subscriptions were told: what hangs on other settings was not looked at. */
    firstLook: boolean;
    subscriptions: readonly string[];
    channels: readonly string[];
    /** Settings that stand in a vault, and that only the platform resolves. */
    inVault: readonly string[];
  };
  /** What can be read of each policy's chain. */
  facts: Check[];
  /** By what signals come in, and what stands around. */
  wiring: Check[];
  unverified: VerifiedAssumption[];
  coverage: TriggerCoverage[];
  /** The most useful next, at most three. */
  next: Remediation[];
}

/** What `--json` prints where it could not run: exit code 2. */
export interface CouldNotRunError {
  report: 'lockwatch-doctor/1';
  outcome: 'couldNotRun';
  faults: readonly string[];
}

/** Missing outweighs what could not be told. Pure. */
export function reportOutcome(checks: readonly Check[]): Report['outcome'] {
  if (checks.some(({ state }) => state === 'missing')) return 'missing';
  return checks.some(({ state }) => state === 'unknown') ? 'couldNotTell' : 'well';
}
