import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLocalAddress, newSession, sessionCookie, sessionHashIn } from '../../shared/api/access/session.ts';
import { sessionStore } from '../../shared/storage/sessions.ts';
import { memoryTable } from '../simulation/memory-table.ts';

const NOW = '2026-11-20T10:00:00.000Z';
const later = (seconds: number) => new Date(Date.parse(NOW) + seconds * 1000).toISOString();

function aStore(exists = true) {
  const table = memoryTable(exists);
  return { table, store: sessionStore(async () => table) };
}
const keysOf = (table: ReturnType<typeof memoryTable>) => table.rows().map(({ rowKey }) => rowKey);

test('a session is read until it ends, and its row is removed then', async () => {
  const { table, store } = aStore();
  const { session } = newSession(true, NOW);
  await store.open(session, NOW);
  assert.deepEqual(await store.read(session.hash, later(8 * 3600 - 1)), session);
  assert.equal(await store.read(session.hash, later(8 * 3600)), undefined);
  assert.deepEqual(table.rows(), []);
});

test('the id is random, and only its hash is stored', async () => {
  const { table, store } = aStore();
  const ids = new Set<string>();
  for (let n = 0; n < 50; n += 1) {
    const { id, session } = newSession(false, NOW);
    ids.add(id);
    assert.match(id, /^[A-Za-z0-9_-]{43}$/);
    await store.open(session, NOW);
    assert.equal(sessionHashIn(`a=1; ${sessionCookie(id, false).name}=${id}`, false), session.hash);
  }
  assert.equal(ids.size, 50);
  const stored = JSON.stringify(table.rows());
  for (const id of ids) assert.ok(!stored.includes(id));
});

test('the table may be deleted at any time: people sign in again', async () => {
  for (const exists of [false, true]) {
    const { table, store } = aStore(exists);
    const { session } = newSession(true, NOW);
    assert.equal(await store.read(session.hash, NOW), undefined);
    await store.end(session.hash);
    await store.open(session, NOW);
    assert.deepEqual(await store.read(session.hash, NOW), session);
    table.deleteTable();
    assert.equal(await store.read(session.hash, NOW), undefined);
  }
});

test('opening one removes the expired ones and rows that can’t be read, and nothing of others', async () => {
  const { table, store } = aStore();
  await table.createEntity({ partitionKey: 'policies', rowKey: 'policy|1', readAt: NOW });
  await table.createEntity({ partitionKey: 'sessions', rowKey: 'broken', mayAct: 'yes' });
  const old = newSession(true, later(-9 * 3600)).session;
  await table.createEntity({
    partitionKey: 'sessions',
    rowKey: old.hash,
    mayAct: true,
    expiresAt: old.expiresAt,
  });
  assert.equal(await store.read('broken', NOW), undefined);
  const { session } = newSession(false, NOW);
  await store.open(session, NOW);
  assert.deepEqual(keysOf(table).sort(), [session.hash, 'policy|1'].sort());
});

test('there are at most 200 of each right: readers never end who may act', async () => {
  const { table, store } = aStore();
  const first = newSession(true, NOW).session;
  await store.open(first, NOW);
  const readers = Array.from({ length: 230 }, (_, n) => newSession(false, later(n)).session);
  for (const reader of readers) await store.open(reader, NOW);
  assert.equal(table.rows().length, 201);
  assert.deepEqual(await store.read(first.hash, NOW), first);
  assert.equal(await store.read(readers[0]?.hash ?? '', NOW), undefined, 'the one that would end first');
  assert.ok(await store.read(readers[229]?.hash ?? '', NOW));
});

test('two processes that remove the same row do not fail', async () => {
  const { table, store } = aStore();
  const { session } = newSession(true, NOW);
  await store.open(session, NOW);
  table.before = ({ operation }) => {
    if (operation === 'submitTransaction') table.deleteRow('sessions', session.hash);
  };
  await store.end(session.hash);
  assert.deepEqual(table.rows(), []);
});

test('a cookie is a session’s only where it has its form, under the name of this host', () => {
  const { id, session } = newSession(true, NOW);
  assert.equal(sessionHashIn(`__Host-lockwatch=${id}`, false), session.hash);
  for (const cookies of [
    null,
    '',
    `lockwatch-local=${id}`,
    `__Host-lockwatch=${id}x`,
    '__Host-lockwatch=',
    `x__Host-lockwatch=${id}`,
  ])
    assert.equal(sessionHashIn(cookies, false), undefined, String(cookies));
  assert.equal(sessionHashIn(`lockwatch-local=${id}`, true), session.hash);
});

test('the name and Secure are left out only on the local host', () => {
  const { secure, name } = sessionCookie('x', isLocalAddress(new URL('http://localhost:7071/'), false));
  assert.deepEqual([name, secure], ['lockwatch-local', false]);
  for (const [address, isInAzure] of [
    ['https://localhost/', false],
    ['http://localhost/', true],
    ['http://127.0.0.1/', true],
    ['http://localhost.evil.example/', false],
    ['http://lockwatch.contoso.com/', false],
  ] as const) {
    const cookie = sessionCookie('x', isLocalAddress(new URL(address), isInAzure));
    assert.deepEqual([cookie.name, cookie.secure, cookie.path], ['__Host-lockwatch', true, '/'], address);
  }
});
