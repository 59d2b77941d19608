import type { Head, Transition } from './incidents/incident.ts';
import type { OutboxRow } from './incidents/store.ts';
import { tick } from './incidents/tick.ts';
import { deliver } from './notices/deliver.ts';
import { outboxRows } from './notices/outbox.ts';
import type { Ports } from './ports.ts';

const COMMIT_TRIES = 6;

/**
 * What the passing of time calls for: reminders, deadlines, the ends of silences. All policies commit first, then what
 * they share goes out as one message. Needs no reading, so what Azure does not answer delays none of it. Returns how
 * many policies had something to say or to forget. Throws the first failure of storage, after the others are done.
 */
export async function remind(heads: readonly Head[], ports: Ports): Promise<number> {
  const due = heads.filter((head) => tick(head, ports.clock.now()).head !== head);
  if (due.length === 0) return 0;
  const results = await Promise.allSettled(due.map(({ policyId }) => remindOne(policyId, ports)));
  const rows = results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
  const { list } = await ports.watched();
  const sharing = (row: OutboxRow) => list.sharing(row.group.split('|')[2] ?? '');
  if (rows.length > 0) await deliver({ rows, sharing }, ports);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  return due.length;
}

/** Decided anew on what is stored now: another may have been first. */
async function remindOne(policyId: string, ports: Ports): Promise<OutboxRow[]> {
  for (let attempt = 0; attempt < COMMIT_TRIES; attempt += 1) {
    const stored = await ports.store.readHead(policyId);
    if (!stored) return [];
    const now = ports.clock.now();
    const transition = tick(stored.head, now);
    if (transition.head === stored.head) return [];
    const channels = ports.channels.map(({ name }) => name);
    const result = await ports.store.commit(transition, stored.etag, outboxRows(transition, channels, now));
    if (result.outcome === 'committed') {
      logTold(transition, ports);
      return result.rows;
    }
  }
  // The next sweep finds it due again.
  ports.log.warn('reminder-left-for-later', { policyId });
  return [];
}

function logTold({ head, incident, notices, timeline }: Transition, ports: Ports): void {
  const reasons = notices.map(({ reason }) => reason);
  const withheld = timeline.filter(({ what }) => what === 'withheld').map(({ text }) => text);
  ports.log.info('reminded', { policyId: head.policyId, incident: incident?.id, reasons, withheld });
}
