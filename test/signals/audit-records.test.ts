import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { readAuditBatch } from '../../shared/signals/audit-records.ts';
import type { Signal } from '../../shared/signals/signal.ts';
import { makeWatchList } from '../../shared/signals/watch-list.ts';
import {
  APP,
  AUDIT_TIME,
  type AuditExample,
  auditMessage,
  auditRecord,
  exportedRecord,
  KEY_URI,
  OID,
  VERSION,
} from './audit-examples.ts';
import { NOW, POLICY, VAULT } from './examples.ts';

const SCOPE = VAULT.toLowerCase();
const PRINCIPAL = '99999999-aaaa-4000-8000-000000000009';

function read(example: AuditExample = {}): Signal | undefined {
  const batch = readAuditBatch([auditMessage(auditRecord(example))], NOW);
  assert.deepEqual(batch.unreadable, []);
  return batch.signals[0];
}
const claimed = (example: AuditExample) => read(example)?.assertion?.what;

test('a key disabled through the data plane becomes a signal that tells all', () => {
  const { id, ...signal } = read() ?? { id: '' };
  assert.match(id, /^[0-9a-f]{64}$/);
  assert.deepEqual(signal, {
    source: 'audit',
    type: 'KeyUpdate',
    outcome: 'success',
    scope: SCOPE,
    at: '2026-03-04T05:01:00.269Z',
    keyName: 'cmk',
    keyVersion: VERSION,
    correlationId: 'c0ffee00-1111-4000-8000-000000000001',
    actor: {
      kind: 'user',
      name: 'ada@contoso.example',
      objectId: OID,
      application: APP,
      ipAddress: '203.0.113.7',
    },
    assertion: { what: 'keyDisabled', scope: SCOPE, version: VERSION },
  });
});

describe('the status', () => {
  const cases: [unknown, Signal['outcome'] | undefined][] = [
    [200, 'success'],
    ['200', 'success'],
    [' 204 ', 'success'],
    [403, 'failure'],
    ['404', 'failure'],
    [409, 'failure'],
    [0, 'failure'],
    [302, 'failure'],
  ];
  for (const [status, outcome] of cases)
    test(`${JSON.stringify(status)} is a ${outcome}, whatever resultType says`, () => {
      const signal = read({ status, record: { resultType: 'Success' } });
      assert.equal(signal?.outcome, outcome);
      assert.equal(signal?.assertion !== undefined, outcome === 'success');
    });

  for (const status of [null, 'OK', '', {}, 2.5])
    test(`${JSON.stringify(status)} is none: a hint to look that claims nothing and blames nobody`, () => {
      const signal = read({ status });
      assert.equal(signal?.outcome, 'success');
      assert.equal(signal?.assertion, undefined);
      assert.equal(signal?.actor, undefined);
    });
});

describe('a KeyUpdate', () => {
  test('disables only where enabled is false: a missing, true or written one is no disabling', () => {
    assert.equal(claimed({ enabled: false }), 'keyDisabled');
    for (const enabled of [undefined, true, null, 'false', 0]) {
      const signal = read({ enabled });
      assert.equal(signal?.outcome, 'success', 'it is still worth a look');
      assert.equal(signal?.assertion, undefined, String(enabled));
    }
  });

  test('whose properties come as JSON text is understood the same', () => {
    const record = auditRecord();
    const text = { ...record, properties: JSON.stringify(record.properties) };
    const [signal] = readAuditBatch([auditMessage(text)], NOW).signals;
    assert.equal(signal?.assertion?.what, 'keyDisabled');
  });
});

describe('what an act claims', () => {
  const deleted = { id: `${KEY_URI.replace('keys', 'deletedkeys')}` };
  test('a key’s deletion and its purge', () => {
    assert.equal(claimed({ operation: 'KeyDelete', id: KEY_URI, enabled: undefined }), 'keyDeleted');
    assert.equal(claimed({ operation: 'KeyPurge', ...deleted, enabled: undefined }), 'keyPurged');
    assert.equal(claimed({ operation: 'KeyDelete', id: KEY_URI, status: 403 }), undefined);
  });

  test('a vault’s deletion claims the vault', () => {
    const uri = `https://management.azure.com${VAULT}?api-version=2024-11-01`;
    const signal = read({ operation: 'VaultDelete', id: undefined, requestUri: uri, enabled: undefined });
    assert.deepEqual(signal?.assertion, { what: 'deleted', scope: SCOPE });
    assert.equal(signal?.keyName, undefined);
  });

  test('what gives or changes, claims nothing', () => {
    for (const operation of [
      'KeyRecover',
      'KeyCreate',
      'KeyImport',
      'KeyRotate',
      'KeyRestore',
      'VaultPut',
      'VaultPatch',
    ])
      assert.equal(claimed({ operation }), undefined, operation);
  });
});

describe('the key', () => {
  const cases: [string, unknown, unknown, string | undefined, string | undefined][] = [
    ['/keys/n', KEY_URI, undefined, 'cmk', undefined],
    ['/keys/n/{version}', `${KEY_URI}/${VERSION.toUpperCase()}`, undefined, 'cmk', VERSION],
    ['/deletedkeys/n', 'https://kv-one.vault.azure.net/deletedkeys/CMK', undefined, 'cmk', undefined],
    ['a path alone', '/keys/cmk', undefined, 'cmk', undefined],
    ['no id, but a request', undefined, `${KEY_URI}/${VERSION}?api-version=7.4`, 'cmk', VERSION],
    [
      'no id, a request with port and verb',
      undefined,
      'https://kv-one.vault.azure.net:443/keys/cmk/rotate?x=1',
      'cmk',
      undefined,
    ],
    ['an id that is no text', { a: 1 }, `${KEY_URI}`, 'cmk', undefined],
    [
      'a restore, whose address names no key',
      undefined,
      'https://kv-one.vault.azure.net/keys/restore?api-version=7.4',
      undefined,
      undefined,
    ],
    ['neither', undefined, 'https://kv-one.vault.azure.net/', undefined, undefined],
    [
      'a query that looks like a key',
      undefined,
      'https://kv-one.vault.azure.net/?x=/keys/other',
      undefined,
      undefined,
    ],
  ];
  for (const [what, id, requestUri, name, version] of cases)
    test(`is reported by ${what}`, () => {
      const signal = read({
        operation: 'KeyCreate',
        id,
        requestUri: requestUri ?? 'https://kv-one.vault.azure.net/',
      });
      assert.equal(signal?.keyName, name);
      assert.equal(signal?.keyVersion, version);
    });

  test('an act on a key that nobody can tell claims nothing, and still concerns every key of the vault', () => {
    const signal = read({
      operation: 'KeyDelete',
      id: undefined,
      requestUri: 'https://kv-one.vault.azure.net/',
    });
    assert.ok(signal);
    assert.equal(signal.assertion, undefined);
    const list = makeWatchList([{ policyId: POLICY, vaultId: VAULT, keyName: 'cmk' }]);
    assert.deepEqual(list.concerns(signal), [POLICY]);
  });
});

describe('the caller', () => {
  const MS = 'http://schemas.microsoft.com/identity/claims/';
  const SOAP = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/';
  test('is read from the claims’ long spellings as well', () => {
    const claim = { [`${MS}objectidentifier`]: OID, [`${SOAP}upn`]: 'ada@contoso.example', appid: APP };
    assert.deepEqual(read({ claim })?.actor, read()?.actor);
  });

  test('without a name is an application', () => {
    const actor = read({ claim: { oid: OID, appid: APP } })?.actor;
    assert.deepEqual(actor, {
      kind: 'application',
      objectId: OID,
      application: APP,
      ipAddress: '203.0.113.7',
    });
  });

  test('may be missing altogether', () => {
    for (const identity of [undefined, null, 'x', {}, { claim: null }, []])
      assert.equal(read({ record: { identity, callerIpAddress: undefined } })?.actor, undefined);
  });

  test('of Key Vault’s own notice of a changed access policy is not who changed it', () => {
    const signal = read({ operation: 'VaultAccessPolicyChangedEventGridNotification' });
    assert.equal(signal?.actor, undefined);
  });
});

describe('a KeyUnwrap', () => {
  const list = makeWatchList([
    { policyId: POLICY, vaultId: VAULT, keyName: 'cmk', principalId: PRINCIPAL.toUpperCase() },
    { policyId: `${POLICY}-2`, vaultId: VAULT, keyName: 'cmk', principalId: OID.replace('1', '2') },
  ]);
  const unwrap = (status: unknown, more: AuditExample = {}) =>
    read({
      operation: 'KeyUnwrap',
      id: `${KEY_URI}/${VERSION}`,
      status,
      enabled: undefined,
      claim: { oid: PRINCIPAL, appid: APP },
      ...more,
    });

  test('refused to a policy’s own identity concerns that policy alone', () => {
    for (const status of [400, 403, '404', 409]) {
      const signal = unwrap(status);
      assert.equal(signal?.outcome, 'failure');
      assert.equal(signal?.assertion, undefined);
      assert.deepEqual(signal && list.concerns(signal), [POLICY]);
    }
  });

  test('refused to anybody else, or on another key, concerns nobody', () => {
    const others = [
      unwrap(403, { claim: { oid: APP } }),
      unwrap(403, { claim: {} }),
      unwrap(403, { id: 'https://kv-one.vault.azure.net/keys/other' }),
      unwrap(403, { record: { resourceId: `${VAULT}2` } }),
    ];
    for (const signal of others) assert.deepEqual(signal && list.concerns(signal), []);
  });

  test('that succeeded, came without a token, was throttled or met a fault of the service says nothing', () => {
    for (const status of [200, '200', 408, 429, 500, 503, undefined]) assert.equal(unwrap(status), undefined);
    for (const claim of [{}, { appid: APP }]) assert.equal(unwrap(401, { claim }), undefined);
  });

  test('refused with 401 counts where the record names the identity', () => {
    const signal = unwrap(401);
    assert.equal(signal?.outcome, 'failure');
    assert.deepEqual(signal && list.concerns(signal), [POLICY]);
  });

  test('that succeeded is read only beside or after refusals, and only the last of each caller and key', () => {
    const success = (time: string, oid = PRINCIPAL) =>
      auditRecord({
        operation: 'KeyUnwrap',
        id: `${KEY_URI}/${VERSION}`,
        status: 200,
        enabled: undefined,
        claim: { oid },
        record: { time },
      });
    const times = ['2026-11-23T03:00:00Z', '2026-11-23T03:02:00Z', '2026-11-23T03:01:00Z'];
    const message = JSON.stringify({
      records: [...times.map((time) => success(time)), success(times[0] ?? '', APP)],
    });
    assert.deepEqual(readAuditBatch([message], NOW).succeeded, []);
    const { succeeded, ignored } = readAuditBatch([message], NOW, true);
    assert.equal(ignored, 4);
    assert.deepEqual(
      succeeded.map(({ at, actor }) => [at, actor?.objectId]),
      [
        ['2026-11-23T03:02:00.000Z', PRINCIPAL],
        ['2026-11-23T03:00:00.000Z', APP],
      ],
    );
    assert.deepEqual(
      succeeded.map((signal) => list.concerns(signal)),
      [[POLICY], []],
    );
  });
});

describe('a record that a Log Analytics workspace exports', () => {
  const exported = (example: AuditExample = {}, columns: object = {}) => {
    const batch = readAuditBatch([auditMessage(exportedRecord(example, columns))], NOW);
    assert.deepEqual([batch.unreadable, batch.unrecognised], [[], undefined]);
    return batch.signals[0];
  };
  const withoutId = (signal: Signal | undefined) => ({ ...signal, id: '' });

  test('says the same as that of a diagnostic setting', () => {
    for (const example of [
      {},
      { operation: 'KeyDelete', enabled: undefined },
      { operation: 'KeyUnwrap', status: 403, enabled: undefined, claim: { oid: PRINCIPAL } },
      { operation: 'VaultPatch', enabled: undefined },
    ])
      assert.deepEqual(withoutId(exported(example)), withoutId(read(example)));
  });

  test('may have its identity as JSON, its address in the other spelling, and its status in words only', () => {
    const identity = JSON.stringify({ claim: { oid: OID, appid: APP, upn: 'ada@contoso.example' } });
    const columns = {
      Identity: identity,
      CallerIpAddress: undefined,
      CallerIPAddress: '203.0.113.7',
      HttpStatusCode: undefined,
    };
    assert.deepEqual(withoutId(exported({}, columns)), withoutId(read()));
    const refused = { HttpStatusCode: undefined, ResultSignature: 'Forbidden' };
    assert.equal(exported({ operation: 'KeyUnwrap', enabled: undefined }, refused)?.outcome, 'failure');
    const unknown = exported({}, { HttpStatusCode: undefined, ResultSignature: 'Perhaps' });
    assert.deepEqual([unknown?.actor, unknown?.assertion], [undefined, undefined]);
  });

  test('is of no interest where its operation is not', () => {
    const batch = readAuditBatch([auditMessage(exportedRecord({ operation: 'SecretGet' }))], NOW);
    assert.deepEqual(batch, { signals: [], unreadable: [], succeeded: [], ignored: 1 });
  });
});

test('a rotation that Key Vault makes when it is due, and a change of its policy, are about the key', () => {
  for (const operation of ['KeyRotateIfDue', 'KeyRotationPolicySet', 'keyrotationpolicyset']) {
    const id = `${KEY_URI}${operation === 'KeyRotateIfDue' ? '' : '/rotationpolicy'}`;
    const signal = read({ operation, enabled: undefined, id });
    assert.deepEqual([signal?.scope, signal?.keyName, signal?.assertion], [SCOPE, 'cmk', undefined]);
  }
});

test('a message of which no record names an operation is not recognised', () => {
  const metrics = auditMessage({ metricName: 'ServiceApiHit', total: 1 }, { metricName: 'x' });
  const batch = readAuditBatch([metrics, metrics, auditMessage(auditRecord())], NOW);
  assert.deepEqual([batch.signals.length, batch.unreadable.length, batch.ignored], [1, 0, 4]);
  assert.match(batch.unrecognised?.reason ?? '', /None of the message's records names an operation/);
  assert.match(batch.unrecognised?.firstBytes ?? '', /ServiceApiHit/);
  for (const fine of [[], [{ metricName: 'x' }, auditRecord({ operation: 'SecretGet' })]])
    assert.equal(readAuditBatch([auditMessage(...fine)], NOW).unrecognised, undefined);
});

test('reads, wraps, secrets, certificates and other logs are of no interest', () => {
  const operations = [
    'KeyGet',
    'KeyList',
    'KeyListVersions',
    'KeyWrap',
    'KeySign',
    'KeyDecrypt',
    'SecretGet',
    'SecretSet',
    'SecretDelete',
    'CertificateCreate',
    'VaultGet',
    'Authentication',
    '',
    5,
    null,
    undefined,
    'constructor',
    '__proto__',
  ];
  const batch = readAuditBatch(
    [auditMessage(...operations.map((operation) => ({ ...auditRecord(), operationName: operation })))],
    NOW,
  );
  assert.deepEqual(batch, { signals: [], unreadable: [], succeeded: [], ignored: operations.length });
});

describe('the watch list', () => {
  const list = makeWatchList([
    { policyId: POLICY, vaultId: VAULT, keyName: 'CMK' },
    { policyId: `${POLICY}-other`, vaultId: VAULT, keyName: 'other' },
  ]);
  const concerned = (example: AuditExample) => {
    const signal = read(example);
    return signal && list.concerns(signal);
  };
  test('takes what is done to a key for the policies of that key, and to the vault for all of it', () => {
    assert.deepEqual(concerned({}), [POLICY]);
    assert.deepEqual(concerned({ operation: 'VaultPatch', enabled: undefined }), [POLICY, `${POLICY}-other`]);
    assert.deepEqual(concerned({ id: 'https://kv-one.vault.azure.net/keys/spare' }), []);
    assert.deepEqual(concerned({ record: { resourceId: VAULT.replace('kv-one', 'kv-two') } }), []);
  });
  test('finds the vault by its name where no resource id is given', () => {
    assert.deepEqual(concerned({ record: { resourceId: undefined } }), [POLICY]);
  });
  test('takes nothing that failed', () => {
    assert.deepEqual(concerned({ status: 403 }), []);
  });
});

describe('a batch', () => {
  test('may hold bytes, text and objects; the good is read beside the bad', () => {
    const message = auditMessage(auditRecord(), auditRecord({ operation: 'SecretGet' }));
    const batch = readAuditBatch(
      [
        message,
        message.toString(),
        JSON.parse(message.toString()),
        Buffer.from('\ufeff{"records":[]}'),
        'junk',
        null,
        7,
      ],
      NOW,
    );
    assert.equal(batch.signals.length, 3);
    assert.equal(new Set(batch.signals.map(({ id }) => id)).size, 1, 'one record, one id');
    assert.equal(batch.ignored, 3);
    assert.equal(batch.unreadable.length, 3);
  });

  test('a message with bad records says how many, and which is the first', () => {
    const nowhere = auditRecord({ id: undefined, requestUri: '/', record: { resourceId: 'x' } });
    const batch = readAuditBatch([auditMessage(auditRecord(), 5, nowhere)], NOW);
    assert.equal(batch.signals.length, 1);
    assert.match(
      batch.unreadable[0]?.reason ?? '',
      /2 of 3 audit records can't be read; the first, number 1, is no object/,
    );
  });

  test('records of a Managed HSM are passed over', () => {
    const hsm = auditRecord({ record: { resourceId: VAULT.replace('vaults', 'managedHSMs') } });
    assert.deepEqual(readAuditBatch([auditMessage(hsm)], NOW), {
      signals: [],
      unreadable: [],
      succeeded: [],
      ignored: 1,
    });
  });

  test('a record without a time happened when it was received', () => {
    assert.equal(read({ record: { time: undefined } })?.at, NOW);
    assert.equal(read({ record: { time: AUDIT_TIME } })?.at, '2026-03-04T05:01:00.269Z');
  });
});

describe('whatever comes', () => {
  const anything = fc.anything({ withBigInt: false });
  test('a batch of anything at all never throws, and each message is counted', () => {
    fc.assert(
      fc.property(fc.array(anything), (batch) => {
        const { unreadable } = readAuditBatch(batch, NOW);
        assert.ok(unreadable.length <= batch.length);
        for (const { reason } of unreadable) assert.ok(reason.length > 10);
      }),
    );
  });

  test('records with anything in any field never throw, and their texts stay bounded', () => {
    const field = fc.oneof(anything, fc.string({ minLength: 3000, maxLength: 3000 }), fc.jsonValue());
    fc.assert(
      fc.property(
        fc.record({
          operation: fc.constantFrom('KeyUpdate', 'keydelete', 'KeyUnwrap', 'VaultPut'),
          a: field,
          b: field,
          c: field,
          d: field,
        }),
        ({ operation, a, b, c, d }) => {
          const record = {
            ...auditRecord({ operation, status: a, id: b, claim: { oid: c, upn: d } }),
            time: a,
            correlationId: d,
          };
          const batch = readAuditBatch(
            [{ records: [record, { ...record, properties: a, identity: b, resourceId: c }] }],
            NOW,
          );
          for (const signal of batch.signals) {
            assert.ok(JSON.stringify(signal).length < 5000);
            assert.ok(signal.assertion === undefined || signal.outcome === 'success');
          }
        },
      ),
    );
  });

  test('nothing but an operation of interest, a status of success and enabled = false claims a disabling', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('KeyUpdate', 'KeyCreate', 'KeyRecover', 'KeyUnwrap'),
        fc.oneof(fc.integer({ min: 100, max: 599 }), fc.integer({ min: 100, max: 599 }).map(String)),
        fc.option(fc.boolean(), { nil: undefined }),
        (operation, status, enabled) => {
          const isOne =
            operation === 'KeyUpdate' && Number(status) >= 200 && Number(status) < 300 && enabled === false;
          assert.equal(claimed({ operation, status, enabled }) === 'keyDisabled', isOne);
        },
      ),
    );
  });
});

test('10,000 records of no interest cost one JSON.parse and one look at each operation’s name', (context) => {
  const reads = Array.from({ length: 10_000 }, (_, n) =>
    auditRecord({ operation: ['KeyUnwrap', 'KeyWrap', 'KeyGet', 'SecretGet'][n % 4], enabled: undefined }),
  );
  const bytes = auditMessage(...reads);
  const parse = context.mock.method(JSON, 'parse');
  assert.equal(readAuditBatch([bytes], NOW).ignored, 10_000);
  assert.equal(parse.mock.callCount(), 1);
  parse.mock.restore();

  const rechecks = new Map<PropertyKey, number>();
  const counted = JSON.parse(bytes.toString('utf8')).records.map(
    (record: object) =>
      new Proxy(record, {
        get(target, name) {
          rechecks.set(name, (rechecks.get(name) ?? 0) + 1);
          return Reflect.get(target, name);
        },
      }),
  );
  assert.equal(readAuditBatch([{ records: counted }], NOW).ignored, 10_000);
  // The time is the bench's (`audit`). Of a use of a key, whether it was refused is looked at as well.
  assert.deepEqual(Object.fromEntries(rechecks), { operationName: 10_000, properties: 2_500 });
});
