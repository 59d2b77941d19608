import fc from 'fast-check';
import { heartbeatIn } from '../../shared/pipeline/watchdog.ts';
import { actorFrom } from '../../shared/signals/actor.ts';
import { readAuditBatch } from '../../shared/signals/audit-records.ts';
import { readMessage } from '../../shared/signals/read-message.ts';
import { recheckFrom, recheckMessage } from '../../shared/signals/recheck.ts';
import { resourceIn, scopeFrom } from '../../shared/signals/scope.ts';
import { makeWatchList } from '../../shared/signals/watch-list.ts';
import { auditRecord, exportedRecord } from '../signals/audit-examples.ts';
import {
  ASSERTIONS,
  armEvent,
  asCloudEvent,
  base64,
  keyVaultEvent,
  NOW,
  POLICY,
  VAULT,
} from '../signals/examples.ts';
import { corpusOf, fuzzed } from './fuzzed.ts';
import { garbled, jsonOf, mutated, oddText } from './mutate.ts';

const RECHECK = { signalId: 's1', policyIds: [POLICY], recheck: 1, dueAt: NOW };
const recheck: unknown = JSON.parse(recheckMessage(RECHECK));
const EVENTS = [
  armEvent(),
  armEvent({
    operation: 'Microsoft.KeyVault/vaults/delete',
    eventType: 'Microsoft.Resources.ResourceDeleteSuccess',
  }),
  keyVaultEvent(),
  asCloudEvent(armEvent()),
  asCloudEvent(keyVaultEvent()),
  recheck,
];
const LIST = makeWatchList([{ policyId: POLICY, vaultId: VAULT, keyName: 'cmk' }]);

/** In the wrappings in which a queue, a push and the worker hand it over; some of them broken. */
function wrapped(values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const text = values.map(jsonOf);
  return fc.oneof(
    values,
    fc.array(values, { maxLength: 4 }),
    text,
    text.map(base64),
    text.map(jsonOf),
    text.map((one) => Buffer.from(one)),
    text.map((one) => `\ufeff${one}`),
    garbled(text),
    garbled(text).map(base64),
    fc.uint8Array({ maxLength: 200 }),
    oddText,
  );
}

/** What is kept for a person is the message itself: up to 16 KiB of it, in a queue of its own. */
function withoutKept<T extends { unreadable: readonly { reason: string }[] }>(read: T): object {
  return { ...read, unreadable: read.unreadable.map(({ reason }) => reason) };
}

export const SIGNAL_PARSERS = [
  fuzzed({
    name: 'a queue message or a pushed event',
    modules: ['signals/message-body.ts', 'signals/event.ts', 'signals/untrusted.ts'],
    inputs: wrapped(mutated([...EVENTS, ...corpusOf('a queue message or a pushed event')])),
    parse(body) {
      const read = readMessage(body, NOW, (about) => LIST.concerns(about).length > 0);
      const all = readMessage(body, NOW);
      return { wanted: withoutKept(read), ...withoutKept(all) };
    },
    most: 60_000,
  }),
  fuzzed({
    name: 'a batch of audit records',
    modules: ['signals/message-body.ts', 'signals/untrusted.ts'],
    inputs: fc.array(
      wrapped(
        mutated([
          { records: [auditRecord(), auditRecord({ operation: 'KeyUnwrap', status: 403 })] },
          { records: [exportedRecord(), auditRecord({ operation: 'KeyDelete' })] },
          { records: [auditRecord({ operation: 'KeyUnwrap', status: 200 })] },
          ...corpusOf('a batch of audit records').flat(),
        ]),
      ),
      { maxLength: 3 },
    ),
    parse(batch) {
      const { unrecognised, ...read } = readAuditBatch(batch, NOW, true);
      return { ...withoutKept(read), unrecognised: unrecognised?.reason };
    },
    most: 60_000,
  }),
  fuzzed({
    name: 'a recheck message',
    modules: ['signals/untrusted.ts'],
    inputs: mutated([recheck, ...corpusOf('a recheck message')]).filter(
      (one): one is object => typeof one === 'object' && one !== null,
    ),
    parse: (value) => recheckFrom(value),
    most: 20_000,
  }),
  fuzzed({
    name: 'a heartbeat message',
    modules: ['pipeline/watchdog.ts'],
    inputs: wrapped(mutated([{ lockwatch: 'heartbeat', messageId: 'm1' }])),
    parse: heartbeatIn,
    most: 10_000,
  }),
  fuzzed({
    name: 'the claims of an actor',
    modules: ['signals/untrusted.ts'],
    inputs: fc.tuple(
      mutated([
        ASSERTIONS,
        jsonOf(ASSERTIONS),
        ...corpusOf('the claims of an actor').map((one) => (one as unknown[])[0]),
      ]),
      oddText,
    ),
    parse: ([claims, address]) => actorFrom(claims, address),
    most: 2000,
  }),
  fuzzed({
    name: 'an ARM id in a signal',
    modules: [],
    inputs: fc.oneof(garbled(fc.constantFrom(VAULT, POLICY, `${VAULT}/keys/k`)), mutated([VAULT])),
    parse(id) {
      const scope = scopeFrom(id);
      return [scope, scope === undefined ? undefined : resourceIn(scope), LIST.sharing(String(scope))];
    },
    most: 10_000,
  }),
];
