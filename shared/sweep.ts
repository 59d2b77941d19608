import { readAndCommit, writeOverview } from './commit-readings.ts';
import { normalId } from './facts/arm-id.ts';
import type { Head } from './incidents/incident.ts';
import { isInOverview } from './incidents/overview.ts';
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
  const heads = (await ports.store.listHeads()).map(({ head }) => head);
  const discovered = await discover(ports, heads);
  await mendOverview(heads, ports);
  await ports.watched(true);
  const committed = await readAndCommit(new Map(heads.map(({ policyId }) => [policyId, []])), ports);
  return {
    policies: heads.length + discovered.length,
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

/** The read model is made anew from the truth wherever it is missing or behind, so it may be deleted at any time. */
async function mendOverview(heads: readonly Head[], ports: Ports): Promise<void> {
  const entries = new Map((await ports.overview.read()).map((entry) => [normalId(entry.policyId), entry]));
  const behind = heads.filter((head) => !isInOverview(head, entries.get(normalId(head.policyId))));
  for (const head of behind) await writeOverview(head, ports);
}
