import { policyKey } from '../incidents/ids.ts';
import type { AffectedEnvironment, Incident, PolicyState } from '../incidents/incident.ts';
import type { StoredPolicyState } from './incident-store.ts';
import { INCIDENT_ROWS, incidentRow, inPartition, rowsOfIncident } from './keys.ts';
import { query } from './query.ts';
import type { Read } from './read-states.ts';
import { environmentFromRow, incidentFromRow } from './rows.ts';
import { versionOf } from './state-version.ts';
import { ask, StorageRefusedError, StorageUnavailableError } from './storage-errors.ts';
import type { StoredRow, TableLike, Tables } from './table-port.ts';
import { faultOf, type RowFault, readEach } from './unreadable-rows.ts';

/** A policy state that can't be read, or only in part. */
export interface Lost {
  /** Its place. */
  place: number;
  /** Its ETag. */
  version: string;
  /** Some of the rows beside it are missing: it may just be in the middle of a write. */
  isTorn: boolean;
  policyId?: string;
  /** The number of its last incident, by a column of its own. */
  sequence?: number;
  /** The readable part of it. */
  policyState?: PolicyState;
}

/** The tables from which a policy's state can be read, or recovered. */
export type StateTables = Pick<Tables, 'policies' | 'history'>;

/** Older than every reading and every entry of the read model, so that it never replaces one. */
const NEVER = new Date(0).toISOString();

/**
 * Recovers as much as is known of a policy whose state can't be read: the open incident and its environments,
 * from rows of their own, and the number of the last incident, so that the next one never takes the row of an
 * earlier one. It is committed in the next place; nobody overwrites the row that can't be read. Undefined if
 * the policy is not known: discovery then asks for it by its id.
 */
export async function recoverPolicyState(
  { policies: table, history }: StateTables,
  partition: string,
  lost: Lost,
): Promise<Read<StoredPolicyState | undefined>> {
  const doing = 'read the incidents of a policy whose state can not be read';
  const rows = await query(table, doing, inPartition(partition, INCIDENT_ROWS), [], ['rowKey', 'policyId']);
  const isIts = (id: unknown): id is string => typeof id === 'string' && policyKey(id) === partition;
  const policyId = [lost.policyState?.policyId, lost.policyId, ...rows.map((row) => row.policyId)].find(
    isIts,
  );
  if (policyId === undefined) return { value: undefined, faults: [] };

  const moved = await movedOf(history, partition);
  const known = [lost.policyState?.sequence ?? 0, lost.sequence ?? 0];
  const sequence = Math.max(0, ...known, ...[...rows, ...moved].map(sequenceOf));
  const faults: RowFault[] = [];
  const incident = lost.policyState
    ? lost.policyState.incident
    : await openIncident(table, partition, `${partition}-${sequence}`, faults);
  const begun: PolicyState = lost.policyState ?? {
    policyId,
    verdict: 'unknown',
    findings: [],
    readAt: NEVER,
    parts: {},
    history: { policyId },
    supported: true,
    warnings: [],
    sequence,
  };
  const policyState: PolicyState = { ...begun, sequence };
  if (incident) await resume(table, partition, incident, policyState, faults);
  return { value: { policyState, etag: versionOf({ place: lost.place + 1 }) }, faults };
}

/** Without them, the column of the state row remains, and the incidents that have not moved. */
async function movedOf(history: TableLike, partition: string): Promise<StoredRow[]> {
  const doing = 'read the history of a policy whose state can not be read';
  try {
    return await query(history, doing, inPartition(partition, INCIDENT_ROWS), [404], ['rowKey']);
  } catch (error) {
    if (error instanceof StorageUnavailableError || error instanceof StorageRefusedError) return [];
    throw error;
  }
}

function sequenceOf({ rowKey = '' }: StoredRow): number {
  return Number(/-(\d{1,10})$/.exec(rowKey)?.[1] ?? 0);
}

/** Only the last of a policy's incidents can be open. */
async function openIncident(
  table: TableLike,
  partition: string,
  id: string,
  faults: RowFault[],
): Promise<Incident | undefined> {
  const got = await ask('read an incident', () => table.getEntity(partition, incidentRow(id)), [404]);
  if (!got.value) return undefined;
  try {
    const incident = incidentFromRow(got.value);
    return incident.state === 'closed' || incident.state === 'dismissed' ? undefined : incident;
  } catch (error) {
    faults.push(faultOf(error, got.value));
    return undefined;
  }
}

/** The members are those of the incident, so that none of them counts as new. */
async function resume(
  table: TableLike,
  partition: string,
  incident: Incident,
  policyState: PolicyState,
  faults: RowFault[],
): Promise<void> {
  const filter = inPartition(partition, rowsOfIncident('environment', incident.id));
  const read = readEach(await query(table, 'list environments', filter), environmentFromRow);
  faults.push(...read.faults);
  const left = new Set(incident.environmentsLeft ?? []);
  const members = read.values.filter(({ id }) => !left.has(id)).map(memberOf);
  policyState.incident = { ...incident, environmentCount: members.length + left.size };
  if (members.length === 0) return;
  const { environmentsAsOf: asOf = incident.readAt, environmentsSource: source = 'powerPlatform' } = incident;
  policyState.history = { ...policyState.history, environments: { asOf, source, members } };
}

function memberOf({ state: _, deletedAt: __, deletionIsGuess: ___, ...member }: AffectedEnvironment) {
  return member;
}
