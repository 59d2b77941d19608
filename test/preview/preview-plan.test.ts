import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Facts } from '../../shared/facts/facts.ts';
import { chainOfReading, type PreviewChain } from '../../shared/preview/chain.ts';
import type { Change, PlannedOperation } from '../../shared/preview/change.ts';
import { previewPlan } from '../../shared/preview/preview-plan.ts';
import { updateHistory } from '../../shared/triggers/remember.ts';
import { guarded, protection } from '../triggers/a-guarded-reading.ts';
import {
  aged,
  grant,
  key,
  known,
  NOW,
  network,
  POLICY_ID,
  PRINCIPAL,
  permission,
  policy,
  SUBSCRIPTION,
  unread,
  VAULT_ID,
  vault,
  version,
} from '../triggers/a-reading.ts';

const KEYS_GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-keys`;
const GRANT = grant().id;
const USER = 'e147488a-f6f5-4113-8e2d-b22465e65bf6';
const OPTIONS = { now: NOW, networkReading: 'trustedService' as const };
const NO_LOCKS = { protection: protection({ policyLocks: known([]), vaultLocks: known([]) }) };

/** A healthy chain that no lock guards, read just now and two days before. */
function chain(change: Partial<Facts> = {}): PreviewChain {
  const facts = guarded({ ...NO_LOCKS, ...change });
  const before = updateHistory(undefined, aged(guarded(NO_LOCKS), 2));
  return chainOfReading(facts, before);
}

function preview(operations: readonly PlannedOperation[], of: PreviewChain = chain()) {
  const changes = operations.map((one, n): Change => ({ ...one, address: `change ${n + 1}` }));
  return previewPlan([of], { changes, cannotJudge: [] }, OPTIONS);
}

const REMOVED: PlannedOperation = { what: 'roleAssignmentRemoved', id: GRANT };
const added = (
  change: Partial<Extract<PlannedOperation, { what: 'roleAssignmentAdded' }>> = {},
): PlannedOperation => ({
  what: 'roleAssignmentAdded',
  scope: VAULT_ID,
  principalId: PRINCIPAL,
  role: USER,
  ...change,
});

describe('a preview names what goes down, by which change, and which environments', () => {
  test('a removed grant takes the policy down', () => {
    const [found] = preview([
      { what: 'lockRemoved', id: `${VAULT_ID}/providers/Microsoft.Authorization/locks/x` },
      REMOVED,
    ]).policies;
    assert.equal(found?.outcome, 'goesDown');
    assert.deepEqual([found.before, found.after], ['clear', 'revoked']);
    assert.deepEqual(
      found.findings.map(({ trigger, changes }) => [trigger, changes]),
      [['permissions-revoked', ['change 2']]],
    );
    assert.deepEqual(
      found.environments.map(({ id, sku }) => [id, sku]),
      [
        ['e1', 'Production'],
        ['e2', 'Production'],
      ],
    );
    assert.match(found.notes.join(), /change 1 removes a management lock/);
  });

  test('two causes each have their own changes', () => {
    const [found] = preview([
      { what: 'keySet', vaultId: VAULT_ID, keyName: 'cmk', set: { enabled: false } },
      { what: 'vaultSet', vaultId: VAULT_ID, set: { defaultAction: 'Deny', bypass: 'None' } },
    ]).policies;
    assert.deepEqual(
      found?.findings.map(({ trigger, changes }) => [trigger, changes]),
      [
        ['key-disabled', ['change 1']],
        ['network-restricted', ['change 2']],
      ],
    );
  });

  test('ids in another case are the same resources', () => {
    const { outcome } = preview([
      { what: 'vaultDeleted', vaultId: VAULT_ID.toUpperCase().replace('/SUBSCRIPTIONS', '/subscriptions') },
    ]);
    assert.equal(outcome, 'goesDown');
    assert.equal(preview([{ ...REMOVED, id: GRANT.toUpperCase() } as PlannedOperation]).outcome, 'goesDown');
  });

  test('a chain that is down already is not taken down again', () => {
    const down = chain({ key: known(key(version('v1', { enabled: false }))) });
    const { outcome, policies } = preview(
      [
        { what: 'keySet', vaultId: VAULT_ID, keyName: 'cmk', set: { enabled: false, expires: null } },
        REMOVED,
      ],
      down,
    );
    assert.equal(outcome, 'goesDown');
    assert.deepEqual(
      policies[0]?.findings.map(({ trigger }) => trigger),
      ['permissions-revoked'],
    );
    assert.equal(
      preview([{ what: 'keySet', vaultId: VAULT_ID, keyName: 'cmk', set: { enabled: true } }], down).outcome,
      'fine',
    );
  });

  test('a pinned version in the plan of a policy is judged by that version', () => {
    const two = chain({
      key: known(key(version('v2'), version('v1', { enabled: false, created: '2026-01-01T00:00:00.000Z' }))),
    });
    const { policies } = preview(
      [{ what: 'policySet', policyId: POLICY_ID, set: { keyVersion: 'v1' } }],
      two,
    );
    assert.equal(policies[0]?.outcome, 'goesDown');
  });
});

describe('a date that a change sets is judged at that date', () => {
  const inThirtyDays = '2026-12-20T10:00:00.000Z';

  test('a new expiry goes down on its day, not before', () => {
    const { outcome, policies } = preview([
      { what: 'keySet', vaultId: VAULT_ID, keyName: 'cmk', set: { expires: inThirtyDays } },
    ]);
    assert.equal(outcome, 'goesDown');
    const [found] = policies;
    assert.deepEqual([found?.after, found?.findings], ['clear', []]);
    assert.deepEqual(
      found?.atDates.map(({ at, verdict, findings }) => [at, verdict, findings.map((one) => one.trigger)]),
      [[inThirtyDays, 'revoked', ['key-expired']]],
    );
  });

  test('a later activation is down at once, and the reading at its date is clear', () => {
    const [found] = preview([
      { what: 'keySet', vaultId: VAULT_ID, keyName: 'cmk', set: { notBefore: inThirtyDays } },
    ]).policies;
    assert.deepEqual(
      found?.findings.map(({ trigger }) => trigger),
      ['key-not-yet-active'],
    );
    assert.deepEqual(
      found?.atDates.map(({ verdict }) => verdict),
      ['clear'],
    );
  });
});

describe('harmless look-alikes are no alarm', () => {
  const cases: Record<string, PlannedOperation[]> = {
    'a change of the vault that sets nothing': [{ what: 'vaultSet', vaultId: VAULT_ID, set: {} }],
    'a network that is set to what it is': [
      { what: 'vaultSet', vaultId: VAULT_ID, set: { defaultAction: 'Allow', bypass: 'AzureServices' } },
    ],
    'a key of the vault that no policy uses': [{ what: 'keyDeleted', vaultId: VAULT_ID, keyName: 'other' }],
    'a vault of another name': [{ what: 'vaultDeleted', vaultId: `${VAULT_ID}-2` }],
    'a group of another name': [{ what: 'resourceGroupDeleted', id: `${KEYS_GROUP}-2` }],
    'a grant of another principal': [{ ...REMOVED, id: `${GRANT}2` } as PlannedOperation],
    'a perimeter in Transition mode': [{ what: 'perimeterSet', vaultId: VAULT_ID, access: 'Learning' }],
    'an expiry that is taken away': [
      { what: 'keySet', vaultId: VAULT_ID, keyName: 'cmk', set: { expires: null } },
    ],
    'a grant to a user': [added({ principalId: 'u1', principalType: 'User' })],
    'a role that nobody here holds': [{ what: 'roleDefinitionSet', roleId: 'r9', permissions: [] }],
  };
  for (const [title, operations] of Object.entries(cases))
    test(title, () => assert.equal(preview(operations).outcome, 'fine'));

  test('a grant that is made anew is fine, and the gap is named where it is deleted first', () => {
    const { outcome, policies } = preview([REMOVED, added()]);
    assert.equal(outcome, 'fine');
    assert.match(policies[0]?.notes.join() ?? '', /change 1 takes a grant away, and change 2 gives it anew/);
    const first = preview([added(), { ...REMOVED, isReplacedFirst: true } as PlannedOperation]);
    assert.deepEqual([first.outcome, first.policies[0]?.notes], ['fine', []]);
  });
});

describe('what can not be judged is unknown, never fine', () => {
  const cases: Record<string, [PlannedOperation[], RegExp]> = {
    'a setting that is known only after apply': [
      [{ what: 'vaultSet', vaultId: VAULT_ID, set: {}, unknown: ['bypass'] }],
      /bypass.*only after it is applied/,
    ],
    'a new grant to a group in place of the old one': [
      [REMOVED, added({ principalId: 'g1', principalType: 'Group' })],
      /only if a new grant reaches it/,
    ],
    'a new grant to a principal that is not known yet': [
      [REMOVED, added({ principalId: undefined })],
      /principal/,
    ],
    'a new grant of a role that is not known': [[REMOVED, added({ role: 'Contoso Role' })], /role/],
    'an unsupported change at the group of the vault': [
      [{ what: 'unjudged', scope: KEYS_GROUP, because: 'azurerm_x is not judged.' }],
      /azurerm_x/,
    ],
    'an unsupported change at the management group': [
      [
        {
          what: 'unjudged',
          scope: '/providers/Microsoft.Management/managementGroups/contoso',
          because: 'azurerm_x is not judged.',
        },
      ],
      /azurerm_x/,
    ],
    'a policy that is moved to another key': [
      [{ what: 'policySet', policyId: POLICY_ID, set: { keyName: 'other' } }],
      /another key/,
    ],
    'a switched model whose grants were not read': [
      [{ what: 'vaultSet', vaultId: VAULT_ID, set: { rbac: false } }],
      /switched to access policies/,
    ],
  };
  for (const [title, [operations, because]] of Object.entries(cases))
    test(title, () => {
      const { outcome, policies } = preview(operations);
      assert.equal(outcome, 'unknown');
      assert.match(policies[0]?.cannotJudge.map((one) => one.because).join() ?? '', because);
    });

  test('a change of a part that could not be read', () => {
    const operations: [Partial<Facts>, PlannedOperation][] = [
      [{ vault: unread() }, { what: 'vaultSet', vaultId: VAULT_ID, set: { rbac: true } }],
      [{ key: unread() }, { what: 'keySet', vaultId: VAULT_ID, keyName: 'cmk', set: { keyOps: [] } }],
      [{ permission: unread() }, REMOVED],
    ];
    for (const [facts, operation] of operations)
      assert.equal(preview([operation], chain(facts)).outcome, 'unknown', operation.what);
  });

  test('a loss wins over what can not be judged, and a policy that was never read is named', () => {
    const both = preview([
      { what: 'vaultSet', vaultId: VAULT_ID, set: {}, unknown: ['bypass'] },
      { what: 'keyDeleted', vaultId: VAULT_ID, keyName: 'cmk' },
    ]);
    assert.equal(both.outcome, 'goesDown');
    const facts = guarded({ policy: unread(), vault: unread(), key: unread(), permission: unread() });
    const never = chainOfReading(facts, { policyId: POLICY_ID });
    const found = preview([REMOVED], never);
    assert.equal(found.outcome, 'unknown');
    assert.match(found.cannotJudge[0]?.because ?? '', /could never be read/);
  });
});

test('a grant under the model that the vault does not use keeps nothing that is lost under the other', () => {
  const entry = grant({ by: 'accessPolicy', id: PRINCIPAL, roleName: undefined });
  const byPolicies = chain({
    vault: known(vault({ rbac: false })),
    permission: known(permission({ model: 'accessPolicies', grants: [entry] })),
  });
  const loses: PlannedOperation = { what: 'accessPolicyRemoved', vaultId: VAULT_ID, objectId: PRINCIPAL };
  const toGroup = added({ principalId: 'g1', principalType: 'Group' });
  assert.equal(preview([loses, toGroup], byPolicies).outcome, 'goesDown');
});

test('a role that allows nothing yet counts once the same plan lets it use keys', () => {
  const role = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/r9`;
  const idle = grant({ id: `${GRANT}2`, roleDefinitionId: role, actions: [] });
  const held = chain({ permission: known({ ...permission({ grants: [grant()] }), withoutActions: [idle] }) });
  const dataActions = ['Microsoft.KeyVault/vaults/keys/*'];
  const set: PlannedOperation = {
    what: 'roleDefinitionSet',
    roleId: 'r9',
    permissions: [{ dataActions, notDataActions: [] }],
  };
  assert.equal(preview([set, REMOVED], held).outcome, 'fine');
  assert.equal(preview([REMOVED], held).outcome, 'goesDown');
});

describe('Azure refuses what a lock or a rule forbids', () => {
  const lock = (scope: string, level = 'CanNotDelete') => ({
    id: `${scope}/providers/Microsoft.Authorization/locks/keep`,
    name: 'keep',
    level,
    scope,
  });
  const locked = (one: ReturnType<typeof lock>) =>
    chain({ protection: protection({ policyLocks: known([]), vaultLocks: known([one]) }) });

  test('a delete lock refuses to delete the vault, its group and a grant at it, and no key', () => {
    const guards = locked(lock(VAULT_ID));
    for (const operation of [
      { what: 'vaultDeleted', vaultId: VAULT_ID },
      { what: 'resourceGroupDeleted', id: KEYS_GROUP },
      REMOVED,
    ] satisfies PlannedOperation[]) {
      const { outcome, policies } = preview([operation], guards);
      assert.equal(outcome, 'refused', operation.what);
      assert.match(policies[0]?.refused[0]?.because ?? '', /keep.*ScopeLocked/);
    }
    assert.equal(
      preview([{ what: 'keyDeleted', vaultId: VAULT_ID, keyName: 'cmk' }], guards).outcome,
      'goesDown',
    );
    const closes: PlannedOperation = {
      what: 'vaultSet',
      vaultId: VAULT_ID,
      set: { defaultAction: 'Deny', bypass: 'None' },
    };
    assert.equal(preview([closes], guards).outcome, 'goesDown');
    assert.equal(preview([closes], locked(lock(VAULT_ID, 'ReadOnly'))).outcome, 'refused');
  });

  test('a lock that the same plan removes refuses nothing', () => {
    const guard = lock(KEYS_GROUP);
    const found = preview(
      [
        { what: 'lockRemoved', id: guard.id.toLowerCase() },
        { what: 'vaultDeleted', vaultId: VAULT_ID },
      ],
      locked(guard),
    );
    assert.equal(found.outcome, 'goesDown');
  });

  test('purge protection can not be turned off, and refuses the purge alone', () => {
    const off = preview([
      {
        what: 'vaultSet',
        vaultId: VAULT_ID,
        set: { purgeProtection: false, defaultAction: 'Deny', bypass: 'None' },
      },
    ]);
    assert.equal(off.outcome, 'refused');
    const purge: PlannedOperation = { what: 'vaultDeleted', vaultId: VAULT_ID, purges: true };
    const [kept] = preview([purge]).policies;
    assert.equal(kept?.outcome, 'goesDown');
    assert.match(kept.refused[0]?.because ?? '', /Purge protection refuses the purge/);
    assert.deepEqual(kept.notes, []);
    const [lost] = preview([purge], chain({ vault: known(vault({ purgeProtection: false })) })).policies;
    assert.match(lost?.notes.join() ?? '', /nothing brings it back/);
  });

  test('a role that is still assigned can not be deleted', () => {
    const role = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/${USER}`;
    const held = chain({ permission: known(permission({ grants: [grant({ roleDefinitionId: role })] })) });
    const deletes: PlannedOperation = { what: 'roleDefinitionDeleted', roleId: USER };
    assert.equal(preview([deletes], held).outcome, 'refused');
    assert.equal(preview([REMOVED, deletes], held).outcome, 'goesDown');
  });
});

describe('the two readings of the network rules', () => {
  test('trusted services alone may go down, and do so where the lock page is read to the letter', () => {
    const operation: Change = {
      what: 'vaultSet',
      vaultId: VAULT_ID,
      set: { defaultAction: 'Deny' },
      address: 'op',
    };
    const plan = { changes: [operation], cannotJudge: [] };
    assert.equal(previewPlan([chain()], plan, OPTIONS).outcome, 'mayGoDown');
    assert.equal(previewPlan([chain()], plan, { now: NOW, networkReading: 'literal' }).outcome, 'goesDown');
  });

  test('a bypass that is kept lets a rule in an open vault be harmless', () => {
    const open = chain({ vault: known(vault({ network: network('Enabled', undefined, undefined) })) });
    const { outcome } = preview(
      [{ what: 'vaultSet', vaultId: VAULT_ID, set: { bypass: 'AzureServices' } }],
      open,
    );
    assert.equal(outcome, 'fine');
  });
});

test('a policy of another vault is not named', () => {
  const other = chain({ policy: known(policy({ vaultId: `${VAULT_ID}9` })) });
  assert.deepEqual(preview([{ what: 'vaultDeleted', vaultId: VAULT_ID }], other).policies, []);
});
