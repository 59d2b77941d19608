import type { TransactionAction } from '@azure/data-tables';
import type { EnvironmentFact } from '../facts/facts.ts';
import type { Verdict } from '../triggers/finding.ts';
import { compress, expand, packBytes, ROW_BYTES, unpackBytes } from './entities.ts';
import { linkedMembers } from './environments.ts';
import type { Head } from './incident.ts';
import { inPartition, policyKey, rowsUnder } from './keys.ts';
import { query } from './query.ts';
import { ask, BrokenRow } from './storage-errors.ts';
import type { Row, StoredRow, TableLike } from './table-port.ts';

/** One policy in the read model for lists: what the watch list and a first look at the status need. */
export interface OverviewEntry {
  policyId: string;
  name: string;
  vaultId?: string;
  vaultLocation?: string;
  rbac?: boolean;
  keyName?: string;
  keyVersions?: string[];
  principalId?: string;
  verdict: Verdict;
  incidentId?: string;
  readAt: string;
  environments: { id: string; displayName: string }[];
}

const PARTITION = 'policies';
const TRIES = 4;

/**
 * Writes one policy's entry, made from its head; an older head never overwrites a newer one. The table holds nothing
 * that the heads don't, so it is made anew where somebody deleted it.
 */
export async function writeOverview(table: TableLike, head: Head): Promise<void> {
  const rows = toRows(entryOf(head));
  const [first] = rows;
  if (!first) return;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const before = await ask('read the overview', () => table.getEntity(PARTITION, first.rowKey), [404]);
    if (before.value && Date.parse(String(before.value.readAt)) > Date.parse(head.readAt)) return;
    const etag = before.value?.etag;
    const actions: TransactionAction[] = [
      etag === undefined ? ['create', first] : ['update', first, 'Replace', { etag }],
      ...rows.slice(1).map((row): TransactionAction => ['upsert', row, 'Replace']),
    ];
    const done = await ask('write the overview', () => table.submitTransaction(actions), [404, 409, 412]);
    if (done.value) return;
    if (done.status === 404) await ask('make the overview', () => table.createTable());
  }
  // Others keep writing the same entry from readings as new as ours; theirs will do.
}

/** Every policy's entry; none where the table isn't there. One that was read in the midst of a write is left out. */
export async function readOverview(table: TableLike): Promise<OverviewEntry[]> {
  const filter = inPartition(PARTITION, rowsUnder('policy'));
  const rows = await query(table, 'read the overview', filter, [404]);
  const byPolicy = Map.groupBy(rows, (row) => row.rowKey?.split('|')[1]);
  return [...byPolicy.values()].map(fromRows).filter((entry) => entry !== undefined);
}

/** True where a head's entry says the same as this one, but for the reading's time: nothing to write. */
export function isInOverview(head: Head, entry: OverviewEntry | undefined): boolean {
  if (!entry) return false;
  const { environments, ...rest } = entryOf(head);
  const { environments: listed, ...stored } = entry;
  return (
    JSON.stringify({ ...rest, readAt: '' }) === JSON.stringify({ ...stored, readAt: '' }) &&
    areSame(environments, listed)
  );
}

function areSame(
  some: OverviewEntry['environments'],
  others: OverviewEntry['environments'] | undefined,
): boolean {
  if (some === others) return true;
  return (
    some.length === others?.length &&
    some.every(({ id, displayName }, n) => id === others[n]?.id && displayName === others[n]?.displayName)
  );
}

/** A policy's entry, as its head has it. */
export function entryOf(head: Head): OverviewEntry {
  const { policy, vault, key } = head.remembered;
  return {
    policyId: head.policyId,
    name: policy?.name ?? head.policyId.split('/').at(-1) ?? head.policyId,
    vaultId: vault?.id ?? policy?.vaultId,
    vaultLocation: vault?.location,
    rbac: vault?.rbac,
    keyName: key?.name ?? policy?.keyName,
    keyVersions: key?.versions.map(({ version }) => version),
    principalId: policy?.principalId,
    verdict: head.verdict,
    incidentId: head.incident?.id,
    readAt: head.readAt,
    environments: namesOf(linkedMembers(head.remembered) ?? []),
  };
}

/** The same list for the same members: an entry is made several times while one is decided. */
function namesOf(linked: readonly EnvironmentFact[]): OverviewEntry['environments'] {
  const names = known.get(linked) ?? linked.map(({ id, displayName }) => ({ id, displayName }));
  known.set(linked, names);
  return names;
}
const known = new WeakMap<readonly EnvironmentFact[], OverviewEntry['environments']>();

function toRows(entry: OverviewEntry): Row[] {
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

function fromRows(rows: StoredRow[]): OverviewEntry | undefined {
  const [first] = rows;
  const parts = rows.slice(0, Number(first?.count ?? 0));
  if (parts.length === 0 || parts.some((row) => row.readAt !== first?.readAt)) return undefined;
  try {
    return JSON.parse(expand(Buffer.concat(parts.map(unpackBytes)))) as OverviewEntry;
  } catch (cause) {
    throw new BrokenRow(
      `The overview's row ${first?.rowKey} can't be read. Delete the table: it is made anew.`,
      { cause },
    );
  }
}
