import { randomUUID } from 'node:crypto';
import type { TransactionAction } from '@azure/data-tables';
import { policyKey } from '../incidents/ids.ts';
import type { Transition } from '../incidents/incident.ts';
import { areWithin, sumOf, TRANSACTION_BYTES, TRANSACTION_ROWS, wireBytes } from './entities.ts';
import type { IncidentStore, OutboxRow } from './incident-store.ts';
import { noticeRow, stateRow } from './keys.ts';
import { besideNotices } from './pending-notices.ts';
import { environmentsToRows, incidentToRow, noticeToRow, progressToRow, timelineToRow } from './rows.ts';
import { policyStateToRows } from './state-rows.ts';
import { fromVersion, versionOf } from './state-version.ts';
import { ask, etagOf } from './storage-errors.ts';
import type { Row, StoredRow, TableLike } from './table-port.ts';

/**
 * The membership in the rows beside the policy state with this ETag, so that thousands of unchanged names are
 * not sent again.
 */
export type KnownMembers = Map<string, string>;
const MAX_KNOWN = 2_000;

/**
 * Commits one transition in one transaction of the policy's partition, or not at all. The condition of each
 * row:
 *
 *   state row   created, or replaced only if its ETag is still the one of the decision; if it can't be read,
 *               it is left unchanged, and the state is created in the next place
 *   notices     inserted, never overwritten: a sent notice must not become pending again; with them rows by
 *               which pending ones are found (`pending-notices.ts`)
 *   the rest    replaced: the ETag of the state row excludes other writers
 */
export async function commitRows(
  table: TableLike,
  known: KnownMembers,
  transition: Transition,
  version: string | undefined,
  notices: OutboxRow[],
): ReturnType<IncidentStore['commit']> {
  const commit = randomUUID();
  const partition = policyKey(transition.policyState.policyId);
  const { place, etag } = fromVersion(version);
  const { policyState, members, membersHash } = policyStateToRows(transition.policyState, commit, place);
  const areMembersThere = membersHash !== '' && known.get(`${partition} ${version}`) === membersHash;

  const others = [
    ...(areMembersThere ? [] : members()),
    ...incidentRows(transition),
    ...besideNotices(notices),
  ];
  const actions: TransactionAction[] = [
    etag === undefined ? ['create', policyState] : ['update', policyState, 'Replace', { etag }],
    ...noticeRows(notices, [policyState, ...others]).map((row): TransactionAction => ['create', row]),
    ...others.map(replace),
  ];
  actions.push(...environmentRows(transition, actions).map(replace));

  const answer = await ask('commit a transition', () => table.submitTransaction(actions), [404, 409, 412]);
  if (!answer.value) {
    return afterRefusal({ table, known, transition, version, notices, partition, commit });
  }
  const etags = answer.value.subResponses.map((response) => response.etag);
  const committed = versionOf({ place, etag: etagOf(etags[0]) });
  remember(known, `${partition} ${committed}`, membersHash);
  return {
    outcome: 'committed',
    etag: committed,
    rows: notices.map((notice, n) => ({ ...notice, etag: etagOf(etags[n + 1]) })),
  };
}

/**
 * Many channels share the room that the other rows leave, so that the transaction is never refused as too
 * long.
 */
function noticeRows(notices: readonly OutboxRow[], others: readonly Row[]): Row[] {
  const rows = notices.map((notice) => noticeToRow(notice));
  const room = TRANSACTION_BYTES - PROGRESS_BYTES;
  if (areWithin([...others, ...rows], room)) return rows;
  const share = Math.floor((room - sumOf(others)) / rows.length);
  const frame = 1_200;
  return notices.map((notice) => noticeToRow(notice, Math.max(0, share - frame)));
}

/** The progress of a list is stored with the incident in one more row; see `environmentRows`. */
const PROGRESS_BYTES = 140_000;

function incidentRows({ incident, timeline }: Transition): Row[] {
  if (!incident) return [];
  return [incidentToRow(incident), ...timeline.map((entry, n) => timelineToRow(incident, entry, n))];
}

/** Enough of a long list for another process to name some. */
const FIRST_OF_MANY = 20;

/** The environments, or the first of many, and the progress of the list. */
function environmentRows(
  { incident, environments }: Transition,
  before: readonly TransactionAction[],
): Row[] {
  if (!incident || environments.length === 0) return [];
  const progress = progressToRow(incident, false);
  const others = [...before.map(([, entity]): Row => entity), progress];
  // If not all of them fit, only some are written: the first notice waits for this transaction.
  const all = before.length + environments.length + 1 <= TRANSACTION_ROWS;
  const first = all ? environments : environments.slice(0, FIRST_OF_MANY);
  const made = environmentsToRows(incident, first);
  if (all && areWithin([...others, ...made], TRANSACTION_BYTES))
    return [...made, progressToRow(incident, true)];
  const rows: Row[] = [];
  let bytes = sumOf(others);
  for (const row of made) {
    bytes += wireBytes(row);
    if (before.length + rows.length + 2 > TRANSACTION_ROWS || bytes > TRANSACTION_BYTES)
      return [...rows, progress];
    rows.push(row);
  }
  return [...rows, first.length < environments.length ? progress : progressToRow(incident, true)];
}

interface Attempt {
  table: TableLike;
  known: KnownMembers;
  transition: Transition;
  version: string | undefined;
  notices: OutboxRow[];
  partition: string;
  commit: string;
}

/**
 * Usually another writer was first. But after a lost answer the SDK sends the transaction again, and the
 * second one meets the first one's rows: then it was our own commit. If the policy state is still the one of
 * the decision, the conflict was a notice that was requested before, so it is left out.
 */
async function afterRefusal(attempt: Attempt): ReturnType<IncidentStore['commit']> {
  const { table, known, transition, version, notices, partition, commit } = attempt;
  const { place, etag } = fromVersion(version);
  const read = (rowKey: string) =>
    ask('read what was committed', () => table.getEntity(partition, rowKey), [404]);
  const policyState: StoredRow | undefined = (await read(stateRow(place))).value;
  if (policyState?.commit === commit) {
    const stored = await etagsOf(table, partition, notices);
    const rows = notices.map((notice) => ({ ...notice, etag: etagOf(stored.get(keyOf(notice))) }));
    return { outcome: 'committed', etag: versionOf({ place, etag: policyState.etag }), rows };
  }
  if (policyState === undefined || etag === undefined || policyState.etag !== etag)
    return { outcome: 'conflict' };
  const stored = await etagsOf(table, partition, notices);
  const missing = notices.filter((notice) => !stored.has(keyOf(notice)));
  if (missing.length === notices.length) return { outcome: 'conflict' };
  return commitRows(table, known, transition, version, missing);
}

async function etagsOf(
  table: TableLike,
  partition: string,
  notices: readonly OutboxRow[],
): Promise<Map<string, string>> {
  const read = await Promise.all(
    notices.map((notice) =>
      ask('read what was committed', () => table.getEntity(partition, keyOf(notice)), [404]),
    ),
  );
  return new Map(
    read.flatMap(({ value }) => (value?.rowKey === undefined ? [] : [[value.rowKey, value.etag]])),
  );
}

function keyOf(notice: OutboxRow): string {
  return noticeRow(notice.incidentId, notice.noticeId, notice.channel);
}

function replace(row: Row): TransactionAction {
  return ['upsert', row, 'Replace'];
}

export function remember(known: KnownMembers, key: string, hash: string): void {
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(key, hash);
}
