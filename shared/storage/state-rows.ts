import { createHash } from 'node:crypto';
import type { EnvironmentFact } from '../facts/facts.ts';
import { policyKey } from '../incidents/ids.ts';
import type { PolicyState } from '../incidents/incident.ts';
import { listOf } from './checks.ts';
import { compress, expand, pack, packBytes, parsed, ROW_BYTES, unpackBytes } from './entities.ts';
import { membersRow, stateRow } from './keys.ts';
import { memberSchema } from './row-schemas.ts';
import { BrokenRowError, UnreadableRowError } from './storage-errors.ts';
import type { Row, StoredRow } from './table-port.ts';

/** A membership up to this long, as JSON, is in the state row itself; a longer one in rows of its own. */
const INLINE_MEMBERS = 20_000;
/**
 * The share of memberships in a transaction, before base64; the rest is for the policy state, the incident
 * and the notices.
 */
const MEMBERS_BYTES = 2_200_000;

const FIRST_BYTES = 200_000;

export interface PolicyStateRows {
  policyState: Row;
  /** Makes rows of the stored members, if they don't fit into the state row; for the same transaction. */
  members(): Row[];
  /** The hash of the members' rows; empty if there are none. The same hash means the same rows. */
  membersHash: string;
}

/**
 * The policy state as rows of that place. `commit`: an id of this write, so that a writer can recognise its
 * own.
 */
export function policyStateToRows(policyState: PolicyState, commit: string, place: number): PolicyStateRows {
  const { environmentsUnwritten: _, ...kept } = policyState;
  const partitionKey = policyKey(policyState.policyId);
  const list = kept.history.environments;
  const columns = {
    partitionKey,
    rowKey: stateRow(place),
    policyId: policyState.policyId,
    verdict: policyState.verdict,
    readAt: policyState.readAt,
    sequence: policyState.sequence,
    incidentId: policyState.incident?.id ?? '',
    incidentState: policyState.incident?.state ?? '',
    commit,
  };
  const apart = list && membersApart(list.members);
  if (!list || !apart) {
    return {
      policyState: { ...columns, membersRows: 0, membersHash: '', ...pack(kept, FIRST_BYTES) },
      members: () => [],
      membersHash: '',
    };
  }
  const { count, membersHash } = apart;
  const short: PolicyState = {
    ...kept,
    history: { ...kept.history, environments: { ...list, members: [] } },
  };
  return {
    policyState: { ...columns, membersRows: count, membersHash, ...pack(short, FIRST_BYTES) },
    members: () => membersToRows(partitionKey, place, apart),
    membersHash,
  };
}

/** A membership in rows of its own. */
interface Apart {
  membersHash: string;
  count: number;
  bytes: Uint8Array;
}

/**
 * The known rows of a membership. Ten thousand members that are written back unchanged are neither serialised
 * nor compressed again; a list is never changed, only replaced.
 */
const apartOf = new WeakMap<readonly EnvironmentFact[], Apart>();

/** Undefined: so few that they fit into the state row. */
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

function membersToRows(partitionKey: string, place: number, { membersHash, count, bytes }: Apart): Row[] {
  return Array.from({ length: count }, (_, n) => {
    const columns = packBytes(bytes.subarray(n * ROW_BYTES, (n + 1) * ROW_BYTES));
    return { partitionKey, rowKey: membersRow(place, n), membersHash, ...columns };
  });
}

/**
 * Tens of thousands of long names can exceed a transaction: then names are shortened first, since only ids
 * matter.
 */
function squeezed(members: readonly EnvironmentFact[], text: string): Uint8Array {
  const whole = compress(text);
  if (whole.length <= MEMBERS_BYTES) return whole;
  for (const length of [80, 20, 0]) {
    const shortened = members.map(({ url: _, ...member }) => ({
      ...member,
      displayName: [...member.displayName].slice(0, length).join('') || member.id,
    }));
    const bytes = compress(JSON.stringify(shortened));
    if (bytes.length <= MEMBERS_BYTES) return bytes;
  }
  throw new BrokenRowError(
    `${members.length} environments of one policy are more than Lockwatch can remember.`,
  );
}

/**
 * The membership beside a state row. Undefined: some of its rows are missing. Throws `UnreadableRowError`.
 */
export function membersFromRows(
  rows: readonly StoredRow[],
  place: number,
  { membersRows, membersHash }: StoredRow,
): EnvironmentFact[] | undefined {
  const byKey = new Map(rows.map((row) => [row.rowKey, row]));
  const parts: StoredRow[] = [];
  for (let n = 0; n < Number(membersRows); n += 1) {
    const row = byKey.get(membersRow(place, n));
    if (!row || row.membersHash !== membersHash) return undefined;
    parts.push(row);
  }
  return decoded(typeof membersHash === 'string' ? membersHash : '', parts);
}

/** The last long lists, by their hash: every sweep and every signal reads the same one. */
const latest = new Map<string, EnvironmentFact[]>();
const MAX_LATEST = 4;
const areMembers = listOf(memberSchema);

function decoded(membersHash: string, parts: readonly StoredRow[]): EnvironmentFact[] {
  const bytes = Buffer.concat(parts.map(unpackBytes));
  const members = latest.get(membersHash) ?? membersIn(bytes, parts[0] ?? { etag: '' });
  if (membersHash === '') return members;
  apartOf.set(members, { membersHash, count: parts.length, bytes });
  latest.delete(membersHash);
  latest.set(membersHash, members);
  for (const oldest of latest.keys()) if (latest.size > MAX_LATEST) latest.delete(oldest);
  return members;
}

function membersIn(bytes: Uint8Array, row: StoredRow): EnvironmentFact[] {
  const members = parsed(row, () => expand(bytes));
  if (areMembers(members) !== undefined)
    throw new UnreadableRowError(row, 'it holds no list of environments');
  return members as EnvironmentFact[];
}
