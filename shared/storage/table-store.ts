import type { TokenCredential } from '@azure/core-auth';
import type { TableServiceClientOptions } from '@azure/data-tables';
import { policyKey } from '../incidents/ids.ts';
import type { PolicyState } from '../incidents/incident.ts';
import { channelHealthStore } from './channel-health.ts';
import { commitRows, type KnownMembers } from './commit-rows.ts';
import { writeEnvironmentList } from './environment-list.ts';
import { giveUpNotice } from './give-up-notice.ts';
import { leaseGroup, releaseGroup } from './group-lease.ts';
import { type HeartbeatStore, heartbeatStore } from './heartbeat.ts';
import { incidentReads } from './incident-reads.ts';
import type { IncidentStore } from './incident-store.ts';
import { noticeRow } from './keys.ts';
import { readPendingNotices, repairPendingRows } from './pending-notices.ts';
import { type ReadModelEntry, readReadModel, writeReadModel } from './read-model.ts';
import { readPolicyState, readPolicyStates } from './read-states.ts';
import { noticeToRow } from './rows.ts';
import { ask, etagOf } from './storage-errors.ts';
import type { TableLike, Tables } from './table-port.ts';
import { accountIn, type RowFault, type SweptRead, unreadableRows } from './unreadable-rows.ts';
import { type VisibilityStore, visibilityStore } from './visibility-store.ts';

export interface TableStore extends IncidentStore {
  /** Creates the missing tables; a table that is refused does not keep the others from being created. */
  ensureTables(): Promise<void>;
  /** The read model for lists, written after a commit; see `read-model.ts`. */
  writeReadModel(policyState: PolicyState, now: string): Promise<void>;
  readReadModel(): Promise<ReadModelEntry[]>;
  heartbeat: HeartbeatStore;
  visibility: VisibilityStore;
  /** For what else may be deleted at any time. */
  readModelTable(): Promise<TableLike>;
}

/**
 * The store in Azure Tables. Nothing is connected, and the SDK is not even loaded, before its first use.
 * Every method throws `StorageUnavailableError` if storage can't be reached, and never reveals a secret.
 *
 * @example createTableStore({ endpoint: 'https://account.table.core.windows.net', credential })
 */
export function createTableStore(options: {
  endpoint: string;
  credential: TokenCredential;
  policiesTable?: string;
  readModelTable?: string;
  historyTable?: string;
  clientOptions?: TableServiceClientOptions;
}): TableStore {
  const {
    endpoint,
    credential,
    policiesTable = 'policies',
    readModelTable = 'readmodel',
    historyTable = 'history',
    clientOptions,
  } = options;
  let tables: Promise<Tables> | undefined;
  const names = { policies: policiesTable, readModel: readModelTable, history: historyTable };
  return tableStore(
    () => {
      tables ??= Promise.all([import('@azure/data-tables'), import('node:https')]).then(
        ([{ TableClient }, { Agent }]) => {
          const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
          const all = { agent, ...clientOptions };
          return {
            policies: new TableClient(endpoint, policiesTable, credential, all),
            history: new TableClient(endpoint, historyTable, credential, all),
            readModel: new TableClient(endpoint, readModelTable, credential, {
              retryOptions: READ_MODEL,
              ...all,
            }),
          };
        },
      );
      return tables;
    },
    unreadableRows(names, accountIn(endpoint)),
  );
}

/**
 * A sweep of a thousand policies requests hundreds of rows at once: as many connections would take 100 MB.
 */
const CONNECTIONS = 32;
/** The read model is optional: nothing waits the SDK's usual seven seconds of retries for it. */
const READ_MODEL = { maxRetries: 1, retryDelayInMs: 200 };

/**
 * The same over any tables; the simulation has its own. `unreadable`: keeps the rows that could not be read.
 */
export function tableStore(
  tables: () => Promise<Tables>,
  unreadable = unreadableRows({ policies: 'policies', readModel: 'readmodel', history: 'history' }),
): TableStore {
  const policies = async () => (await tables()).policies;
  const known: KnownMembers = new Map();
  const note = (read: SweptRead | (string & {}), faults: readonly RowFault[]) =>
    unreadable.note(read, 'policies', faults);
  const listPolicyStates = oneAtATime(async () => {
    const read = await readPolicyStates(await tables(), known);
    note('heads', read.faults);
    return read.value;
  });
  const policyStateOf = async (policyId: string) => {
    const read = await readPolicyState(await tables(), policyId, known);
    note(`head of ${policyKey(policyId)}`, read.faults);
    return read.value;
  };
  return {
    async ensureTables() {
      const made = await Promise.allSettled(
        Object.values(await tables()).map((table: TableLike) =>
          ask('make the tables', () => table.createTable()),
        ),
      );
      for (const one of made) if (one.status === 'rejected') throw one.reason;
    },
    readPolicyState: policyStateOf,
    listPolicyStates,
    async commit(transition, etag, rows) {
      return commitRows(await policies(), known, transition, etag, rows);
    },
    async writeEnvironments(incident, environments) {
      await writeEnvironmentList(await policies(), incident, environments);
    },
    ...incidentReads(tables, policyStateOf, (read, table, faults) => unreadable.note(read, table, faults)),
    async moveToHistory(incidentId) {
      // Only a sweep moves incidents: no other process loads what does it.
      const { moveToHistory } = await import('./move-to-history.ts');
      const { outcome, faults } = await moveToHistory(await tables(), incidentId);
      note(`move of ${incidentId}`, faults);
      return outcome;
    },
    async pendingNotices(policyIds) {
      const read = await readPendingNotices(await policies(), policyIds);
      if (!policyIds) note('pending notices', read.faults);
      return read.values;
    },
    async repairPendingRows() {
      return repairPendingRows(await policies());
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
    async deleteNotices(rows) {
      const table = await policies();
      const final = rows.filter(({ state }) => state !== 'pending');
      const deleted = final.map(async ({ policyId, incidentId, noticeId, channel, etag }) => {
        const key = noticeRow(incidentId, noticeId, channel);
        const remove = () => table.deleteEntity(policyKey(policyId), key, { etag: etagOf(etag) });
        await ask('delete old notices', remove, [404, 412]);
      });
      await Promise.all(deleted);
    },
    async giveUp(row, rows) {
      return giveUpNotice(await policies(), row, rows);
    },
    channelHealth: channelHealthStore(policies, (faults) => note('channels', faults)),
    async leaseGroup(group, channel, now, until) {
      return leaseGroup(await policies(), group, channel, now, until);
    },
    async releaseGroup(lease, sent) {
      await releaseGroup(await policies(), lease, sent);
    },
    async writeReadModel(policyState, now) {
      await writeReadModel((await tables()).readModel, policyState, now);
    },
    visibility: visibilityStore(policies),
    heartbeat: heartbeatStore(async () => (await tables()).readModel),
    readModelTable: async () => (await tables()).readModel,
    async readReadModel() {
      const read = await readReadModel((await tables()).readModel);
      unreadable.note('readModel', 'readModel', read.faults);
      return read.values;
    },
    unreadableRows: () => unreadable.rows(),
  };
}

/**
 * A caller during a running read gets the result of the next one, together with all others who came
 * meanwhile: nobody gets data read before their call, and at most two results are in memory.
 */
function oneAtATime<T>(read: () => Promise<T>): () => Promise<T> {
  let running: Promise<unknown> | undefined;
  let next: Promise<T> | undefined;
  const begin = () => {
    const answer = read();
    const ended = () => {
      if (running === ending) running = undefined;
    };
    const ending: Promise<unknown> = answer.then(ended, ended);
    running = ending;
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
