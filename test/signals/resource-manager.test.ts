import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readMessage } from '../../shared/signals/read-message.ts';
import { ASSERTIONS, armEvent, GROUP, NOW, POLICY, SUBSCRIPTION, VAULT } from './examples.ts';

function read(example: Parameters<typeof armEvent>[0]) {
  return readMessage(armEvent(example), NOW).signals[0];
}

test('a change through ARM names the resource, the operation and who made it', () => {
  assert.deepEqual(read({}), {
    id: '4db48cba-50a2-455a-93b4-de41a3b5b7f6',
    source: 'resourceManager',
    type: 'Microsoft.Resources.ResourceWriteSuccess',
    outcome: 'success',
    scope: VAULT.toLowerCase(),
    at: '2026-03-04T05:00:00.611Z',
    operation: 'Microsoft.KeyVault/vaults/write',
    correlationId: '7d8f9e0a-1111-4000-8000-000000000001',
    actor: {
      kind: 'user',
      name: 'ada@contoso.example',
      objectId: '11111111-aaaa-4000-8000-000000000001',
      application: 'c44b4083-3bb0-49c1-b47d-974e53cbdf3c',
      ipAddress: '203.0.113.7',
    },
  });
});

test('the event type decides the outcome, whatever its case and whatever the status says', () => {
  for (const act of ['Write', 'Delete', 'Action']) {
    for (const [end, outcome] of [
      ['Success', 'success'],
      ['Failure', 'failure'],
      ['Cancel', 'cancelled'],
    ]) {
      const eventType = `Microsoft.Resources.Resource${act}${end}`;
      for (const type of [eventType, eventType.toUpperCase()]) {
        for (const status of ['Succeeded', 'Failed', undefined]) {
          assert.equal(read({ eventType: type, data: { status } })?.outcome, outcome);
        }
      }
    }
  }
});

test('the resource is reported by resourceUri, else by the subject, in lower case without a slash at its end', () => {
  const expected = VAULT.toLowerCase();
  const url = `https://management.azure.com${VAULT}?api-version=2026-02-01`;
  for (const scope of [VAULT, `${VAULT}/`, VAULT.toUpperCase(), VAULT.slice(1), ` ${VAULT} `, url]) {
    assert.equal(read({ scope })?.scope, expected, String(scope));
  }
  for (const resourceUri of [undefined, null, '', 7, 'nonsense', `/x${VAULT}`, `${VAULT}\n`.repeat(2)]) {
    assert.equal(read({ subject: VAULT, data: { resourceUri } })?.scope, expected, String(resourceUri));
  }
});

test('where resourceUri and subject differ, resourceUri counts', () => {
  assert.equal(read({ scope: VAULT, subject: GROUP })?.scope, VAULT.toLowerCase());
});

test('an endless resource id is no resource id', () => {
  assert.equal(read({ scope: `${SUBSCRIPTION}/${'x'.repeat(3_000)}` }), undefined);
});

const ACTOR = read({})?.actor;
test('claims and request count as objects and as JSON text alike', () => {
  const data = {
    claims: JSON.stringify(ASSERTIONS),
    httpRequest: JSON.stringify({ clientIpAddress: '203.0.113.7' }),
    authorization: 'x',
  };
  assert.deepEqual(read({ data })?.actor, ACTOR);
});

test('claims and request of any other form tell nothing, and the signal stands without an actor', () => {
  for (const nothing of [undefined, null, {}, '', 'redacted', '{broken', '[]', '"x"', 5, [], true]) {
    const data = { claims: nothing, httpRequest: nothing, authorization: nothing };
    assert.deepEqual(read({ data }), withoutActor(read({})));
  }
});

function withoutActor(signal: ReturnType<typeof read>) {
  const { actor, ...rest } = signal ?? {};
  return rest;
}

test('claims are known by their short names, too', () => {
  const claims = {
    upn: 'a@b.example',
    oid: 'o-1',
    appid: 'app-1',
    ipaddr: '198.51.100.4',
    idtyp: 'user',
  };
  assert.deepEqual(read({ data: { claims, httpRequest: {} } })?.actor, {
    kind: 'user',
    name: 'a@b.example',
    objectId: 'o-1',
    application: 'app-1',
    ipAddress: '198.51.100.4',
  });
});

test('a user principal name goes before a display name, which goes before none', () => {
  const name = (claims: object) => read({ data: { claims } })?.actor?.name;
  assert.equal(name({ name: 'Ada', upn: 'a@b.example' }), 'a@b.example');
  assert.equal(
    name({ name: 'Ada', 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name': 'x' }),
    'Ada',
  );
  assert.equal(name({ 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name': 'x' }), 'x');
  assert.equal(name({ name: '  ', oid: 'o' }), undefined);
  assert.equal(name({ name: { first: 'Ada' }, oid: 'o' }), undefined);
});

test('an application is distinguished from a user', () => {
  const kind = (claims: object) => read({ data: { claims, httpRequest: {} } })?.actor?.kind;
  assert.equal(kind({ appid: 'a', oid: 'o' }), 'application');
  assert.equal(kind({ appid: 'a', oid: 'o', name: 'deploy-bot', idtyp: 'app' }), 'application');
  assert.equal(kind({ appid: 'a', idtyp: 'user' }), 'user');
  assert.equal(kind({ oid: 'o' }), 'unknown');
  assert.equal(kind({ ipaddr: '198.51.100.4' }), 'unknown');
});

test('nothing that an event says grows beyond bounds', () => {
  const long = 'x'.repeat(100_000);
  const signal = read({
    operation: long,
    data: {
      claims: { name: long, oid: long },
      correlationId: long,
      httpRequest: { clientIpAddress: long },
    },
  });
  assert.ok(JSON.stringify(signal).length < 4_000);
});

const ASSERTED: [string, string][] = [
  ['Microsoft.KeyVault/vaults/delete', VAULT],
  ['Microsoft.PowerPlatform/enterprisePolicies/delete', POLICY],
  ['Microsoft.Resources/subscriptions/resourceGroups/delete', GROUP],
];
for (const [operation, scope] of ASSERTED) {
  test(`a successful ${operation} claims that the resource is gone`, () => {
    const eventType = 'Microsoft.Resources.ResourceDeleteSuccess';
    const assertion = { what: 'deleted', scope: scope.toLowerCase() };
    assert.deepEqual(read({ eventType, operation, scope })?.assertion, assertion);
    assert.deepEqual(
      read({ eventType, operation: operation.toUpperCase(), scope: scope.toUpperCase() })?.assertion,
      assertion,
    );
  });

  test(`anything less than a successful ${operation} of that very resource claims nothing`, () => {
    const eventType = 'Microsoft.Resources.ResourceDeleteSuccess';
    const failures = ['DeleteFailure', 'DeleteCancel', 'WriteSuccess', 'ActionSuccess'];
    for (const end of failures) {
      const other = `Microsoft.Resources.Resource${end}`;
      assert.equal(read({ eventType: other, operation, scope })?.assertion, undefined, end);
    }
    for (const [other] of ASSERTED.filter(([one]) => one !== operation)) {
      assert.equal(read({ eventType, operation: other, scope })?.assertion, undefined, other);
    }
    for (const other of [`${scope}/keys/k`, SUBSCRIPTION, scope.slice(0, scope.lastIndexOf('/'))]) {
      assert.equal(read({ eventType, operation, scope: other })?.assertion, undefined, other);
    }
    const assignment = 'Microsoft.Authorization/roleAssignments/delete';
    assert.equal(read({ eventType, operation: assignment, scope })?.assertion, undefined);
  });
}

test('an event without an operation is a hint and no claim', () => {
  const eventType = 'Microsoft.Resources.ResourceDeleteSuccess';
  const signal = read({ eventType, data: { operationName: null } });
  assert.equal(signal?.operation, undefined);
  assert.equal(signal?.assertion, undefined);
});
