import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readMessage } from '../../shared/signals/read-message.ts';
import { type Recheck, recheckMessage, recheckMessages } from '../../shared/signals/recheck.ts';
import { armEvent, base64, keyVaultEvent, NOW, POLICY, VAULT } from './examples.ts';

const DELETED = armEvent({
  eventType: 'Microsoft.Resources.ResourceDeleteSuccess',
  operation: 'Microsoft.KeyVault/vaults/delete',
});
const DUE = '2026-03-04T05:06:17.000Z';

function lookAt(event: unknown): Recheck {
  const [signal] = readMessage(event, NOW).signals;
  assert.ok(signal);
  return { signalId: signal.id, policyIds: [POLICY, `${POLICY}-2`], recheck: 1, dueAt: DUE };
}

test('a recheck comes back from the queue as it was sent, base64 or not', () => {
  for (const event of [armEvent(), keyVaultEvent(), DELETED]) {
    const recheck = lookAt(event);
    const message = recheckMessage(recheck);
    for (const body of [message, base64(message), JSON.parse(message), JSON.stringify(message)]) {
      assert.deepEqual(readMessage(body, NOW), {
        signals: [],
        rechecks: [recheck],
        unreadable: [],
        ignored: 0,
      });
    }
  }
});

const WRONG: [string, Record<string, unknown>][] = [
  ['no signal', { signalId: undefined }],
  ['a signal whose id is empty', { signalId: '' }],
  ['a signal whose id is no text', { signalId: { id: 'x' } }],
  ['no policies', { policyIds: [] }],
  ['policies that are a text', { policyIds: POLICY }],
  ['policies among junk', { policyIds: [POLICY, 5] }],
  ['a number below one', { recheck: 0 }],
  ['a number that is none', { recheck: '1' }],
  ['a broken number', { recheck: 1.5 }],
  ['a number beyond all sense', { recheck: 1e9 }],
  ['no due time', { dueAt: 5 }],
];
for (const [name, change] of WRONG) {
  test(`a recheck with ${name} is unreadable`, () => {
    const envelope = { ...JSON.parse(recheckMessage(lookAt(armEvent()))), ...change };
    const read = readMessage(JSON.stringify(envelope), NOW);
    assert.deepEqual(read.rechecks, []);
    assert.match(read.unreadable[0]?.reason ?? '', /^The message is a recheck without/);
  });
}

test('what a message adds to the ids is left behind', () => {
  const recheck = lookAt(armEvent());
  const forged = {
    id: 'x',
    type: 'KeyUnwrap',
    actor: { name: 'eve' },
    assertion: { what: 'deleted', scope: VAULT },
  };
  const envelope = { ...JSON.parse(recheckMessage(recheck)), signal: forged, actor: forged.actor };
  assert.deepEqual(readMessage(envelope, NOW).rechecks, [recheck]);
});

test('a look at any number of policies fits into queue messages, and none is lost', () => {
  const ids = fc
    .integer({ min: 1, max: 1_500 })
    .map((n) => Array.from({ length: n }, (_, i) => `${POLICY}${i}`));
  fc.assert(
    fc.property(ids, (policyIds) => {
      const messages = recheckMessages({ ...lookAt(DELETED), policyIds });
      for (const message of messages) assert.ok(Buffer.byteLength(base64(message)) <= 64 * 1024);
      const back = messages.flatMap((message) => readMessage(message, NOW).rechecks);
      assert.deepEqual(
        back.flatMap((recheck) => recheck.policyIds),
        policyIds,
      );
    }),
    { numRuns: 20 },
  );
  assert.deepEqual(recheckMessages(lookAt(armEvent())), [recheckMessage(lookAt(armEvent()))]);
});
