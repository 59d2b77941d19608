import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { normalId } from '../../shared/azure/arm-id.ts';
import { readMessage } from '../../shared/signals/read-message.ts';
import { textOfAnyCharacters } from '../simulation/any-text.ts';
import { armEvent, asCloudEvent, base64, keyVaultEvent, NOW, VAULT } from './examples.ts';

const anyEvent = fc
  .tuple(
    fc.constantFrom(
      () => armEvent(),
      () => keyVaultEvent(),
    ),
    fc.record(
      {
        id: fc.string(),
        eventTime: fc.oneof(fc.string(), fc.constant('2026-01-02T03:04:05Z')),
        subject: fc.string(),
        data: fc.jsonValue(),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([make, changes]) => ({ id: 'an id', ...make(), ...changes }));

test('every wrapping of the same events gives the same signals', () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { minLength: 1, maxLength: 4 }), fc.boolean(), (events, single) => {
      const value: unknown = single ? events[0] : events;
      const text = JSON.stringify(value);
      const plain = readMessage(JSON.parse(text), NOW);
      const wrappings: Record<string, unknown> = {
        text,
        'text with a byte order mark and blanks': `\ufeff ${text}\r\n`,
        'indented text': JSON.stringify(value, null, 2),
        base64: base64(text),
        'base64 with a byte order mark': base64(`\ufeff${text}`),
        'base64 in lines': (base64(text).match(/.{1,76}/g) ?? []).join('\r\n'),
        'JSON within a JSON text': JSON.stringify(text),
        'base64 within a JSON text': JSON.stringify(base64(text)),
        'base64 of a JSON text': base64(JSON.stringify(text)),
        buffer: Buffer.from(text),
        bytes: new Uint8Array(Buffer.from(text)),
        'bytes of base64': Buffer.from(base64(text)),
      };
      for (const [name, body] of Object.entries(wrappings)) {
        const read = readMessage(body, NOW);
        assert.deepEqual(read.signals, plain.signals, name);
        assert.equal(read.ignored, plain.ignored, name);
        assert.equal(read.unreadable.length, plain.unreadable.length, name);
      }
    }),
    { numRuns: 150 },
  );
});

test('both schemas give the same signal', () => {
  fc.assert(
    fc.property(anyEvent, (event) => {
      const one = readMessage(event, NOW);
      const other = readMessage(asCloudEvent(event), NOW);
      const ownId = String(event.id).trim() !== '';
      const comparable = one.signals.map((signal) => (ownId ? signal : { ...signal, id: 'a hash' }));
      assert.deepEqual(
        other.signals.map((signal) => (ownId ? signal : { ...signal, id: 'a hash' })),
        comparable,
      );
      assert.equal(other.unreadable.length, one.unreadable.length);
    }),
  );
});

test('the same original has the same id however often and whenever it is delivered, and others have others', () => {
  fc.assert(
    fc.property(anyEvent, fc.boolean(), (event, withoutId) => {
      const original = withoutId ? { ...event, id: undefined } : event;
      const ids = [NOW, '2026-03-05T00:00:00.000Z'].map(
        (receivedAt) => readMessage(JSON.stringify(original), receivedAt).signals[0]?.id,
      );
      assert.equal(ids[0], ids[1]);
      const changed = {
        ...original,
        id: withoutId ? undefined : `${event.id}x`,
        subject: `${event.subject}x`,
      };
      const other = readMessage(JSON.stringify(changed), NOW).signals[0]?.id;
      if (ids[0] !== undefined && other !== undefined) assert.notEqual(other, ids[0]);
    }),
  );
});

test('an id too long to keep becomes a hash', () => {
  const [signal] = readMessage(armEvent({ id: 'x'.repeat(129) }), NOW).signals;
  assert.match(signal?.id ?? '', /^[0-9a-f]{64}$/);
  assert.equal(readMessage(armEvent({ id: ' short ' }), NOW).signals[0]?.id, 'short');
});

test('an event nested too deep to be written down again still has an id of its own', () => {
  const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
  const text = (subject: string) =>
    `{"eventType":"Microsoft.KeyVault.KeyExpired","subject":"${subject}","topic":"${VAULT}","data":{"a":${deep}}}`;
  const [one] = readMessage(text('a'), NOW).signals;
  assert.match(one?.id ?? '', /^[0-9a-f]{64}$/);
  assert.equal(readMessage(text('a'), NOW).signals[0]?.id, one?.id);
  assert.notEqual(readMessage(text('b'), NOW).signals[0]?.id, one?.id);
});

test('no input makes it throw: what is neither a signal nor ignored is kept as unreadable', () => {
  const unexpected = fc.constantFrom<unknown>(
    undefined,
    Symbol('odd'),
    10n,
    () => 'odd',
    Object.create(null),
    new Map(),
    new Date(0),
    Number.NaN,
    Buffer.from([0xff, 0xfe, 0x00]),
    '\ud800',
    '{"__proto__":{"eventType":"Microsoft.KeyVault.KeyExpired"}}',
    '{"constructor":{"prototype":{}}}',
  );
  const anything = fc.oneof(
    fc.anything({ withBigInt: true, withNullPrototype: true, withSparseArray: true, withTypedArray: true }),
    fc.json(),
    textOfAnyCharacters(),
    fc.uint8Array(),
    anyEvent.map((event) => ({ ...event, eventType: undefined })),
    unexpected,
  );
  fc.assert(
    fc.property(anything, (body) => {
      const read = readMessage(body, NOW);
      assert.ok(read.unreadable.length <= 1);
      assert.ok(read.signals.length + read.rechecks.length + read.ignored + read.unreadable.length > 0);
      for (const signal of read.signals) assert.equal(signal.scope, normalId(signal.scope));
    }),
    { numRuns: 2_000 },
  );
  assert.equal(({} as Record<string, unknown>).eventType, undefined);
});

test('a prototype slipped in as a key is no event', () => {
  const read = readMessage('{"__proto__":{"eventType":"Microsoft.KeyVault.KeyExpired","subject":"x"}}', NOW);
  assert.equal(read.unreadable.length, 1);
  assert.equal(read.signals.length, 0);
});

test('a list nested hundreds of thousands deep is unreadable and nothing worse', () => {
  for (const body of ['['.repeat(300_000) + ']'.repeat(300_000), '['.repeat(300_000)]) {
    for (const wrapped of [body, base64(body)]) {
      assert.equal(readMessage(wrapped, NOW).unreadable.length, 1);
    }
  }
  let nested: unknown = [];
  for (let depth = 0; depth < 100_000; depth++) nested = [nested];
  assert.equal(readMessage(nested, NOW).unreadable.length, 1);
});

const JUNK: [string, unknown, RegExp][] = [
  ['a number', 123, /a number/],
  ['a boolean', true, /a boolean/],
  ['null', null, /null/],
  ['nothing', undefined, /empty/],
  ['a text that is no JSON', 'hello there', /neither JSON nor base64/],
  ['half of a JSON text', '{"eventType":', /neither JSON nor base64/],
  ['base64 of something else', base64('hello'), /neither JSON nor base64/],
  ['a blank', '  ', /neither JSON nor base64/],
  ['a text that holds a number', '123', /a number/],
  ['texts within texts without end', Array(6).fill(0).reduce(JSON.stringify, 'x'), /text/],
  ['an empty list', [], /empty list/],
  ['an empty object', {}, /neither an Event Grid event nor a CloudEvent/],
  ['a list in a list', [[armEvent()]], /1 of 1 .* a list/],
  ['an event of a type that is a number', { ...armEvent(), eventType: 5 }, /neither an Event Grid event/],
  ['an event with nothing but a type', { eventType: 'Microsoft.KeyVault.KeyExpired' }, /neither an Event/],
  ['an ARM event of no resource', armEvent({ scope: 5, subject: {} }), /names no resource/],
  ['a Key Vault event of no vault', { ...keyVaultEvent(), topic: 'x', data: {} }, /names no vault/],
  ['an adaptive card', { type: 'message', attachments: [] }, /neither an Event Grid event/],
];
for (const [name, body, reason] of JUNK) {
  test(`${name} is unreadable, and says why`, () => {
    const read = readMessage(body, NOW);
    assert.deepEqual([read.signals, read.rechecks, read.ignored], [[], [], 0]);
    assert.equal(read.unreadable.length, 1);
    assert.match(read.unreadable[0]?.reason ?? '', reason);
  });
}

test('five thousand junk elements make one unreadable that counts them', () => {
  const junk = Array.from({ length: 5_000 }, (_, index) => (index % 2 ? index : { index }));
  const read = readMessage(junk, NOW);
  assert.equal(read.unreadable.length, 1);
  assert.match(
    read.unreadable[0]?.reason ?? '',
    /^5000 of 5000 elements .* number 0, has the form of neither/,
  );
});

test('what is good in a list counts, though the rest of it is junk', () => {
  const read = readMessage(
    [armEvent(), 7, { ...armEvent(), eventType: 'Microsoft.Storage.BlobCreated' }],
    NOW,
  );
  assert.equal(read.signals.length, 1);
  assert.equal(read.ignored, 1);
  assert.match(read.unreadable[0]?.reason ?? '', /^1 of 3 elements .* number 1, is a number/);
});

test('an event of a type that concerns nobody is neither a signal nor unreadable', () => {
  for (const eventType of ['Microsoft.Storage.BlobCreated', 'Microsoft.Resources.ResourceWriteSuccessful']) {
    const event = { ...armEvent(), eventType };
    for (const body of [event, asCloudEvent(event)]) {
      assert.deepEqual(readMessage(body, NOW), { signals: [], rechecks: [], unreadable: [], ignored: 1 });
    }
  }
});

test('an unreadable message is kept by its head, its length and the hash of the whole', () => {
  const body = Buffer.from(`é${'x'.repeat(20_000)}`);
  const [kept] = readMessage(body, NOW).unreadable;
  assert.equal(kept?.bytes, 20_002);
  assert.equal(kept?.sha256, createHash('sha256').update(body).digest('hex'));
  assert.equal(kept?.firstBytes, `é${'x'.repeat(16 * 1024 - 2)}`);
  assert.deepEqual(readMessage(body.toString(), NOW).unreadable, [kept]);
});

test('an unreadable object is kept as its JSON', () => {
  const [kept] = readMessage({ a: [1, 'é'] }, NOW).unreadable;
  assert.equal(kept?.firstBytes, '{"a":[1,"é"]}');
  assert.equal(kept?.bytes, 14);
});

test('signals that nobody wants are left out and counted, and keep nothing of what the others tell', () => {
  const asked: unknown[] = [];
  const events = [armEvent(), keyVaultEvent(), armEvent({ scope: `${VAULT}2` })];
  const read = readMessage(events, NOW, (signal) => {
    asked.push([signal.source, signal.operation, signal.scope, signal.keyName, signal.outcome]);
    return signal.scope === VAULT.toLowerCase();
  });
  assert.equal(read.ignored, 1);
  assert.deepEqual(read.signals, readMessage(events.slice(0, 2), NOW).signals);
  const operation = 'Microsoft.KeyVault/vaults/write';
  assert.deepEqual(asked, [
    ['resourceManager', operation, VAULT.toLowerCase(), undefined, 'success'],
    ['keyVault', undefined, VAULT.toLowerCase(), 'cmk', 'success'],
    ['resourceManager', operation, `${VAULT}2`.toLowerCase(), undefined, 'success'],
  ]);
  assert.equal(readMessage(keyVaultEvent(), NOW, () => false).ignored, 1);
});

test('where an event tells no time, that of its receipt stands in; another zone is reported in UTC', () => {
  const at = (eventTime: unknown) => readMessage({ ...armEvent(), eventTime }, NOW).signals[0]?.at;
  assert.equal(at('2026-03-04T05:00:00.6117357Z'), '2026-03-04T05:00:00.611Z');
  assert.equal(at('2026-03-04T05:00:00Z'), '2026-03-04T05:00:00.000Z');
  assert.equal(at('2026-02-28T23:00:00.5-02:00'), '2026-03-01T01:00:00.500Z');
  assert.equal(at('2026-03-31T05:00:00.1234567Z'), '2026-03-31T05:00:00.123Z');
  for (const junk of [
    undefined,
    null,
    5,
    '',
    'yesterday',
    '2026-13-04T05:00:00Z',
    '2026-03-04',
    '0'.repeat(99),
  ]) {
    assert.equal(at(junk), NOW, String(junk));
  }
});
