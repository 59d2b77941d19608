import { readAndCommit } from './commit-readings.ts';
import { claimDue, deliver } from './notices/deliver.ts';
import type { Ports } from './ports.ts';
import { discover } from './respond.ts';

export interface SweepResult {
  policies: number;
  discovered: number;
  transitions: number;
  noticesTried: number;
}

/**
 * The same path on a timer: every policy's truth, read and committed as for a signal, and every notice that is due.
 * Notices go first: what is already known must not wait for new readings.
 */
export async function sweep(ports: Ports): Promise<SweepResult> {
  const noticesTried = await deliverDue(ports);
  const discovered = await discover(ports);
  const watched = await ports.watched(true);
  const fresh = new Set(discovered);
  const known = watched.policies.filter((id) => !fresh.has(id));
  const committed = await readAndCommit(new Map(known.map((id) => [id, []])), ports);
  return {
    policies: known.length + discovered.length,
    discovered: discovered.length,
    transitions: committed.filter(({ transition }) => transition.kind !== 'none').length,
    noticesTried,
  };
}

/** Sends every undelivered notice whose next try has come. Returns how many rows were tried. */
export async function deliverDue(ports: Ports): Promise<number> {
  const rows = await claimDue(ports);
  if (rows.length > 0) await deliver({ rows }, ports);
  return rows.length;
}
