import type { AffectedEnvironment, Cause, Incident } from './incident.ts';

const DAY_MS = 86_400_000;

export interface DeletionTerm {
  days: number;
  /** True if the SKU's own term is not published and the shortest known one is assumed. */
  isGuess: boolean;
}

/** Power Platform docs, Lock environments: locked sandboxes are deleted after 7 days, production after 30. */
export function deletionTerm(sku: string): DeletionTerm {
  switch (sku.trim().toLowerCase()) {
    case 'sandbox':
      return { days: 7, isGuess: false };
    case 'production':
      return { days: 30, isGuess: false };
    default:
      return { days: 7, isGuess: true };
  }
}

/** Power Platform docs, Recover environment. Whether it holds for one that was locked is not published. */
export const RECOVERABLE_DAYS = 7;

/** Until when an environment that was deleted at this time can be recovered. ISO 8601. */
export function recoverableUntil(deletedAt: string): string | undefined {
  return Number.isNaN(Date.parse(deletedAt)) ? undefined : later(deletedAt, RECOVERABLE_DAYS);
}

export type RecoverBy = Pick<Incident, 'recoverBy' | 'recoverByBecause' | 'recoverByIsEstimate'>;

/**
 * When a term that began with this lock ends. A relapse does not restart it, since not every environment was
 * seen enabled in between. But a term that had ended before the relapse no longer applies: any environment
 * that still exists was not deleted, and has been locked since the relapse. ISO 8601.
 */
export function clockEnd({ openedAt, lockedSince }: Clocked, days: number): string {
  const end = later(openedAt, days);
  const ranOut = lockedSince !== undefined && Date.parse(end) <= Date.parse(lockedSince);
  return ranOut ? later(lockedSince, days) : end;
}

type Clocked = Pick<Incident, 'openedAt' | 'lockedSince'>;

/**
 * The earliest deadline: the deletion of an environment, or the deadline of a cause (a purge). `previous`:
 * the incident as it was earlier in the same lock. A deadline never moves later while a cause is present,
 * once people know of it.
 */
export function earliestRecoverBy(
  incident: Clocked,
  causes: readonly Cause[],
  environments: readonly AffectedEnvironment[],
  previous?: RecoverBy,
): RecoverBy {
  const clocks = [...causesClocks(causes), ...environmentClock(environments)];
  if (previous) clocks.unshift(previous);
  if (clocks.length === 0) clocks.push(assumedClock(incident));
  const { recoverBy, recoverByBecause, recoverByIsEstimate } = clocks.reduce((earliest, clock) =>
    Date.parse(clock.recoverBy) < Date.parse(earliest.recoverBy) ? clock : earliest,
  );
  return { recoverBy, recoverByBecause, recoverByIsEstimate };
}

/** ISO 8601, whole days later. */
function later(at: string, days: number): string {
  return new Date(Date.parse(at) + days * DAY_MS).toISOString();
}

function causesClocks(causes: readonly Cause[]): RecoverBy[] {
  return causes.flatMap(({ finding: { recoverBy } }) =>
    recoverBy && !Number.isNaN(Date.parse(recoverBy.at))
      ? [
          {
            recoverBy: recoverBy.at,
            recoverByBecause: recoverBy.because,
            recoverByIsEstimate: recoverBy.estimate,
          },
        ]
      : [],
  );
}

/**
 * The start of the platform's clock is not published: the term is counted from detection, and called an
 * estimate.
 */
function environmentClock(environments: readonly AffectedEnvironment[]): RecoverBy[] {
  const [first, ...rest] = environments;
  if (!first) return [];
  const soonest = rest.reduce((a, b) => (Date.parse(b.deletedAt) < Date.parse(a.deletedAt) ? b : a), first);
  const { days, isGuess } = deletionTerm(soonest.sku);
  const recoverByBecause = isGuess
    ? `Environments of the type ${soonest.sku} may be deleted ${days} days after they are locked (the shortest known term; their own is not published), counted from detection.`
    : `Locked ${soonest.sku.trim().toLowerCase()} environments are deleted after ${days} days, counted from detection.`;
  return [{ recoverBy: soonest.deletedAt, recoverByBecause, recoverByIsEstimate: true }];
}

function assumedClock(incident: Clocked): RecoverBy {
  return {
    recoverBy: clockEnd(incident, 7),
    recoverByBecause:
      'Which environments are locked is not known; the shortest known term, 7 days for a sandbox, is taken, counted from detection.',
    recoverByIsEstimate: true,
  };
}
