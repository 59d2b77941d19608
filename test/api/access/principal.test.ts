import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { admit } from '../../../shared/api/access/admit.ts';
import { readPrincipal } from '../../../shared/api/access/principal.ts';
import { principalHeader } from './principal-header.ts';

const ROLE = 'http://schemas.microsoft.com/ws/2008/06/identity/claims/role';
const OID = 'http://schemas.microsoft.com/identity/claims/objectidentifier';

function entra(
  header: string | null,
  neededAccess: 'read' | 'write' = 'write',
  fetchSite: string | null = null,
) {
  return admit('entra', neededAccess, (name) =>
    name === 'x-ms-client-principal'
      ? header
      : name === 'sec-fetch-site'
        ? fetchSite
        : name === 'content-type'
          ? 'application/json'
          : null,
  );
}
const status = (admission: ReturnType<typeof admit>) => (admission.admitted ? 200 : admission.status);

test('a person is known by name and object id, as Entra tells them', () => {
  const header = principalHeader({ roles: ['Lockwatch.Operator'], name: 'ann@contoso.com', oid: 'oid-1' });
  assert.deepEqual(readPrincipal(header), {
    name: 'ann@contoso.com',
    objectId: 'oid-1',
    provider: 'aad',
    roles: ['Lockwatch.Operator'],
  });
  assert.deepEqual(entra(header), { admitted: true, by: { name: 'ann@contoso.com', id: 'oid-1' } });
});

test('roles come as the role type that the header names, or as roles', () => {
  for (const [roleType, type] of [
    [ROLE, ROLE],
    [ROLE, 'roles'],
    ['roles', 'roles'],
    [undefined, 'roles'],
    ['http://example.com/role', 'http://example.com/role'],
  ] as const) {
    const header = principalHeader({ role_typ: roleType, claims: [[type, 'Lockwatch.Operator']] });
    assert.equal(status(entra(header)), 200, `${roleType} ${type}`);
  }
  for (const type of ['groups', 'scp', 'name', 'role', ROLE.toUpperCase()]) {
    const header = principalHeader({ role_typ: 'roles', claims: [[type, 'Lockwatch.Operator']] });
    assert.equal(status(entra(header)), 403, type);
  }
});

test('an application comes with its roles, and is known by its id', () => {
  const header = principalHeader({
    claims: [
      ['roles', 'Lockwatch.Operator'],
      ['appid', 'app-7'],
      [OID, 'sp-oid'],
    ],
  });
  assert.deepEqual(entra(header), { admitted: true, by: { name: 'app-7', id: 'sp-oid' } });
});

test('readers may ask and not act, operators may do both, and a refusal names the role', () => {
  const reader = principalHeader({ roles: ['Lockwatch.Reader'] });
  const operator = principalHeader({ roles: ['Lockwatch.Operator'] });
  const both = principalHeader({ roles: ['Lockwatch.Reader', 'Lockwatch.Operator'] });
  const none = principalHeader({
    roles: ['Lockwatch.operator', 'lockwatch.reader', 'Owner', 'Lockwatch.Operator '],
  });
  assert.deepEqual([status(entra(reader, 'read')), status(entra(reader, 'write'))], [200, 403]);
  assert.deepEqual([status(entra(operator, 'read')), status(entra(operator, 'write'))], [200, 200]);
  assert.deepEqual([status(entra(both, 'read')), status(entra(both, 'write'))], [200, 200]);
  assert.deepEqual([status(entra(none, 'read')), status(entra(none, 'write'))], [403, 403]);
  const refused = entra(reader);
  assert.match(refused.admitted ? '' : refused.detail, /Lockwatch\.Operator/);
  const unknown = entra(none, 'read');
  assert.match(unknown.admitted ? '' : unknown.detail, /Lockwatch\.Reader or Lockwatch\.Operator/);
});

test('a sign-in by another provider has no role, whatever it claims', () => {
  for (const provider of ['github', 'google', 'aad2', '', 'custom'])
    assert.equal(status(entra(principalHeader({ auth_typ: provider, roles: ['Lockwatch.Operator'] }))), 403);
  assert.equal(status(entra(principalHeader({ auth_typ: 'AAD', roles: ['Lockwatch.Operator'] }))), 200);
});

test('nobody, or a header that can not be read, is nobody', () => {
  const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64');
  for (const header of [
    null,
    '',
    '   ',
    'Lockwatch.Operator',
    '{}',
    base64(null),
    base64([]),
    base64({}),
    base64({ auth_typ: 'aad' }),
    base64({ auth_typ: 'aad', claims: {} }),
    base64({ auth_typ: 'aad', claims: [{ typ: 'roles' }] }),
    base64({ auth_typ: 7, claims: [] }),
    base64({ auth_typ: 'aad', claims: [{ typ: 'roles', val: ['Lockwatch.Operator'] }] }),
    `${base64({ auth_typ: 'aad', claims: [] })}, ${base64({ auth_typ: 'aad', claims: [] })}`,
    'A'.repeat(70_000),
  ])
    assert.equal(status(entra(header)), 401, String(header).slice(0, 60));
});

test('no header is so odd that it crashes the app or opens it', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.base64String(),
        fc.json().map((text) => Buffer.from(text).toString('base64')),
      ),
      (header) => {
        assert.notEqual(status(entra(header)), 200);
      },
    ),
  );
});

test('a name is one line of bounded length, without what turns the direction of writing', () => {
  const header = principalHeader({ roles: ['Lockwatch.Operator'], name: `a\u202Eb\r\nc${'x'.repeat(500)}` });
  const name = readPrincipal(header)?.name ?? '';
  assert.doesNotMatch(name, /[\u202E\r\n]/);
  assert.equal(name.length, 120);
});

test('where nobody signs in, what the platform’s headers say is worthless', () => {
  const forged = principalHeader({ roles: ['Lockwatch.Operator'], name: 'forged@contoso.com' });
  const header = (name: string) =>
    name === 'x-ms-client-principal' ? forged : name === 'content-type' ? 'application/json' : null;
  for (const access of ['keys', 'none'] as const)
    for (const neededAccess of ['read', 'write'] as const)
      assert.deepEqual(admit(access, neededAccess, header), { admitted: true }, `${access} ${neededAccess}`);
});

test('a page of another site may not act, though the browser sends the cookies along', () => {
  const header = principalHeader({ roles: ['Lockwatch.Operator'] });
  for (const site of ['cross-site', 'same-site', 'CROSS-SITE', ''])
    assert.equal(status(entra(header, 'write', site)), 403, site);
  for (const site of ['same-origin', 'none', null]) assert.equal(status(entra(header, 'write', site)), 200);
  assert.equal(status(entra(header, 'read', 'cross-site')), 200);
  assert.equal(status(admit('none', 'write', () => 'cross-site')), 403);
});
