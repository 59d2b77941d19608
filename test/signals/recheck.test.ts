import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readMessage } from '../../shared/signals/read-message.ts';
import { type SecondLook, secondLookMessage, secondLookMessages } from '../../shared/signals/recheck.ts';
import type { Signal } from '../../shared/signals/signal.ts';
import { armEvent, base64, keyVaultEvent, NOW, POLICY, VAULT } from './examples.ts';

const DELETED = armEvent({
  eventType: 'Microsoft.Resources.ResourceDeleteSuccess',
  operation: 'Microsoft.KeyVault/vaults/delete',
});
const DUE = '2026-03-04T05:06:17.000Z';

function lookAt(event: unknown): SecondLook {
  const [signal] = readMessage(event, NOW).signals;
  assert.ok(signal);
  return { signal, policyIds: [POLICY, `${POLICY}-2`], look: 1, dueAt: DUE };
}

test('a second look comes back from the queue as it was sent, base64 or not', () => {
  for (const event of [armEvent(), keyVaultEvent(), DELETED]) {
    const look = lookAt(event);
    const message = secondLookMessage(look);
    for (const body of [message, base64(message), JSON.parse(message), JSON.stringify(message)]) {
      assert.deepEqual(readMessage(body, NOW), { signals: [], looks: [look], unreadable: [], ignored: 0 });
    }
  }
});

test('every claim and every source comes back', () => {
  const claims: Signal['claim'][] = [
    undefined,
    { what: 'deleted', scope: VAULT.toLowerCase() },
    { what: 'keyDeleted', scope: VAULT.toLowerCase() },
    { what: 'keyPurged', scope: VAULT.toLowerCase(), version: 'v1' },
    { what: 'keyDisabled', scope: VAULT.toLowerCase(), version: 'v1' },
  ];
  for (const claim of claims) {
    for (const source of ['keyVault', 'resourceManager', 'audit', 'secondLook', 'sweep'] as const) {
      const look = lookAt(armEvent());
      const signal: Signal = claim ? { ...look.signal, source, claim } : { ...look.signal, source };
      assert.deepEqual(readMessage(secondLookMessage({ ...look, signal }), NOW).looks, [{ ...look, signal }]);
    }
  }
});

const WRONG: [string, Record<string, unknown>][] = [
  ['no signal', { signal: undefined }],
  ['a signal that is a text', { signal: 'x' }],
  ['a signal without an id', { signal: { ...lookAt(armEvent()).signal, id: '' } }],
  ['a signal from nowhere', { signal: { ...lookAt(armEvent()).signal, source: 'elsewhere' } }],
  ['a signal without an outcome', { signal: { ...lookAt(armEvent()).signal, outcome: 'maybe' } }],
  ['a signal without a place', { signal: { ...lookAt(armEvent()).signal, scope: 'x' } }],
  ['a signal without a time', { signal: { ...lookAt(armEvent()).signal, at: 'x' } }],
  ['no policies', { policyIds: [] }],
  ['policies that are a text', { policyIds: POLICY }],
  ['policies among junk', { policyIds: [POLICY, 5] }],
  ['a number below one', { look: 0 }],
  ['a number that is none', { look: '1' }],
  ['a broken number', { look: 1.5 }],
  ['a number beyond all sense', { look: 1e9 }],
  ['no due time', { dueAt: 5 }],
];
for (const [name, change] of WRONG) {
  test(`a second look with ${name} is unreadable`, () => {
    const envelope = { ...JSON.parse(secondLookMessage(lookAt(armEvent()))), ...change };
    const read = readMessage(JSON.stringify(envelope), NOW);
    assert.deepEqual(read.looks, []);
    assert.match(read.unreadable[0]?.reason ?? '', /^The message is a second look without/);
  });
}

test('what does not belong into a signal is left behind', () => {
  const look = lookAt(armEvent());
  const envelope = JSON.parse(secondLookMessage(look));
  Object.assign(envelope.signal, { extra: 'x', claim: { what: 'exploded', scope: VAULT }, keyName: 7 });
  envelope.signal.actor.extra = 'x';
  envelope.signal.actor.kind = 'robot';
  const [read] = readMessage(envelope, NOW).looks;
  assert.deepEqual(read?.signal, { ...look.signal, actor: { ...look.signal.actor, kind: 'unknown' } });
});

test('a look at any number of policies fits into queue messages, and none is lost', () => {
  const ids = fc
    .integer({ min: 1, max: 1_500 })
    .map((n) => Array.from({ length: n }, (_, i) => `${POLICY}${i}`));
  fc.assert(
    fc.property(ids, (policyIds) => {
      const messages = secondLookMessages({ ...lookAt(DELETED), policyIds });
      for (const message of messages) assert.ok(Buffer.byteLength(base64(message)) <= 64 * 1024);
      const back = messages.flatMap((message) => readMessage(message, NOW).looks);
      assert.deepEqual(
        back.flatMap((look) => look.policyIds),
        policyIds,
      );
    }),
    { numRuns: 20 },
  );
  assert.deepEqual(secondLookMessages(lookAt(armEvent())), [secondLookMessage(lookAt(armEvent()))]);
});
