import type { TriggerId } from '../../shared/triggers/finding.ts';

/**
 * ok: read, or configured. missing: a right or a resource does not exist. unknown: could not be determined
 * (throttled, too slow, an undocumented answer); never to be taken for either. note: not a fault, but worth
 * knowing.
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
  | 'vaultGuards'
  | 'appRights'
  | 'registrations'
  | 'eventGrid'
  | 'auditLog'
  | 'storage'
  | 'channels';

/** The remediation. `command` can be pasted; `portal` is the same by clicks. */
export interface Remediation {
  what: string;
  command?: string;
  portal?: string;
  link?: string;
}

/** One checked item. */
export interface Check {
  about: CheckSubject;
  /** ARM id, or the name of the checked item. */
  id: string;
  state: State;
  says: string;
  /** Operations that the identity lacks, as Azure names them. */
  rights?: readonly string[];
  remediation?: Remediation;
  /** Address of its paragraph in the documents; a path from the root of this repository where they have none. */
  docs?: string;
}

export type VerifiedAs = 'as assumed' | 'otherwise' | "can't tell here";

/** One row of docs/unverified.md, and this tenant's result for it. */
export interface VerifiedAssumption {
  /** As the row's first cell has it. */
  point: string;
  assumed: string;
  found: string;
  outcome: VerifiedAs;
}

/**
 * The number of policies, for how many this source would detect the trigger, and for how many that is
 * unknown.
 */
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

/** The output of `--json`. Fields may be added; the meaning of these does not change within a version. */
export interface Report {
  report: 'lockwatch-doctor/1';
  at: string;
  /** `well`: exit code 0. `missing` and `couldNotTell`: 1. */
  outcome: 'well' | 'missing' | 'couldNotTell';
  cloud: string;
  /** Base address of the documents. */
  docs: string;
  signedIn: SignedIn;
  settings: {
    /** Only the subscriptions were given: items that depend on other settings were not checked. */
    firstLook: boolean;
    subscriptions: readonly string[];
    channels: readonly string[];
    /** Settings that are stored in a vault, and that only the platform resolves. */
    inVault: readonly string[];
  };
  /** The readable parts of each policy's chain. */
  facts: Check[];
  /** The event sources, and the app's surroundings. */
  wiring: Check[];
  unverified: VerifiedAssumption[];
  coverage: TriggerCoverage[];
  /** The most useful next steps, at most three. */
  next: Remediation[];
}

/** The output of `--json` where the doctor could not run: exit code 2. */
export interface CouldNotRunError {
  report: 'lockwatch-doctor/1';
  outcome: 'couldNotRun';
  faults: readonly string[];
}

/** Missing outweighs unknown. Pure. */
export function reportOutcome(checks: readonly Check[]): Report['outcome'] {
  if (checks.some(({ state }) => state === 'missing')) return 'missing';
  return checks.some(({ state }) => state === 'unknown') ? 'couldNotTell' : 'well';
}
