import { policyKey } from '../incidents/ids.ts';
import type { AffectedEnvironment, Incident, PolicyState } from '../incidents/incident.ts';
import type { StoredPolicyState } from './incident-store.ts';
import { INCIDENT_ROWS, incidentRow, inPartition, rowsOfIncident } from './keys.ts';
import { query } from './query.ts';
import type { Read } from './read-states.ts';
import { environmentFromRow, incidentFromRow } from './rows.ts';
import { versionOf } from './state-version.ts';
import { ask } from './storage-errors.ts';
import type { StoredRow, TableLike } from './table-port.ts';
import { faultOf, type RowFault, readEach } from './unreadable-rows.ts';

/** A head that can't be read, or not whole. */
export interface Lost {
  /** Where it is. */
  place: number;
  /** Its ETag. */
  version: string;
  /** The rows beside it are not all there: it may just be in the midst of a write. */
  isTorn: boolean;
  policyId?: string;
  /** What of it can be read. */
  policyState?: PolicyState;
}

/** Older than every reading and every entry of the read model, so that nothing gives way to it. */
const NEVER = new Date(0).toISOString();

/**
 * What can be known of a policy whose head can't be read: the open incident and its environments, from rows of their
 * own, and the number of the last one, so that the next incident never takes the row of an earlier one. It is committed
 * in the next place; nobody writes over the row that can't be read. Undefined where nothing tells which policy it is:
 * then discovery asks for it by its id.
 */
export async function recoverPolicyState(
  table: TableLike,
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

  const sequence = Math.max(0, lost.policyState?.sequence ?? 0, ...rows.map(sequenceOf));
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

function sequenceOf({ rowKey = '' }: StoredRow): number {
  return Number(/-(\d{1,10})$/.exec(rowKey)?.[1] ?? 0);
}

/** Of a policy's incidents only the last can be open. */
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

/** The members are those of the incident, so that none of them is taken for new. */
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
