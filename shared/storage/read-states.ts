import { policyKey } from '../incidents/ids.ts';
import type { PolicyState } from '../incidents/incident.ts';
import { type KnownMembers, remember } from './commit-rows.ts';
import { DRILL_PARTITION } from './drill-partition.ts';
import { unpack } from './entities.ts';
import type { StoredPolicyState } from './incident-store.ts';
import { inPartition, PROGRESS_ROW, placeOfState, STATE_ROWS } from './keys.ts';
import { eachRow, query } from './query.ts';
import { type Lost, recoverPolicyState, type StateTables } from './recover-state.ts';
import { incidentFromRow } from './rows.ts';
import { membersFromRows } from './state-rows.ts';
import { policyStateSchema } from './state-schema.ts';
import { versionOf } from './state-version.ts';
import { StorageUnavailableError } from './storage-errors.ts';
import type { StoredRow } from './table-port.ts';
import { faultOf, type RowFault } from './unreadable-rows.ts';

export interface Read<T> {
  value: T;
  faults: RowFault[];
}

/** Every policy state except the drill's. They are long: a row is released as soon as its state is made. */
export async function readPolicyStates(
  tables: StateTables,
  known: KnownMembers,
): Promise<Read<StoredPolicyState[]>> {
  const policyStates: StoredPolicyState[] = [];
  const faults: RowFault[] = [];
  const again: string[] = [];
  let ofOne: StoredRow[] = [];
  const finish = () => {
    const partition = ofOne[0]?.partitionKey ?? DRILL_PARTITION;
    const read = partition === DRILL_PARTITION ? undefined : policyStateIn(ofOne);
    ofOne = [];
    if (!read) return;
    if (!read.stored) again.push(partition);
    else {
      policyStates.push(read.stored);
      faults.push(...read.faults);
    }
  };
  // Table service docs, "Query Entities": rows are sorted by partition, then by key.
  await eachRow(tables.policies, 'list what is remembered', STATE_ROWS, (row) => {
    if (row.partitionKey !== ofOne[0]?.partitionKey) finish();
    ofOne.push(row);
  });
  finish();
  for (const read of await Promise.all(again.map((partition) => readOne(tables, partition, known)))) {
    if (read.value) policyStates.push(read.value);
    faults.push(...read.faults);
  }
  return { value: policyStates, faults };
}

/** The state of one policy; if its row can't be read, a recovered one in the next place. */
export async function readPolicyState(
  tables: StateTables,
  policyId: string,
  known: KnownMembers,
): Promise<Read<StoredPolicyState | undefined>> {
  return readOne(tables, policyKey(policyId), known, policyId);
}

const READ_TRIES = 5;

/**
 * A policy state with thousands of members is stored in several rows; a read during a write is repeated. A
 * torn state that keeps the same version has lost rows.
 */
async function readOne(
  tables: StateTables,
  partition: string,
  known: KnownMembers,
  policyId?: string,
): Promise<Read<StoredPolicyState | undefined>> {
  let before: Lost | undefined;
  for (let attempt = 0; attempt < READ_TRIES; attempt += 1) {
    const rows = await query(
      tables.policies,
      'read what is remembered of a policy',
      inPartition(partition, STATE_ROWS),
    );
    const read = policyStateIn(rows);
    if (!read) return { value: undefined, faults: [] };
    const { stored, faults, membersHash, lost } = read;
    if (stored) {
      if (membersHash !== undefined) remember(known, `${partition} ${stored.etag}`, membersHash);
      return { value: stored, faults };
    }
    const isTornAnew = lost.isTorn && (attempt < READ_TRIES - 1 || before?.version !== lost.version);
    if (!isTornAnew) {
      const recovered = await recoverPolicyState(tables, partition, {
        ...lost,
        policyId: policyId ?? lost.policyId,
      });
      const whose = recovered.value?.policyState.policyId;
      return {
        value: recovered.value,
        faults: [...faults, ...recovered.faults].map((fault) => ({ ...fault, policyId: whose })),
      };
    }
    before = lost;
  }
  throw new StorageUnavailableError('read what is remembered of a policy', {
    name: 'KeepsChanging',
    statusCode: 503,
  });
}

type StateRead = { faults: RowFault[] } & (
  | { stored: StoredPolicyState; membersHash?: string; lost?: undefined }
  | { stored?: undefined; membersHash?: undefined; lost: Lost }
);

/** The policy state from the rows of its partition. Undefined: there is none. */
function policyStateIn(rows: readonly StoredRow[]): StateRead | undefined {
  let row: StoredRow | undefined;
  let place = -1;
  let older: { row: StoredRow; place: number }[] | undefined;
  for (const one of rows) {
    const at = placeOfState(one.rowKey);
    if (at === undefined) continue;
    if (row) older = [...(older ?? []), at > place ? { row, place } : { row: one, place: at }];
    if (at > place) [row, place] = [one, at];
  }
  if (!row) return undefined;
  const faults = (older ?? []).flatMap((one) => headAt(one.place, one.row, rows).fault ?? []);
  const { policyState, fault, isTorn } = headAt(place, row, rows);
  if (fault || !policyState) {
    const lost: Lost = { place, isTorn: isTorn === true, version: row.etag };
    if (policyState) lost.policyState = policyState;
    if (typeof row.policyId === 'string') lost.policyId = row.policyId;
    if (typeof row.sequence === 'number') lost.sequence = row.sequence;
    return { faults: fault ? [...faults, fault] : faults, lost };
  }
  faults.push(...readProgress(rows, policyState));
  for (const one of faults) one.policyId = policyState.policyId;
  const stored = { policyState, etag: versionOf({ place, etag: row.etag }) };
  return typeof row.membersHash === 'string'
    ? { stored, faults, membersHash: row.membersHash }
    : { stored, faults };
}

/** `isTorn`: rows beside it are missing, and the policy state lacks their content. */
function headAt(
  place: number,
  row: StoredRow,
  rows: readonly StoredRow[],
): { policyState?: PolicyState; fault?: RowFault; isTorn?: true } {
  try {
    const policyState = unpack<PolicyState>(row, policyStateSchema);
    if (policyKey(policyState.policyId) !== row.partitionKey)
      return { fault: { row, why: 'it is about a policy of another partition' } };
    if (!(Number(row.membersRows) > 0)) return { policyState };
    const members = membersFromRows(rows, place, row);
    const { environments, ...history } = policyState.history;
    if (!members || !environments)
      return {
        policyState: { ...policyState, history },
        fault: { row, why: 'rows of its list of environments are missing' },
        isTorn: true,
      };
    environments.members = members;
    return { policyState };
  } catch (error) {
    return { fault: faultOf(error, row) };
  }
}

/**
 * The list that a crash left incomplete. If its progress can't be read, the list of the open incident is
 * written again.
 */
function readProgress(rows: readonly StoredRow[], policyState: PolicyState): RowFault[] {
  const progress = rows.find(({ rowKey }) => rowKey === PROGRESS_ROW);
  if (progress?.done !== false) return [];
  try {
    policyState.environmentsUnwritten = incidentFromRow(progress);
    return [];
  } catch (error) {
    if (policyState.incident) policyState.environmentsUnwritten = policyState.incident;
    return [faultOf(error, progress)];
  }
}
