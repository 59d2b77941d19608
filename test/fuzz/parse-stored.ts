import assert from 'node:assert/strict';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { sweep } from '../../shared/pipeline/sweep.ts';
import { slowedAfter } from '../../shared/pipeline/sweep-interval.ts';
import { askingSignals } from '../../shared/storage/asking-signals.ts';
import type { StoredRow } from '../../shared/storage/table-port.ts';
import { accountIn } from '../../shared/storage/unreadable-rows.ts';
import { slowedFrom } from '../../shared/visibility/slowed-subscriptions.ts';
import { make } from '../api/actions/post.ts';
import { VAULT_GONE, type World } from '../pipeline/a-world.ts';
import { ask } from './ask.ts';
import { fuzzed } from './fuzzed.ts';
import { garbled, jsonOf, mutated, oddText } from './mutate.ts';
import { storedRows, worldOver } from './stored-world.ts';

interface Damage {
  row: number;
  column: number;
  value: unknown;
  /** Changes the JSON of the row instead, in the way of `mutated`. */
  json: boolean;
  packed: boolean;
}

const { policies, readModel, history, id, endedId } = await storedRows();
const ROWS = [...policies, ...readModel, ...history];
const JSONS = ROWS.flatMap(({ json }) => (typeof json === 'string' ? [JSON.parse(json)] : []));
const ASKED = [
  {
    id: 'one',
    source: 'event-grid',
    type: 'Microsoft.Resources.ResourceWriteSuccess',
    outcome: 'succeeded',
    scope: '/subscriptions/11111111-1111-1111-1111-111111111111',
    at: '2026-11-20T10:00:00.000Z',
  },
];
const SLOWED = [
  ['11111111-1111-1111-1111-111111111111', { intervalMs: 10_000, since: '2026-11-20T10:00:00.000Z' }],
];
const damagesOf = (first: number, last: number) =>
  fc.array(
    fc.record<Damage>({
      row: fc.integer({ min: first, max: last }),
      column: fc.nat(20),
      value: fc.oneof(
        oddText.map((text) => text.slice(0, 30_000)),
        fc.constantFrom(0, -1, 1e9, true),
        fc.uint8Array({ maxLength: 50 }),
        mutated(JSONS).map(jsonOf),
        garbled(mutated(JSONS).map(jsonOf)),
      ),
      json: fc.boolean(),
      packed: fc.boolean(),
    }),
    { minLength: 1, maxLength: 3 },
  );
const FIRST_OF_HISTORY = policies.length + readModel.length;

function damaged(row: StoredRow, { column, value, json, packed }: Damage): StoredRow {
  const { partitionKey, rowKey, ...columns } = row;
  const names = Object.keys(columns).filter((name) => name !== 'etag');
  const name = json ? 'json' : (names[column % names.length] ?? 'json');
  if (!json || !packed || typeof value !== 'string') return { ...row, [name]: value };
  const { json: _json, ...rest } = row;
  return { ...rest, zip0: new Uint8Array(deflateRawSync(value)) };
}

function withDamage(rows: readonly StoredRow[], first: number, all: readonly Damage[]): StoredRow[] {
  return rows.map((row, n) => all.filter((one) => one.row === first + n).reduce(damaged, row));
}

const worldWith = (all: readonly Damage[]): Promise<World> =>
  worldOver({
    policies: withDamage(policies, 0, all),
    readModel: withDamage(readModel, policies.length, all),
    history: withDamage(history, FIRST_OF_HISTORY, all),
  });

function get(world: World, path: string) {
  const asked = {
    method: 'GET',
    url: `http://localhost/api${path}`,
    headers: {},
    body: new Uint8Array(),
  } as const;
  return ask(world, 'none', asked);
}

const ANSWERS = ['/status', '/health', '/incidents', '/incidents?state=closed', '/activity'];

export const STORED_PARSERS = [
  fuzzed({
    name: 'the stored rows',
    modules: ['storage/entities.ts', 'storage/visibility-rows.ts'],
    inputs: damagesOf(0, ROWS.length - 1),
    async parse(all) {
      const world = await worldWith(all);
      const { store, clock } = world.ports;
      const states = await store.listPolicyStates();
      await store.listIncidents();
      await store.pendingNotices();
      await world.ports.readModel.read();
      await world.ports.visibility.read(clock.now());
      const statuses = [];
      for (const path of [...ANSWERS, `/incidents/${id}`, `/incidents/${endedId}`]) {
        const { status, body } = await get(world, path);
        // A row that can't be read is said to be so; nothing else of the answer fails with it.
        assert.ok(
          status < 500 || /"title":"Not readable"/.test(body),
          `${path}: ${status} ${body.slice(0, 300)}`,
        );
        statuses.push(status);
      }
      return [states.length, statuses];
    },
    most: 200,
  }),
  fuzzed({
    name: 'the rows of the history',
    modules: ['storage/entities.ts'],
    inputs: damagesOf(FIRST_OF_HISTORY, ROWS.length - 1),
    async parse(all) {
      const world = await worldWith(all);
      for (const path of [...ANSWERS, `/incidents/${id}`, '/policies/p2'])
        assert.equal((await get(world, path)).status, 200, path);
      const { status, body } = await get(world, `/incidents/${endedId}`);
      assert.ok(status < 500 || /"title":"Not readable"/.test(body), `${status} ${body.slice(0, 300)}`);
      // What has ended silences nothing: the policy of the damaged incident is lost again, and people are notified.
      make(world, 'p1', VAULT_GONE);
      make(world, 'p2', VAULT_GONE);
      await world.clock.drive(sweep(world.ports));
      const told = world.channels[0]?.sent.flatMap(({ incidents }) => incidents.map((one) => one.policyName));
      assert.deepEqual(told, ['p2']);
      return status;
    },
    most: 200,
  }),
  fuzzed({
    name: 'the address of the storage account',
    modules: ['storage/unreadable-rows.ts'],
    inputs: garbled(
      fc.constantFrom('https://stlw.table.core.windows.net', 'https://127.0.0.1:10002/devstoreaccount1'),
    ),
    parse: accountIn,
    most: 24,
  }),
  fuzzed({
    name: 'the signals that asked for a sweep',
    modules: ['storage/asking-signals.ts'],
    inputs: fc.oneof(garbled(mutated([ASKED]).map(jsonOf)), mutated([ASKED]).map(jsonOf), oddText),
    parse: (askedBy) => askingSignals({ askedBy }),
    most: 100_000,
  }),
  fuzzed({
    name: 'the subscriptions that are read at an interval of their own',
    modules: ['visibility/slowed-subscriptions.ts'],
    inputs: fc.oneof(garbled(mutated([SLOWED]).map(jsonOf)), mutated([SLOWED]).map(jsonOf), oddText),
    parse(text) {
      const slowed = slowedFrom(text);
      const bounds = { minMs: 5_000, maxMs: 480_000 };
      const at = { sweepIntervalMs: 5_000, bounds, now: '2026-11-20T10:00:00.000Z' };
      for (const { intervalMs } of slowedAfter(slowed, new Map(), at).values())
        assert.ok(intervalMs > 5_000 && intervalMs <= 480_000, `${intervalMs}`);
      return [...slowed];
    },
    most: 100_000,
  }),
];
