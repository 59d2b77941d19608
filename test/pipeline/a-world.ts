import { normalId } from '../../shared/azure/arm-id.ts';
import type { Part } from '../../shared/azure/part.ts';
import type { Facts } from '../../shared/facts/facts.ts';
import type { Reading } from '../../shared/facts/reader.ts';
import type { EventSourceFact } from '../../shared/facts/source-facts.ts';
import type { Channel, Notice, SendResult } from '../../shared/notices/notice.ts';
import type { Ports, Watched } from '../../shared/pipeline/ports.ts';
import { hintsOf } from '../../shared/pipeline/read-and-commit.ts';
import type { Recheck } from '../../shared/signals/recheck.ts';
import type { Unreadable } from '../../shared/signals/unreadable.ts';
import { makeWatchList } from '../../shared/signals/watch-list.ts';
import { entryOf } from '../../shared/storage/read-model.ts';
import type { Tables } from '../../shared/storage/table-port.ts';
import { tableStore } from '../../shared/storage/table-store.ts';
import { ownSourcesFrom } from '../../shared/visibility/event-source-scope.ts';
import { type HandClock, handClock } from '../azure/hand-clock.ts';
import { memoryTable } from '../simulation/memory-table.ts';
import {
  environment,
  gone,
  known,
  policy,
  reading,
  SUBSCRIPTION,
  unread,
  VAULT_ID,
} from '../triggers/a-reading.ts';

export const OTHER_VAULT_ID = VAULT_ID.replace(/kv-eu$/, 'kv-other');
export const policyId = (name: string) =>
  `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-pp/providers/Microsoft.PowerPlatform/enterprisePolicies/${name}`;

export interface ScriptedChannel extends Channel {
  sent: Notice[];
  /** What the next sends answer; accepted where nothing is scripted. */
  answers: (SendResult | 'hang' | Error)[];
}

export interface World {
  ports: Ports;
  clock: HandClock;
  channels: ScriptedChannel[];
  rechecks: { look: Recheck; delaySeconds: number }[];
  unreadable: Unreadable[];
  /** Our heartbeat messages in the queue. */
  heartbeats: { text: string; dueAt: number }[];
  tables: {
    policies: ReturnType<typeof memoryTable>;
    readModel: ReturnType<typeof memoryTable>;
    history: ReturnType<typeof memoryTable>;
  };
  /** What a policy's reading shows; change it to break something. */
  observedState: Map<string, Partial<Facts>>;
  /** The one watched subscription, as Azure tells of it. */
  subscription: { state?: string; tenantId?: string };
  /** The resources by which signals come in, by lower-case ARM id, as Azure tells of them; unknown where not named. */
  detectionSources: Map<string, Part<EventSourceFact>['state'] | 'closed'>;
  sourceReads: string[];
  /** The parts of LOCKWATCH_EVENT_SOURCES; undefined where it is not set. */
  eventSources?: readonly string[];
  /** Which policies were read, in order. */
  reads: string[];
  /** The same app started anew over the same memory, as after a crash. */
  restart(): Ports;
}

/**
 * The real rooms over memory tables, a clock turned by hand, a scripted truth and scripted channels. `elsewhere`: tables
 * outside this process, with a clock that lets their answers come.
 */
export function aWorld(
  names: string[] = ['p1'],
  channelNames = ['teams', 'email'],
  elsewhere?: { tables: Tables; clock: HandClock },
): World {
  const clock = elsewhere?.clock ?? handClock('2026-11-20T10:00:00.000Z');
  const tables = { policies: memoryTable(), readModel: memoryTable(), history: memoryTable() };
  const observedState = new Map<string, Partial<Facts>>(names.map((name) => [normalId(policyId(name)), {}]));
  const channels = channelNames.map(scriptedChannel);
  const world: Omit<World, 'ports' | 'restart'> = {
    clock,
    channels,
    rechecks: [],
    unreadable: [],
    heartbeats: [],
    tables,
    observedState,
    reads: [],
    subscription: { state: 'Enabled', tenantId: 't1' },
    detectionSources: new Map(),
    sourceReads: [],
  };
  const restart = () => portsOf(world, elsewhere?.tables);
  return Object.assign(world, { ports: restart(), restart });
}

function portsOf(world: Omit<World, 'ports' | 'restart'>, tables: Tables = world.tables): Ports {
  const { clock, channels } = world;
  const store = tableStore(async () => tables);
  const silent = { info() {}, warn() {}, error() {} };
  const ports: Ports = {
    config: {
      sweepBounds: { minMs: 30_000, maxMs: 30_000 },
      readBudgetMs: 10_000,
      networkReading: 'trustedService',
      recheckSeconds: [10],
      closeAfterMs: 0,
      visibilityAlertMs: 600_000,
      watchedSubscriptions: [SUBSCRIPTION],
      auditNamespaces: ['lw-audit', 'lw-audit-neu'],
      eventSources: world.eventSources && ownSourcesFrom(world.eventSources),
    },
    clock,
    log: silent,
    store,
    heartbeat: store.heartbeat,
    visibility: store.visibility,
    readModel: { write: store.writeReadModel, read: store.readReadModel },
    channels,
    channelTimeoutMs: 10_000,
    facts: { begin: () => readingOf(world) },
    rechecks: {
      async send(look, delaySeconds) {
        world.rechecks.push({ look, delaySeconds });
      },
      async sendHeartbeat(text, delaySeconds) {
        world.heartbeats.push({ text, dueAt: clock.nowMs() + delaySeconds * 1000 });
      },
    },
    unreadable: {
      async keep(item) {
        world.unreadable.push(item);
      },
    },
    async watched(): Promise<Watched> {
      const entries = (await store.listPolicyStates()).map(({ policyState }) => entryOf(policyState));
      return {
        list: makeWatchList(entries),
        policies: entries.map((entry) => entry.policyId),
        hints: new Map(entries.map((entry) => [normalId(entry.policyId), hintsOf(entry)])),
      };
    },
  };
  return ports;
}

function readingOf(world: Omit<World, 'ports' | 'restart'>): Reading {
  const { observedState, clock, reads, subscription, detectionSources, sourceReads } = world;
  return {
    async read(id) {
      reads.push(id);
      const now = clock.now();
      const name = id.split('/').at(-1) ?? '';
      return stamped(
        {
          ...reading({
            policyId: id,
            policy: known(policy({ id, name })),
            environments: known({
              source: 'powerPlatform',
              asOf: now,
              environments: [environment(`${name}-1`), environment(`${name}-2`, { sku: 'Sandbox' })],
            }),
          }),
          ...observedState.get(normalId(id)),
        },
        now,
      );
    },
    async reserve() {
      return 'reserved';
    },
    async readEventSource(id) {
      sourceReads.push(id);
      const state = detectionSources.get(normalId(id)) ?? 'unknown';
      if (state === 'gone') return gone();
      return state === 'unknown' ? unread('timeout') : known({ isOpen: state === 'known' }, clock.now());
    },
    async listPolicies() {
      const ids = [...observedState.keys()].map((id) => policyId(id.split('/').at(-1) ?? ''));
      return {
        policies: ids.map((id) => policy({ id, name: id.split('/').at(-1) })),
        unreadable: [],
        subscriptions: [{ subscriptionId: SUBSCRIPTION, part: known({ ...subscription }, clock.now()) }],
      };
    },
  };
}

/** Every part as if read now. */
function stamped(facts: Facts, now: string): Facts {
  const { policy: p, vault, deletedVault, key, permission, environments } = facts;
  const at = { readAt: now };
  return {
    ...facts,
    readAt: now,
    policy: { ...p, ...at },
    vault: { ...vault, ...at },
    deletedVault: { ...deletedVault, ...at },
    key: { ...key, ...at },
    permission: { ...permission, ...at },
    environments: { ...environments, ...at },
  };
}

function scriptedChannel(name: string): ScriptedChannel {
  const sent: Notice[] = [];
  const answers: ScriptedChannel['answers'] = [];
  return {
    name,
    sent,
    answers,
    async send(notice) {
      const answer = answers.shift() ?? { outcome: 'sent', detail: 'accepted' };
      if (answer === 'hang') return new Promise(() => {});
      if (answer instanceof Error) throw answer;
      if (answer.outcome === 'sent') sent.push(notice);
      return answer;
    },
  };
}

export const VAULT_GONE: Partial<Facts> = {
  vault: gone(),
  deletedVault: known({
    deletedAt: '2026-11-20T10:00:00.000Z',
    scheduledPurgeDate: '2027-02-18T10:00:00.000Z',
  }),
  key: unread('follows'),
  permission: unread('follows'),
};

/** A Resource Manager event, as Event Grid delivers it. */
export function vaultEvent(more: { operation?: string; vaultId?: string; id?: string; at: string }): string {
  const { operation = 'Microsoft.KeyVault/vaults/delete', vaultId = VAULT_ID } = more;
  const type = operation.endsWith('delete') ? 'ResourceDeleteSuccess' : 'ResourceWriteSuccess';
  return JSON.stringify({
    id: more.id ?? 'event-1',
    topic: `/subscriptions/${SUBSCRIPTION}`,
    subject: vaultId,
    eventType: `Microsoft.Resources.${type}`,
    eventTime: more.at,
    dataVersion: '2',
    metadataVersion: '1',
    data: {
      resourceUri: vaultId,
      operationName: operation,
      correlationId: 'c1',
      claims: { 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn': 'eve@contoso.com' },
    },
  });
}
