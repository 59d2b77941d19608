import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  grant,
  key,
  known,
  PRINCIPAL,
  permission,
  SUBSCRIPTION,
  VAULT_ID,
  vault,
  version,
} from '../triggers/a-reading.ts';
import {
  aChain,
  aWhatIf,
  GRANT_ID,
  GROUP_ID,
  modified,
  previewFile,
  ROLE_ID,
  sets,
} from './plan-examples.ts';

const outcome = (changes: object[], chain = aChain(), more: object = {}) =>
  previewFile(aWhatIf(changes, more), chain).outcome;
function triggers(changes: object[], chain = aChain()): string[] {
  return (previewFile(aWhatIf(changes), chain).policies[0]?.findings ?? []).map(
    ({ trigger, verdict }) => `${trigger} ${verdict}`,
  );
}
const acls = (...children: object[]) => [
  {
    path: 'properties',
    propertyChangeType: 'Modify',
    children: [{ path: 'networkAcls', propertyChangeType: 'Modify', children }],
  },
];

describe('a what-if result that takes environments down', () => {
  test('its deltas count, nested or with a whole path', () => {
    const nested = acls(sets('defaultAction', 'Allow', 'Deny'), sets('bypass', 'AzureServices', 'None'));
    assert.deepEqual(triggers([modified(VAULT_ID, nested)]), ['network-restricted revoked']);
    const flat = [
      sets('properties.networkAcls.defaultAction', 'Allow', 'Deny'),
      sets('properties.networkAcls.bypass', 'AzureServices', 'None'),
    ];
    assert.deepEqual(
      triggers([modified(VAULT_ID.toUpperCase().replace('/SUBSCRIPTIONS', '/subscriptions'), flat)]),
      ['network-restricted revoked'],
    );
    const whole = [
      {
        path: 'properties.networkAcls',
        propertyChangeType: 'Create',
        after: { defaultAction: 'Deny', bypass: 'None' },
      },
    ];
    assert.deepEqual(triggers([modified(VAULT_ID, whole)]), ['network-restricted revoked']);
  });

  test('a resource that is deleted, in complete mode', () => {
    const removed = (resourceId: string) => [{ resourceId, changeType: 'Delete', before: {} }];
    assert.deepEqual(triggers(removed(VAULT_ID)), ['vault-deleted revoked']);
    assert.deepEqual(triggers(removed(GROUP_ID)), ['vault-deleted revoked']);
    assert.deepEqual(triggers(removed(GRANT_ID)), ['permissions-revoked revoked']);
    assert.equal(outcome(removed(aChain().facts.policyId)), 'refused');
  });

  test('an entry of the access policies that is taken away', () => {
    const byPolicies = aChain({
      vault: known(vault({ rbac: false })),
      permission: known(
        permission({ model: 'accessPolicies', grants: [grant({ by: 'accessPolicy', id: PRINCIPAL })] }),
      ),
    });
    const list = (...children: object[]) => [
      { path: 'properties.accessPolicies', propertyChangeType: 'Array', children },
    ];
    const entry = (objectId: string) => ({
      objectId,
      permissions: { keys: ['get', 'wrapKey', 'unwrapKey'] },
    });
    const taken = { path: '0', propertyChangeType: 'Delete', before: entry(PRINCIPAL) };
    assert.deepEqual(triggers([modified(VAULT_ID, list(taken))], byPolicies), [
      'permissions-revoked revoked',
    ]);
    const added = {
      path: '1',
      propertyChangeType: 'Create',
      after: entry('99999999-0000-4000-8000-000000000000'),
    };
    assert.equal(outcome([modified(VAULT_ID, list(added))], byPolicies), 'fine');
    const changed = { path: '0', propertyChangeType: 'Modify', children: [sets('objectId', PRINCIPAL, 'x')] };
    assert.equal(outcome([modified(VAULT_ID, list(changed))], byPolicies), 'unknown');
  });

  test('a perimeter in enforced mode, and a pinned version of the policy', () => {
    const association = `${GROUP_ID}/providers/Microsoft.Network/networkSecurityPerimeters/nsp/resourceAssociations/kv-eu`;
    const after = { properties: { privateLinkResource: { id: VAULT_ID }, accessMode: 'Enforced' } };
    assert.deepEqual(triggers([{ resourceId: association, changeType: 'Create', after }]), [
      'public-access-disabled revoked',
    ]);
    const learning = { properties: { ...after.properties, accessMode: 'Learning' } };
    assert.equal(outcome([{ resourceId: association, changeType: 'Create', after: learning }]), 'fine');
    const two = aChain({
      key: known(key(version('v2'), version('v1', { enabled: false, created: '2026-01-01T00:00:00.000Z' }))),
    });
    const pins = modified(two.facts.policyId, [
      sets('properties.encryption.keyVault.key.version', 'v2', 'v1'),
    ]);
    assert.equal(outcome([pins], two), 'goesDown');
  });
});

describe('what does nothing in a what-if result', () => {
  const shut = acls(sets('defaultAction', 'Allow', 'Deny'), sets('bypass', 'AzureServices', 'None'));
  const cases: Record<string, object> = {
    'Ignore, NoChange and Detach': [
      ...['Ignore', 'NoChange', 'Detach'].map((changeType) => ({
        resourceId: VAULT_ID,
        changeType,
        delta: shut,
      })),
    ],
    'a property without an effect': [
      modified(VAULT_ID, [
        { path: 'properties.networkAcls.defaultAction', propertyChangeType: 'NoEffect', after: 'Deny' },
      ]),
    ],
    'a tag, and a property that is no part of the chain': [
      modified(VAULT_ID, [
        sets('tags.owner', 'a', 'b'),
        sets('properties.enabledForDeployment', true, false),
      ]),
    ],
    'what `after` shows and no delta does': [
      {
        ...modified(VAULT_ID, [sets('tags.owner', 'a', 'b')]),
        after: { properties: { networkAcls: { defaultAction: 'Deny', bypass: 'None' } } },
      },
    ],
    'a setting of a key that is there': [
      modified(`${VAULT_ID}/keys/cmk`, [sets('properties.attributes.enabled', true, false)]),
    ],
    'a vault that is created': [{ resourceId: `${VAULT_ID}-2`, changeType: 'Create', after: {} }],
    'a machine that can not be judged': [
      { resourceId: `${GROUP_ID}/providers/Microsoft.Compute/virtualMachines/vm`, changeType: 'Unsupported' },
    ],
    'a tag of the group': [modified(GROUP_ID, [sets('tags.owner', 'a', 'b')])],
  };
  for (const [title, changes] of Object.entries(cases))
    test(title, () => assert.equal(outcome(changes as object[]), 'fine'));

  test('a property that is not mentioned keeps its value: a rule in an open vault is harmless', () => {
    const [found] = previewFile(
      aWhatIf([modified(VAULT_ID, acls(sets('bypass', 'AzureServices', 'None')))]),
    ).policies;
    assert.deepEqual([found?.outcome, found?.after], ['fine', 'clear']);
  });
});

describe('what a what-if result leaves unknown', () => {
  const one = (delta: object) => [modified(VAULT_ID, [delta])];
  const cases: Record<string, object[]> = {
    'a change that it does not support': [
      { resourceId: VAULT_ID, changeType: 'Unsupported', unsupportedReason: 'x' },
    ],
    'a resource that is deployed again': [{ resourceId: VAULT_ID, changeType: 'Deploy' }],
    'a type of change that nobody knows': [{ resourceId: VAULT_ID, changeType: 'Perhaps' }],
    'an expression': one(sets('properties.networkAcls.bypass', 'AzureServices', "[parameters('bypass')]")),
    'an expression for a whole object': one({
      path: 'properties',
      propertyChangeType: 'Modify',
      after: "[reference('x')]",
    }),
    'a property that is taken away': one({
      path: 'properties.networkAcls.bypass',
      propertyChangeType: 'Delete',
      before: 'AzureServices',
    }),
    'an id that only the deployment knows': [
      { resourceId: "[resourceId('Microsoft.KeyVault/vaults', 'x')]", changeType: 'Unsupported' },
    ],
    'a delta that is no list': [{ resourceId: VAULT_ID, changeType: 'Modify', delta: {} }],
    'a kind of delta that nobody knows': one({
      path: 'properties.networkAcls',
      propertyChangeType: 'Perhaps',
    }),
    'an Azure Policy that is assigned to the group': [
      {
        resourceId: `${GROUP_ID}/providers/Microsoft.Authorization/policyAssignments/close`,
        changeType: 'Create',
        after: {},
      },
    ],
    'a subscription': [modified(`/subscriptions/${SUBSCRIPTION}`, [sets('tags.a', 1, 2)])],
  };
  for (const [title, changes] of Object.entries(cases))
    test(title, () => assert.equal(outcome(changes), 'unknown'));

  test('a result that did not succeed, and potential changes', () => {
    assert.equal(outcome([], aChain(), { status: 'Failed' }), 'unknown');
    assert.equal(outcome([], aChain(), { error: { code: 'x' } }), 'unknown');
    assert.equal(
      outcome([], aChain(), { potentialChanges: [{ resourceId: VAULT_ID, changeType: 'Delete' }] }),
      'unknown',
    );
  });

  test('a diagnostic that says that modules were skipped, for the file or for one change', () => {
    for (const code of [
      'NestedDeploymentShortCircuited',
      'NestedDeploymentSkippedFromInternalExpansion',
      'ANewCode',
    ])
      for (const level of ['Warning', 'Error', 'Perhaps']) {
        const diagnostics = [{ level, code, message: 'It was skipped.', target: '/x', additionalInfo: [] }];
        const found = previewFile(aWhatIf([], { diagnostics }));
        assert.equal(found.outcome, 'unknown', `${level} ${code}`);
        assert.match(found.cannotJudge[0]?.because ?? '', new RegExp(code));
        const inner = { properties: { changes: [], diagnostics } };
        assert.equal(previewFile({ status: 'Succeeded', ...inner }).outcome, 'unknown');
        const one = { resourceId: VAULT_ID, changeType: 'NoChange', diagnostics };
        assert.equal(outcome([one]), 'unknown');
      }
    const info = [{ level: 'Info', code: 'Expanded', message: '', target: '' }];
    assert.equal(outcome([], aChain(), { diagnostics: info }), 'fine');
    assert.equal(outcome([], aChain(), { diagnostics: null }), 'fine');
  });

  test('a new grant in place of the old one is compared as in a plan', () => {
    const made = (properties: object) => ({
      resourceId: `${VAULT_ID}/providers/Microsoft.Authorization/roleAssignments/77777777-0000-4000-8000-000000000000`,
      changeType: 'Create',
      after: {
        properties: {
          principalId: PRINCIPAL,
          principalType: 'ServicePrincipal',
          roleDefinitionId: ROLE_ID,
          ...properties,
        },
      },
    });
    const removed = { resourceId: GRANT_ID, changeType: 'Delete' };
    assert.equal(outcome([removed, made({})]), 'fine');
    assert.equal(outcome([removed, made({ principalId: "[reference('id').principalId]" })]), 'unknown');
    assert.equal(outcome([removed, made({ roleDefinitionId: "[variables('role')]" })]), 'unknown');
  });
});

test('the answer of the REST operation has its changes one level lower', () => {
  const { changes, ...rest } = aWhatIf([{ resourceId: VAULT_ID, changeType: 'Delete' }]);
  assert.equal(previewFile({ ...rest, properties: { correlationId: 'x', changes } }).outcome, 'goesDown');
});
