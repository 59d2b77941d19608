import { normalId } from '../azure/arm-id.ts';
import type { NoticeIntent, Person, Silence } from './incident.ts';

/** A silence that a person set, planned or ended, as people are notified of it. Times ISO 8601. */
export interface SilenceChange {
  what: 'set' | 'planned' | 'ended';
  by: Person;
  why: string;
  /** Absent where it ended. */
  from?: string;
  until?: string;
  /** The vault's ARM id, if it was requested for a whole vault. */
  vaultId?: string;
  /** The incident, if it was requested for one. */
  incidentId?: string;
}

/** Whether a silence begins now or later. */
export function silenceBegun({ from, until, by, why, vaultId }: Silence, now: string): SilenceChange {
  const what = Date.parse(from) > Date.parse(now) ? 'planned' : 'set';
  return { what, by, why, from, until, ...(vaultId === undefined ? {} : { vaultId }) };
}

/**
 * The notice of a silence. No silence suppresses it, since a silence that nobody hears of can hide a lock. The
 * policies of one vault make one message.
 */
export function silenceNotice(change: SilenceChange, policyId: string, now: string): NoticeIntent {
  return {
    reason: 'silenced',
    group: `silenced|${change.what}|${normalId(change.vaultId ?? policyId)}`,
    because: `${change.by.name}: ${change.why}`,
    at: now,
    silence: change,
  };
}
