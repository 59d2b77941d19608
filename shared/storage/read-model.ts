import { normalId } from '../azure/arm-id.ts';
import type { EnvironmentFact } from '../facts/facts.ts';
import type { MovedTo } from '../facts/reader.ts';
import { linkedMembers } from '../incidents/environments.ts';
import { policyKey } from '../incidents/ids.ts';
import type { PolicyState } from '../incidents/incident.ts';
import { pastOrIgnored } from '../incidents/stored-time.ts';
import type { Verdict } from '../triggers/finding.ts';
import type { LeftEnvironment } from '../triggers/left-environment.ts';
import { policyNameOf, policyVaultId } from '../triggers/policy-chain.ts';
import { compress, expand, packBytes, parsed, ROW_BYTES, unpackBytes } from './entities.ts';
import { inPartition, rowsUnder } from './keys.ts';
import { query } from './query.ts';
import { readModelSchema } from './row-schemas.ts';
import { UnreadableRowError } from './storage-errors.ts';
import type { Row, StoredRow, TableLike } from './table-port.ts';
import { faultOf, type RowFault } from './unreadable-rows.ts';
import { updateUnderEtag } from './update-under-etag.ts';

/** One policy in the read model for lists: the fields for the watch list and the first page of the status. */
export interface ReadModelEntry {
  policyId: string;
  name: string;
  vaultId?: string;
  vaultLocation?: string;
  rbac?: boolean;
  keyName?: string;
  keyVersions?: string[];
  principalId?: string;
  moved?: MovedTo[];
  verdict: Verdict;
  incidentId?: string;
  readAt: string;
  environments: { id: string; displayName: string }[];
}

const PARTITION = 'policies';

/**
 * Writes one policy's entry, derived from its state. An older state never overwrites a newer one, unless a
 * clock that ran ahead wrote the newer. The table contains nothing that the policy states don't, so it is
 * rebuilt if somebody deletes it.
 */
export async function writeReadModel(table: TableLike, policyState: PolicyState, now: string): Promise<void> {
  const [row, ...beside] = toRows(entryOf(policyState));
  if (!row?.rowKey) return;
  const keys = { partitionKey: PARTITION, rowKey: row.rowKey };
  // Conflict: others keep writing the same entry from readings as new as ours; theirs are sufficient.
  await updateUnderEtag({ ...keys, table, what: 'the read model', disposable: true }, (before) =>
    before && isNewer(before, policyState, now) ? undefined : { value: undefined, row, beside },
  );
}

/** An entry that can't be read, or was written by a clock that ran ahead, is overwritten. */
function isNewer(row: StoredRow, { policyId, readAt }: PolicyState, now: string): boolean {
  if (row.count === 1 && 'fault' in entryIn([row])) return false;
  const writtenAt = pastOrIgnored(String(row.readAt), now);
  return row.policyId === policyId && writtenAt !== undefined && Date.parse(writtenAt) > Date.parse(readAt);
}

/**
 * Every policy's entry; none if the table doesn't exist. An entry that can't be read, or was read during a
 * write, is left out: the sweep writes it again.
 */
export async function readReadModel(
  table: TableLike,
): Promise<{ values: ReadModelEntry[]; faults: RowFault[] }> {
  const filter = inPartition(PARTITION, rowsUnder('policy'));
  const rows = await query(table, 'read the read model', filter, [404]);
  const values: ReadModelEntry[] = [];
  const faults: RowFault[] = [];
  for (const ofOne of Map.groupBy(rows, (row) => row.rowKey?.split('|')[1]).values()) {
    const read = entryIn(ofOne);
    if ('entry' in read) values.push(read.entry);
    else if (read.fault) faults.push(read.fault);
  }
  return { values, faults };
}

/** True if a policy state's entry equals this one except for the reading's time: nothing to write. */
export function isInReadModel(policyState: PolicyState, entry: ReadModelEntry | undefined): boolean {
  if (!entry) return false;
  const { environments, ...rest } = entryOf(policyState);
  const { environments: listed, ...stored } = entry;
  return (
    JSON.stringify({ ...rest, readAt: '' }) === JSON.stringify({ ...stored, readAt: '' }) &&
    areSame(environments, listed)
  );
}

function areSame(
  some: ReadModelEntry['environments'],
  others: ReadModelEntry['environments'] | undefined,
): boolean {
  if (some === others) return true;
  return (
    some.length === others?.length &&
    some.every(({ id, displayName }, n) => id === others[n]?.id && displayName === others[n]?.displayName)
  );
}

/** A policy's entry, from its state. */
export function entryOf(policyState: PolicyState): ReadModelEntry {
  return {
    ...entryOfChain(policyState),
    environments: namesOf(linkedMembers(policyState.history) ?? []),
  };
}

/** The same without the names of the environments, which take longer than all the rest. */
export function entryOfChain(policyState: PolicyState): Omit<ReadModelEntry, 'environments'> {
  const { policy, vault, key } = policyState.history;
  return {
    policyId: policyState.policyId,
    name: policyNameOf(policyState.history),
    vaultId: policyVaultId(policyState.history),
    vaultLocation: vault?.location,
    rbac: vault?.rbac,
    keyName: key?.name ?? policy?.keyName,
    keyVersions: key?.versions.map(({ version }) => version),
    principalId: policy?.principalId,
    ...movedOf(policyState.history.left?.environments),
    verdict: policyState.verdict,
    incidentId: policyState.incident?.id,
    readAt: policyState.readAt,
  };
}

const MAX_MOVED = 5;

function movedOf(left: readonly LeftEnvironment[] = []): Pick<ReadModelEntry, 'moved'> {
  const pairs = new Map<string, MovedTo>();
  for (const { movedTo, keyId } of left)
    if (movedTo && keyId) pairs.set(normalId(`${movedTo} ${keyId}`), { policyId: movedTo, keyId });
  return pairs.size > 0 ? { moved: [...pairs.values()].slice(-MAX_MOVED) } : {};
}

/** A name of this length is enough to recognise an environment; for very many environments, their ids are. */
const NAME_CHARACTERS = 100;
const MAX_NAMED = 15_000;

/** The same list for the same members: one decision makes an entry several times. */
function namesOf(linked: readonly EnvironmentFact[]): ReadModelEntry['environments'] {
  const most = linked.length > MAX_NAMED ? 0 : NAME_CHARACTERS;
  const short = (name: string) => (name.length > most ? name.slice(0, most).toWellFormed() : name);
  const names =
    known.get(linked) ?? linked.map(({ id, displayName }) => ({ id, displayName: short(displayName) }));
  known.set(linked, names);
  return names;
}
const known = new WeakMap<readonly EnvironmentFact[], ReadModelEntry['environments']>();

function toRows(entry: ReadModelEntry): Row[] {
  const bytes = compress(JSON.stringify(entry));
  const count = Math.ceil(bytes.length / ROW_BYTES);
  return Array.from({ length: count }, (_, n) => ({
    partitionKey: PARTITION,
    rowKey: `policy|${policyKey(entry.policyId)}|${String(n).padStart(3, '0')}`,
    policyId: entry.policyId,
    verdict: entry.verdict,
    readAt: entry.readAt,
    count,
    ...packBytes(bytes.subarray(n * ROW_BYTES, (n + 1) * ROW_BYTES)),
  }));
}

/** No fault and no entry: it is being written. */
function entryIn(rows: readonly StoredRow[]): { entry: ReadModelEntry } | { fault?: RowFault } {
  const [first] = rows;
  if (!first) return {};
  const parts = rows.slice(0, Number(first.count));
  if (parts.length > 0 && parts.some((row) => row.readAt !== first.readAt)) return {};
  try {
    const value = parsed(first, () => expand(Buffer.concat(parts.map(unpackBytes))));
    const path = readModelSchema(value);
    if (path !== undefined)
      throw new UnreadableRowError(first, `'${path}' is not of the kind that is written`);
    return { entry: value as ReadModelEntry };
  } catch (error) {
    return { fault: faultOf(error, first) };
  }
}
