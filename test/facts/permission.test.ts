import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { keyActionsOf } from '../../shared/facts/data-actions.ts';
import { KEY_ACTIONS, type PermissionFact } from '../../shared/facts/facts.ts';
import { byAccessPolicies, byRoles, type KeyUse, reachesKey } from '../../shared/facts/permission.ts';
import type { AccessPolicyEntry } from '../../shared/facts/vault.ts';
import { GROUP, KEY, KEY_DATA_ACTIONS, PRINCIPAL, SUBSCRIPTION, VAULT } from './tenant.ts';

const USE: KeyUse = { principalId: PRINCIPAL, vaultId: VAULT, keyName: 'cmk' };
const ALL = [...KEY_ACTIONS];

describe('data actions', () => {
  const covered = (dataActions: string[], notDataActions: string[] = []) =>
    keyActionsOf([{ dataActions, notDataActions }]);

  it('match by name in any case, and by wildcards wherever they stand', () => {
    for (const patterns of [
      KEY_DATA_ACTIONS,
      KEY_DATA_ACTIONS.map((action) => action.toUpperCase()),
      ['*'],
      ['Microsoft.KeyVault/*'],
      ['Microsoft.KeyVault/vaults/keys/*'],
      ['*/keys/read', '*/wrap/action', '*/unwrap/action'],
      ['*/vaults/*/read', '*Vault*keys/*wrap/action'],
      ['microsoft.keyvault/vaults/k*/r*d', '*/w*p/action', '*/u*n*w*r*a*p/action'],
    ])
      assert.deepEqual(covered(patterns), ALL, patterns.join());
  });

  it('do not match what is only alike', () => {
    for (const patterns of [
      [],
      ['Microsoft.KeyVault/vaults/secrets/*'],
      ['Microsoft.KeyVault/vaults/keys'],
      ['Microsoft.KeyVault/vaults/keys/read/'],
      ['Microsoft.KeyVault/vaults/keys/reader/*'],
      ['microsoft.keyvault/vaults/keys/read*d'],
      ['read'],
      [''],
    ])
      assert.deepEqual(covered(patterns), [], patterns.join());
  });

  it('that a set takes back are not its own, but another set may give them', () => {
    assert.deepEqual(covered(['*'], ['*/unwrap/action']), ['read', 'wrap']);
    const sets = [
      { dataActions: ['*'], notDataActions: ['*/unwrap/action'] },
      { dataActions: ['*/keys/unwrap/*'], notDataActions: [] },
    ];
    assert.deepEqual(keyActionsOf(sets), ALL);
  });

  it('agree with a plain regular expression on any pattern', () => {
    const part = fc.constantFrom(
      'microsoft.keyvault/vaults/keys/',
      'read',
      'wrap',
      '/action',
      'un',
      'e',
      '',
      '/',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
        const pattern = parts.join('*');
        const matcher = new RegExp(`^${parts.map((text) => text.replaceAll('.', '\\.')).join('.*')}$`);
        const expected = KEY_ACTIONS.filter((_, index) =>
          matcher.test((KEY_DATA_ACTIONS[index] ?? '').toLowerCase()),
        );
        assert.deepEqual(covered([pattern]), expected, pattern);
      }),
      { numRuns: 2000 },
    );
  });

  it('take no longer for a pattern of nothing but wildcards', () => {
    assert.deepEqual(covered([`${'*a'.repeat(5000)}*`]), []);
    assert.deepEqual(covered(['*'.repeat(10_000)]), ALL);
  });
});

describe('a scope', () => {
  it('reaches the key from the vault, from anything above it, and from the key itself', () => {
    for (const scope of [
      VAULT,
      `${VAULT}/`,
      VAULT.toUpperCase(),
      GROUP,
      SUBSCRIPTION,
      '/',
      '/providers/Microsoft.Management/managementGroups/mg1',
      KEY,
      KEY.toUpperCase(),
    ])
      assert.equal(reachesKey(scope, USE), true, scope);
  });

  it('does not from a sibling, another key, a secret or a version', () => {
    for (const scope of [
      `${VAULT}2`,
      `${GROUP}-other`,
      `${KEY}2`,
      `${VAULT}/keys/other`,
      `${VAULT}/secrets/cmk`,
      `${KEY}/versions/1`,
      '/subscriptions/other',
    ])
      assert.equal(reachesKey(scope, USE), false, scope);
  });
});

describe('access policies', () => {
  const entry = (keys: string[], objectId = PRINCIPAL, applicationId?: string): AccessPolicyEntry => ({
    objectId,
    applicationId,
    keys,
  });
  const full = ['get', 'wrapkey', 'unwrapkey'];

  it('grant by the identity’s own entries, together, in any case; all counts', () => {
    const allowed = (...entries: AccessPolicyEntry[]) => byAccessPolicies(USE, entries).allowed;
    assert.deepEqual(allowed(entry(full)), ALL);
    assert.deepEqual(allowed(entry(full, PRINCIPAL.toUpperCase())), ALL);
    assert.deepEqual(allowed(entry(['all'])), ALL);
    assert.deepEqual(allowed(entry(['get']), entry(['unwrapkey'])), ['read', 'unwrap']);
    assert.deepEqual(allowed(entry(['list', 'encrypt', 'decrypt'])), []);
    assert.deepEqual(allowed(), []);
  });

  it('of a compound identity do not count', () => {
    assert.deepEqual(byAccessPolicies(USE, [entry(full, PRINCIPAL, 'app')]).allowed, []);
    assert.deepEqual(byAccessPolicies(USE, [entry(full, 'group', 'app')]).perhapsGroups, []);
  });

  it('for others are reported where they would help, several together too, and only while something is missing', () => {
    const group = entry(full, 'group');
    const ids = (fact: PermissionFact) => fact.perhapsGroups.map(({ principalId }) => principalId);
    assert.deepEqual(ids(byAccessPolicies(USE, [group, entry(['list'], 'other')])), ['group']);
    const two = [entry(['get'], 'group'), entry(['wrapkey', 'unwrapkey'], 'other')];
    assert.deepEqual(ids(byAccessPolicies(USE, two)), ['group', 'other']);
    assert.deepEqual(ids(byAccessPolicies(USE, [entry(full), group])), []);
    const partly = [entry(['get', 'wrapkey']), entry(['unwrapkey'], 'group')];
    assert.deepEqual(ids(byAccessPolicies(USE, partly)), ['group']);
  });
});

describe('any mix of grants and denials', () => {
  it('allows what is granted and not denied, and misses the rest', () => {
    const actions = fc.subarray(KEY_DATA_ACTIONS);
    fc.assert(
      fc.property(
        fc.array(actions, { maxLength: 4 }),
        fc.array(fc.subarray(ALL), { maxLength: 3 }),
        (grants, denials) => {
          const roles = new Map(
            grants.map((dataActions, index) => [
              `/role${index}`,
              { permissions: [{ dataActions, notDataActions: [] }] },
            ]),
          );
          const assignments = grants.map((_, index) => ({
            id: `a${index}`,
            scope: VAULT,
            principalId: PRINCIPAL,
            roleDefinitionId: `/ROLE${index}`,
          }));
          const denied = denials.map((list, index) => ({
            id: `d${index}`,
            name: 'd',
            scope: VAULT,
            actions: list,
          }));
          const fact = byRoles(USE, assignments, roles, denied);
          const granted = new Set(fact.grants.flatMap((grant) => grant.actions));
          for (const action of ALL) {
            const expected = granted.has(action) && !denials.some((list) => list.includes(action));
            assert.equal(fact.allowed.includes(action), expected);
            assert.equal(fact.missing.includes(action), !expected);
          }
        },
      ),
    );
  });
});
