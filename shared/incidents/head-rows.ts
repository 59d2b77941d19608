import { createHash } from 'node:crypto';
import type { EnvironmentFact } from '../facts/facts.ts';
import { compress, expand, pack, packBytes, ROW_BYTES, unpack, unpackBytes } from './entities.ts';
import type { Head, Incident } from './incident.ts';
import { HEAD_ROW, membersRow, PROGRESS_ROW, policyKey } from './keys.ts';
import { BrokenRow } from './storage-errors.ts';
import type { StoredHead } from './store.ts';
import type { Row, StoredRow } from './table-port.ts';

/** A membership up to this long, as JSON, lies in the head row itself; a longer one in rows of its own. */
const INLINE_MEMBERS = 20_000;
/** What memberships may take of a transaction; the rest is for the head, the incident and the notices. */
const MEMBERS_BYTES = 2_400_000;

export interface HeadRows {
  head: Row;
  /** Makes rows of the remembered members, where they don't fit into the head row; for the same transaction. */
  members(): Row[];
  /** What the members' rows hold; empty where there are none. The same hash means the same rows. */
  membersHash: string;
}

/** The head as rows. `commit`: an id of this very write, so that a writer can find out whether it was its own. */
export function headToRows(head: Head, commit: string): HeadRows {
  const { environmentsUnwritten: _, ...kept } = head;
  const partitionKey = policyKey(head.policyId);
  const list = kept.remembered.environments;
  const columns = {
    partitionKey,
    rowKey: HEAD_ROW,
    policyId: head.policyId,
    verdict: head.verdict,
    readAt: head.readAt,
    incidentId: head.incident?.id ?? '',
    incidentState: head.incident?.state ?? '',
    commit,
  };
  const apart = list && membersApart(list.members);
  if (!list || !apart) {
    return {
      head: { ...columns, membersRows: 0, membersHash: '', ...pack(kept) },
      members: () => [],
      membersHash: '',
    };
  }
  const { count, membersHash } = apart;
  const short: Head = { ...kept, remembered: { ...kept.remembered, environments: { ...list, members: [] } } };
  return {
    head: { ...columns, membersRows: count, membersHash, ...pack(short) },
    members: () => membersToRows(partitionKey, apart),
    membersHash,
  };
}

/** A membership that lies in rows of its own. */
interface Apart {
  membersHash: string;
  count: number;
  bytes: Uint8Array;
}

/**
 * What is known of the rows of a membership. Ten thousand members that were read and go back unchanged are neither
 * written as text nor compressed again; a list is never changed, only replaced.
 */
const apartOf = new WeakMap<readonly EnvironmentFact[], Apart>();

/** Undefined: so few that they lie in the head row. */
function membersApart(members: readonly EnvironmentFact[]): Apart | undefined {
  const before = apartOf.get(members);
  if (before) return before;
  const text = JSON.stringify(members);
  if (text.length <= INLINE_MEMBERS) return undefined;
  const bytes = squeezed(members, text);
  const apart: Apart = {
    membersHash: createHash('sha256').update(text).digest('base64url'),
    count: Math.ceil(bytes.length / ROW_BYTES),
    bytes,
  };
  apartOf.set(members, apart);
  return apart;
}

/** The head from the rows of its partition. Undefined: there is none. 'torn': read in the midst of a write. */
export function headFromRows(rows: readonly StoredRow[]): StoredHead | 'torn' | undefined {
  const row = rows.find(({ rowKey }) => rowKey === HEAD_ROW);
  if (!row) return undefined;
  const head = unpack<Head>(row);
  if (typeof row.membersRows === 'number' && row.membersRows > 0) {
    const members = membersFromRows(rows, row.membersRows, row.membersHash);
    if (!members || !head.remembered.environments) return 'torn';
    head.remembered.environments.members = members;
  }
  const progress = rows.find(({ rowKey }) => rowKey === PROGRESS_ROW);
  if (progress?.done === false) head.environmentsUnwritten = unpack<Incident>(progress);
  return { head, etag: row.etag };
}

function membersToRows(partitionKey: string, { membersHash, count, bytes }: Apart): Row[] {
  return Array.from({ length: count }, (_, n) => {
    const columns = packBytes(bytes.subarray(n * ROW_BYTES, (n + 1) * ROW_BYTES));
    return { partitionKey, rowKey: membersRow(n), membersHash, ...columns };
  });
}

/** Tens of thousands of long names can outgrow a transaction: then names are cut first, since ids are what counts. */
function squeezed(members: readonly EnvironmentFact[], text: string): Uint8Array {
  const whole = compress(text);
  if (whole.length <= MEMBERS_BYTES) return whole;
  for (const length of [80, 20, 0]) {
    const cut = members.map(({ url: _, ...member }) => ({
      ...member,
      displayName: [...member.displayName].slice(0, length).join('') || member.id,
    }));
    const bytes = compress(JSON.stringify(cut));
    if (bytes.length <= MEMBERS_BYTES) return bytes;
  }
  throw new BrokenRow(`${members.length} environments of one policy are more than Lockwatch can remember.`);
}

function membersFromRows(
  rows: readonly StoredRow[],
  count: number,
  hash: unknown,
): EnvironmentFact[] | undefined {
  const byKey = new Map(rows.map((row) => [row.rowKey, row]));
  const parts: Uint8Array[] = [];
  for (let n = 0; n < count; n += 1) {
    const row = byKey.get(membersRow(n));
    if (!row || row.membersHash !== hash) return undefined;
    parts.push(unpackBytes(row));
  }
  return decoded(typeof hash === 'string' ? hash : '', Buffer.concat(parts), count);
}

/** The last long lists, by their hash: the same one is read at every sweep and every signal. */
const latest = new Map<string, EnvironmentFact[]>();
const LATEST_AT_MOST = 4;

function decoded(membersHash: string, bytes: Uint8Array, count: number): EnvironmentFact[] {
  const members = latest.get(membersHash) ?? (JSON.parse(expand(bytes)) as EnvironmentFact[]);
  if (membersHash === '') return members;
  apartOf.set(members, { membersHash, count, bytes });
  latest.delete(membersHash);
  latest.set(membersHash, members);
  for (const oldest of latest.keys()) if (latest.size > LATEST_AT_MOST) latest.delete(oldest);
  return members;
}
