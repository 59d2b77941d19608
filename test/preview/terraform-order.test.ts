import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { grant, known, PRINCIPAL, permission, VAULT_ID, vault } from '../triggers/a-reading.ts';
import {
  aChain,
  aPlan,
  deleted,
  GRANT_ID,
  GRANT_VALUES,
  planned,
  previewFile,
  updated,
  VAULT_VALUES,
} from './plan-examples.ts';

const OTHER = '99999999-0000-4000-8000-000000000000';
const keys = ['Get', 'WrapKey', 'UnwrapKey'];
const entry = { key_vault_id: VAULT_ID, object_id: PRINCIPAL, application_id: '', key_permissions: keys };
const byPolicies = aChain({
  vault: known(vault({ rbac: false })),
  permission: known(
    permission({
      model: 'accessPolicies',
      grants: [grant({ by: 'accessPolicy', id: PRINCIPAL, roleName: undefined })],
    }),
  ),
});
const at = (address: string) => ({ address });
const made = (type: string, after: object, address: string) =>
  planned(type, ['create'], { after: { ...after, id: undefined }, unknown: { id: true } }, at(address));
const POLICY = 'azurerm_key_vault_access_policy';
const ROLE = 'azurerm_role_assignment';
const inBothOrders = (resources: object[], chain = aChain()) =>
  [resources, resources.toReversed()].map((one) => previewFile(aPlan(one), chain));

describe('the list of a plan is sorted by address, and is no order of what Terraform does', () => {
  const cases: Record<string, [object[], ReturnType<typeof aChain>]> = {
    'a renamed access policy': [[deleted(POLICY, entry, at('p.a')), made(POLICY, entry, 'p.b')], byPolicies],
    'a renamed role assignment': [
      [deleted(ROLE, GRANT_VALUES, at('r.a')), made(ROLE, GRANT_VALUES, 'r.b')],
      aChain(),
    ],
    'a role assignment that is named by its role before and by its GUID after': [
      [
        deleted(ROLE, { ...GRANT_VALUES, role_definition_id: undefined }, at('r.a')),
        made(ROLE, { ...GRANT_VALUES, role_definition_name: undefined }, 'r.b'),
      ],
      aChain(),
    ],
    'an entry that leaves the block of the vault for a resource of its own': [
      [
        updated(
          'azurerm_key_vault',
          { ...VAULT_VALUES, rbac_authorization_enabled: false, access_policy: [entry] },
          { access_policy: [] },
          {},
          at('v.a'),
        ),
        made(POLICY, entry, 'p.b'),
      ],
      byPolicies,
    ],
    'entries of a list that change places': [
      [
        planned(
          POLICY,
          ['delete', 'create'],
          { before: entry, after: { ...entry, object_id: OTHER } },
          at('p[0]'),
        ),
        planned(
          POLICY,
          ['delete', 'create'],
          { before: { ...entry, object_id: OTHER }, after: entry },
          at('p[1]'),
        ),
      ],
      byPolicies,
    ],
    'a renamed association of an enforced perimeter': [
      ['n.a', 'n.b'].map((address) =>
        planned(
          'azurerm_network_security_perimeter_association',
          [address === 'n.a' ? 'delete' : 'create'],
          address === 'n.a'
            ? { before: { resource_id: VAULT_ID, access_mode: 'Enforced' } }
            : { after: { resource_id: VAULT_ID, access_mode: 'Enforced' } },
          at(address),
        ),
      ),
      aChain(),
    ],
  };
  for (const [title, [resources, chain]] of Object.entries(cases))
    test(title, () => {
      for (const { outcome, policies } of inBothOrders(resources, chain)) {
        assert.equal(outcome, 'unknown');
        assert.match(policies[0]?.cannotJudge.map(({ because }) => because).join() ?? '', /moved block/);
      }
    });
});

describe('what has a known order, or needs none, is judged', () => {
  test('a replacement at one address', () => {
    const both = { before: entry, after: entry };
    const replaced = (actions: string[]) =>
      previewFile(aPlan([planned(POLICY, actions, both)]), byPolicies).outcome;
    assert.equal(replaced(['delete', 'create']), 'fine');
    // One entry holds all rights of an object, so the deletion takes away what was just made.
    assert.equal(replaced(['create', 'delete']), 'goesDown');
  });

  test('another grant at another address', () => {
    const officer = {
      ...GRANT_VALUES,
      role_definition_id: undefined,
      role_definition_name: 'Key Vault Crypto Officer',
    };
    for (const { outcome } of inBothOrders([
      deleted(ROLE, GRANT_VALUES, at('r.a')),
      made(ROLE, officer, 'r.b'),
    ]))
      assert.equal(outcome, 'fine');
    const elsewhere = {
      ...GRANT_VALUES,
      principal_id: OTHER,
      role_definition_name: 'Reader',
      role_definition_id: undefined,
    };
    for (const { outcome } of inBothOrders([
      deleted(ROLE, GRANT_VALUES, at('r.a')),
      made(ROLE, elsewhere, 'r.b'),
    ]))
      assert.equal(outcome, 'goesDown');
  });

  test('the network of a vault is judged even where its access policies are not', () => {
    const shut = updated(
      'azurerm_key_vault',
      { ...VAULT_VALUES, rbac_authorization_enabled: false, access_policy: [entry] },
      { access_policy: [], network_acls: [{ bypass: 'None', default_action: 'Deny' }] },
    );
    for (const { outcome } of inBothOrders([shut, made(POLICY, entry, 'p.b')], byPolicies))
      assert.equal(outcome, 'goesDown');
  });

  test('many addresses of one grant do not slow the comparison down', () => {
    const many = Array.from({ length: 3000 }, (_, n) => [
      deleted(ROLE, GRANT_VALUES, at(`r.a${n}`)),
      made(ROLE, { ...GRANT_VALUES, id: GRANT_ID }, `r.b${n}`),
    ]).flat();
    const start = performance.now();
    assert.equal(previewFile(aPlan(many)).outcome, 'unknown');
    assert.ok(performance.now() - start < 5000);
  });
});
