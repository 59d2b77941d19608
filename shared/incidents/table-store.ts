import type { TokenCredential } from '@azure/core-auth';
import type { TableServiceClientOptions } from '@azure/data-tables';
import { channelHealthStore } from './channel-health.ts';
import { commitTransition, type KnownMembers, remember } from './commit.ts';
import { DRILL_PARTITION } from './drill-policy.ts';
import { unpack } from './entities.ts';
import { writeEnvironmentList } from './environment-list.ts';
import { giveUpNotice } from './give-up.ts';
import { leaseGroup, releaseGroup } from './group-lease.ts';
import { headFromRows } from './head-rows.ts';
import { type HeartbeatStore, heartbeatStore } from './heartbeat.ts';
import type { AffectedEnvironment, Head, Incident, TimelineEntry } from './incident.ts';
import {
  HEAD_ROW,
  HEAD_ROWS,
  INCIDENT_ROWS,
  incidentRow,
  inPartition,
  partitionOfIncident,
  policyKey,
  rowsOfIncident,
  rowsUnder,
} from './keys.ts';
import { type OverviewEntry, readOverview, writeOverview } from './overview.ts';
import { eachRow, query } from './query.ts';
import { LISTED, listedFromRow, noticeFromRow, noticeToRow } from './rows.ts';
import { type SightStore, sightStore } from './sight-store.ts';
import { ask, etagOf, StorageUnavailable } from './storage-errors.ts';
import type { IncidentStore, StoredHead } from './store.ts';
import type { StoredRow, TableLike, Tables } from './table-port.ts';

export interface TableStore extends IncidentStore {
  /** Makes the tables that are missing. */
  ensureTables(): Promise<void>;
  /** The read model for lists, written after a commit; see `overview.ts`. */
  writeOverview(head: Head): Promise<void>;
  readOverview(): Promise<OverviewEntry[]>;
  heartbeat: HeartbeatStore;
  sight: SightStore;
}

/**
 * The memory in Azure Tables. Nothing is connected, and the SDK is not even loaded, until it is first used. Every
 * method throws `StorageUnavailable` where storage can't be reached, and never tells a secret.
 *
 * @example createTableStore({ endpoint: 'https://account.table.core.windows.net', credential })
 */
export function createTableStore(options: {
  endpoint: string;
  credential: TokenCredential;
  policiesTable?: string;
  overviewTable?: string;
  clientOptions?: TableServiceClientOptions;
}): TableStore {
  const {
    endpoint,
    credential,
    policiesTable = 'policies',
    overviewTable = 'overview',
    clientOptions,
  } = options;
  let tables: Promise<Tables> | undefined;
  return tableStore(() => {
    tables ??= Promise.all([import('@azure/data-tables'), import('node:https')]).then(
      ([{ TableClient }, { Agent }]) => {
        const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
        const both = { agent, ...clientOptions };
        return {
          policies: new TableClient(endpoint, policiesTable, credential, both),
          overview: new TableClient(endpoint, overviewTable, credential, both),
        };
      },
    );
    return tables;
  });
}

/** A sweep of a thousand policies asks for hundreds of rows at once: as many connections would take 100 MB. */
const CONNECTIONS = 32;

/** The same over any tables; the simulation brings its own. */
export function tableStore(tables: () => Promise<Tables>): TableStore {
  const policies = async () => (await tables()).policies;
  const known: KnownMembers = new Map();
  const list = async <T>(
    doing: string,
    incident: Pick<Incident, 'id' | 'policyId'>,
    kind: 'environment' | 'timeline',
  ) => {
    const filter = inPartition(policyKey(incident.policyId), rowsOfIncident(kind, incident.id));
    return (await query(await policies(), doing, filter)).map((row) => unpack<T>(row));
  };
  const listHeads = oneAtATime(async () => listAllHeads(await policies(), known));
  return {
    async ensureTables() {
      const both = await tables();
      await ask('make the tables', () =>
        Promise.all([both.policies.createTable(), both.overview.createTable()]),
      );
    },
    async readHead(policyId) {
      return readHead(await policies(), policyKey(policyId), known);
    },
    listHeads,
    async commit(transition, etag, rows) {
      return commitTransition(await policies(), known, transition, etag, rows);
    },
    async writeEnvironments(incident, environments) {
      await writeEnvironmentList(await policies(), incident, environments);
    },
    async listIncidents() {
      const rows = await query(await policies(), 'list incidents', INCIDENT_ROWS, [], LISTED);
      return rows.filter(({ partitionKey }) => partitionKey !== DRILL_PARTITION).map(listedFromRow);
    },
    async readIncident(incidentId) {
      const partition = partitionOfIncident(incidentId);
      if (partition === undefined) return undefined;
      const table = await policies();
      const got = await ask(
        'read an incident',
        () => table.getEntity(partition, incidentRow(incidentId)),
        [404],
      );
      return got.value && unpack<Incident>(got.value);
    },
    listEnvironments: (incident) => list<AffectedEnvironment>('list environments', incident, 'environment'),
    listTimeline: (incident) => list<TimelineEntry>('list a timeline', incident, 'timeline'),
    async listNotices(incident) {
      const filter = inPartition(policyKey(incident.policyId), rowsOfIncident('notice', incident.id));
      return (await query(await policies(), 'list notices', filter)).map(noticeFromRow);
    },
    async pendingNotices(policyIds) {
      const table = await policies();
      const pending = `${rowsUnder('notice')} and state eq 'pending'`;
      const partitions = [...new Set((policyIds ?? []).map(policyKey))];
      const filters = policyIds ? partitions.map((partition) => inPartition(partition, pending)) : [pending];
      const found = await Promise.all(
        filters.map((filter) => query(table, 'list undelivered notices', filter)),
      );
      const rows = found.flat();
      // A drill sends its own, at once; one that it left behind must not come later as if it were news.
      return (policyIds ? rows : rows.filter(({ partitionKey }) => partitionKey !== DRILL_PARTITION)).map(
        noticeFromRow,
      );
    },
    async updateNotice(row) {
      const table = await policies();
      const { etag } = row;
      if (etag === undefined) throw new TypeError('A notice is updated under its ETag; this one has none.');
      const done = await ask(
        'update a notice',
        () => table.updateEntity(noticeToRow(row), 'Replace', { etag }),
        [404, 412],
      );
      return done.value && { ...row, etag: etagOf(done.value.etag) };
    },
    async giveUp(row, rows) {
      return giveUpNotice(await policies(), row, rows);
    },
    channelHealth: channelHealthStore(policies),
    async leaseGroup(group, channel, now, until) {
      return leaseGroup(await policies(), group, channel, now, until);
    },
    async releaseGroup(lease, sent) {
      await releaseGroup(await policies(), lease, sent);
    },
    async writeOverview(head) {
      await writeOverview((await tables()).overview, head);
    },
    sight: sightStore(policies),
    heartbeat: heartbeatStore(async () => (await tables()).overview),
    async readOverview() {
      return readOverview((await tables()).overview);
    },
  };
}

/** Heads are long: the row is let go as soon as its head is made. */
async function listAllHeads(table: TableLike, known: KnownMembers): Promise<StoredHead[]> {
  const heads: StoredHead[] = [];
  const torn: string[] = [];
  let ofOne: StoredRow[] = [];
  const finish = () => {
    const partition = ofOne[0]?.partitionKey ?? DRILL_PARTITION;
    const head = partition === DRILL_PARTITION ? undefined : headFromRows(ofOne);
    if (head === 'torn') torn.push(partition);
    else if (head) heads.push(head);
    ofOne = [];
  };
  // Table service docs, "Query Entities": rows come sorted by partition, then by key.
  await eachRow(table, 'list what is remembered', HEAD_ROWS, (row) => {
    if (row.partitionKey !== ofOne[0]?.partitionKey) finish();
    ofOne.push(row);
  });
  finish();
  const again = await Promise.all(torn.map((partition) => readHead(table, partition, known)));
  return [...heads, ...again.filter((head) => head !== undefined)];
}

/**
 * Who asks while an answer is under way gets the next one, together with all others who came meanwhile: nobody gets
 * what was read before he asked, and it never lies there more than twice.
 */
function oneAtATime<T>(read: () => Promise<T>): () => Promise<T> {
  let running: Promise<unknown> | undefined;
  let next: Promise<T> | undefined;
  const begin = () => {
    const answer = read();
    const ended = () => {
      if (running === settled) running = undefined;
    };
    const settled: Promise<unknown> = answer.then(ended, ended);
    running = settled;
    return answer;
  };
  return () => {
    if (!running) return begin();
    next ??= running.then(() => {
      next = undefined;
      return begin();
    });
    return next;
  };
}

const READ_TRIES = 5;

/** A head with thousands of members lies in several rows; a read in the midst of a write is made again. */
async function readHead(
  table: TableLike,
  partition: string,
  known: KnownMembers,
): Promise<StoredHead | undefined> {
  for (let attempt = 0; attempt < READ_TRIES; attempt += 1) {
    const rows = await query(table, 'read what is remembered of a policy', inPartition(partition, HEAD_ROWS));
    const head = headFromRows(rows);
    if (head === 'torn') continue;
    const hash = rows.find(({ rowKey }) => rowKey === HEAD_ROW)?.membersHash;
    if (head && typeof hash === 'string') remember(known, `${partition} ${head.etag}`, hash);
    return head;
  }
  throw new StorageUnavailable('read what is remembered of a policy', {
    name: 'KeepsChanging',
    statusCode: 503,
  });
}
