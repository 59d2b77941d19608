import { normalId } from '../azure/arm-id.ts';
import type { NoticeIntent, Person, PolicyState } from './incident.ts';
import { type SilenceChange, silenceNotice } from './silence-change.ts';
import { msSince } from './stored-time.ts';

/** A silence that people heard of by a notice of its own. */
export interface ReportedSilence {
  scope: string;
  /** The object id of the author. */
  by: string;
  at: string;
}

/** A change of a silence that only the digest reports. */
export interface DigestSilence extends SilenceChange {
  at: string;
}

type Kept = Pick<PolicyState, 'reportedSilences' | 'digestSilences'>;

const HOUR_MS = 3_600_000;
/** A longer one is always reported by itself. */
const SHORT_MS = 4 * HOUR_MS;
const REPORTED_MS = 7 * 24 * HOUR_MS;
const MAX_KEPT = 20;

/**
 * How people hear of a change of a silence: by a notice of its own, or in the digest. The digest suffices for a
 * silence of at most 4 h whose author had one over the same scope reported within the last 7 days, and for its
 * end. The author must be known by a sign-in: whoever holds a key may give any name. `ended`: the silences that
 * a person ended. Pure.
 */
export function reportSilence(
  policyState: PolicyState,
  change: SilenceChange,
  now: string,
  ended: readonly Pick<SilenceChange, 'from' | 'until' | 'by'>[] = [],
): { notices: NoticeIntent[]; kept: Kept } {
  const isRecent = ({ at }: { at: string }) => msSince(at, now) < REPORTED_MS;
  const reported = (policyState.reportedSilences ?? []).filter(isRecent);
  const inDigest = (policyState.digestSilences ?? []).filter(isRecent);
  const scope = scopeOf(change, policyState.policyId);
  const by = change.by.id;
  const isRepeated = reported.some((one) => one.scope === scope && one.by === by);
  const isQuiet =
    change.what === 'ended'
      ? ended.length > 0 && ended.every((one) => inDigest.some((other) => isSame(one, other)))
      : isShort(change) && isRepeated;
  if (isQuiet) return { notices: [], kept: keptOf(reported, [...inDigest, { ...change, at: now }]) };
  const isNamed = by !== undefined && change.what !== 'ended';
  return {
    notices: [silenceNotice(change, policyState.policyId, now)],
    kept: keptOf(isNamed ? [...reported, { scope, by, at: now }] : reported, inDigest),
  };
}

function isShort({ from, until }: SilenceChange): boolean {
  return Date.parse(until ?? '') - Date.parse(from ?? '') <= SHORT_MS;
}

function scopeOf({ incidentId, vaultId }: SilenceChange, policyId: string): string {
  return incidentId === undefined ? normalId(vaultId ?? policyId) : `incident ${incidentId}`;
}

function isSame(one: { from?: string; until?: string; by: Person }, other: DigestSilence): boolean {
  return one.from === other.from && one.until === other.until && one.by.id === other.by.id;
}

/** Absent where there is nothing to keep, so that a state without silences has no field for them. */
function keptOf(reportedSilences: ReportedSilence[], digestSilences: DigestSilence[]): Kept {
  return {
    reportedSilences: reportedSilences.length > 0 ? reportedSilences.slice(-MAX_KEPT) : undefined,
    digestSilences: digestSilences.length > 0 ? digestSilences.slice(-MAX_KEPT) : undefined,
  };
}
