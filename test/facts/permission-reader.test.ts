import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Facts, PermissionFact } from '../../shared/facts/facts.ts';
import { armError, list } from './fake-azure.ts';
import {
  ASSIGNMENTS,
  assignment,
  DENIALS,
  ENCRYPTION_USER,
  GROUP,
  KEY,
  POLICY,
  PRINCIPAL,
  ROLES,
  role,
  SUBSCRIPTION,
  stage,
  VAULT,
  vaultAnswer,
} from './tenant.ts';

const GROUP_ID = 'bbbbbbbb-0000-0000-0000-000000000001';
const EVERYONE = '00000000-0000-0000-0000-000000000000';
const CUSTOM = `${ROLES}/cccccccc-0000-0000-0000-000000000001`;
const FILTERED = `?api-version=2022-04-01&$filter=assignedto('${PRINCIPAL}')`;

function known({ permission }: Facts): PermissionFact {
  return permission.state === 'known' ? permission.value : assert.fail(JSON.stringify(permission));
}
function reason({ permission }: Facts): string {
  return permission.state === 'unknown' ? permission.reason : permission.state;
}
function denial(properties: Record<string, unknown> = {}) {
  return {
    id: `${VAULT}/providers/Microsoft.Authorization/denyAssignments/d1`,
    name: 'd1',
    properties: {
      denyAssignmentName: 'no keys',
      scope: VAULT,
      permissions: [{ actions: [], dataActions: ['Microsoft.KeyVault/vaults/keys/unwrap/action'] }],
      principals: [{ id: PRINCIPAL, type: 'ServicePrincipal' }],
      ...properties,
    },
  };
}

describe('role assignments', () => {
  it('are listed for the identity at the vault, sub-scopes included', async () => {
    const { azure, read } = stage();
    await read(POLICY);
    assert.ok(azure.asked.includes(`${ASSIGNMENTS}${FILTERED}`.toLowerCase()), azure.asked.join('\n'));
  });

  it('count directly, through a group, at any scope above and at the key; a condition is kept', async () => {
    for (const scope of [
      SUBSCRIPTION,
      GROUP,
      VAULT,
      KEY.toUpperCase(),
      '/providers/Microsoft.Management/managementGroups/m',
    ]) {
      const { azure, read } = stage();
      azure.on(
        ASSIGNMENTS,
        list(assignment({ scope, principalId: GROUP_ID, principalType: 'Group', condition: '@x' })),
      );
      const fact = known(await read(POLICY));
      assert.deepEqual(fact.missing, [], scope);
      assert.deepEqual([fact.grants[0]?.viaGroup, fact.grants[0]?.condition], [true, '@x']);
    }
    assert.equal(known(await stage().read(POLICY)).grants[0]?.viaGroup, false);
  });

  it('at another key, or of a role without these data actions, give nothing', async () => {
    for (const [changes, definition] of [
      [{ scope: `${VAULT}/keys/other` }, role()],
      [{}, role(['Microsoft.KeyVault/vaults/secrets/*'])],
      [{}, role(['*'], ['Microsoft.KeyVault/vaults/keys/*'])],
    ] as const) {
      const { azure, read } = stage();
      azure.on(ASSIGNMENTS, list(assignment(changes)));
      azure.on(ENCRYPTION_USER, { body: definition });
      const fact = known(await read(POLICY));
      assert.deepEqual([fact.grants, fact.missing], [[], ['read', 'wrap', 'unwrap']]);
    }
  });

  it('at a management group have their role looked up where our right reaches: in the vault’s subscription', async () => {
    const { azure, read } = stage();
    const roleDefinitionId = ENCRYPTION_USER.slice(SUBSCRIPTION.length).toUpperCase();
    const scope = '/providers/Microsoft.Management/managementGroups/m';
    azure.on(roleDefinitionId, armError(403, 'AuthorizationFailed'));
    azure.on(ASSIGNMENTS, list(assignment({ scope, roleDefinitionId })));
    assert.deepEqual(known(await read(POLICY)).missing, []);
    assert.equal(azure.countOf(ENCRYPTION_USER), 1);
  });

  it('none at all is known: everything is missing', async () => {
    const { azure, read } = stage();
    azure.on(ASSIGNMENTS, list());
    assert.deepEqual(known(await read(POLICY)).missing, ['read', 'wrap', 'unwrap']);
  });

  it('of a role that can’t be read leave it unknown, unless others suffice', async () => {
    const { azure, read } = stage();
    azure.on(CUSTOM, armError(403, 'AuthorizationFailed'));
    const custom = assignment({ roleDefinitionId: CUSTOM, principalId: PRINCIPAL });
    azure.on(ASSIGNMENTS, list(custom));
    assert.equal(reason(await read(POLICY)), 'forbidden');
    azure.on(ASSIGNMENTS, list(custom, assignment()));
    assert.deepEqual(known(await read(POLICY)).missing, []);
  });

  it('do not count where the vault uses access policies, and the other way round', async () => {
    const { azure, read } = stage();
    azure.on(VAULT, { body: vaultAnswer({ enableRbacAuthorization: false, accessPolicies: [] }) });
    const byPolicies = known(await read(POLICY));
    assert.deepEqual([byPolicies.model, byPolicies.missing.length], ['accessPolicies', 3]);
    assert.equal(azure.countOf(ASSIGNMENTS), 0);

    const permissions = { keys: ['Get', 'WrapKey', 'UnwrapKey'] };
    const accessPolicies = [{ tenantId: 't', objectId: PRINCIPAL.toUpperCase(), permissions }];
    azure.on(VAULT, { body: vaultAnswer({ enableRbacAuthorization: null, accessPolicies }) });
    assert.deepEqual(known(await read(POLICY)).missing, [], 'absent means access policies');
    azure.on(VAULT, { body: vaultAnswer({ enableRbacAuthorization: true, accessPolicies }) });
    azure.on(ASSIGNMENTS, list());
    assert.deepEqual(known(await read(POLICY)).missing.length, 3);
  });

  it('that can’t be listed are unknown with the list’s own reason', async () => {
    for (const [answer, expected] of [
      [armError(403, 'AuthorizationFailed'), 'forbidden'],
      [{ status: 429, headers: { 'retry-after': '60' } }, 'throttled'],
      [{ status: 500 }, 'unavailable'],
      [{ afterMs: 99_000 }, 'timeout'],
      [{ body: 'x' }, 'invalidAnswer'],
    ] as const) {
      const { azure, read } = stage();
      azure.on(ASSIGNMENTS, answer);
      assert.equal(reason(await read(POLICY)), expected);
    }
  });

  it('of which one row can’t be read count where the others suffice, and prove nothing missing', async () => {
    const { azure, read } = stage();
    azure.on(ASSIGNMENTS, list(null, assignment()));
    assert.deepEqual(known(await read(POLICY)).missing, []);
    azure.on(ASSIGNMENTS, list({ id: 'x', properties: {} }));
    assert.equal(reason(await read(POLICY)), 'invalidAnswer');
  });

  it('of access policies count only where an entry is of the tenant of vault and identity', async () => {
    for (const [tenantId, vaultTenant, missing] of [
      ['T', 't', 0],
      [undefined, 't', 0],
      ['old', 't', 3],
      ['new', 'new', 3],
    ] as const) {
      const { azure, read } = stage();
      const accessPolicies = [{ tenantId, objectId: PRINCIPAL, permissions: { keys: ['all'] } }];
      azure.on(VAULT, {
        body: vaultAnswer({ tenantId: vaultTenant, enableRbacAuthorization: false, accessPolicies }),
      });
      assert.equal(known(await read(POLICY)).missing.length, missing, `${tenantId} in ${vaultTenant}`);
    }
  });

  it('and access policies too: one entry that can’t be read spoils neither the vault nor the others', async () => {
    const { azure, read } = stage();
    const own = { tenantId: 't', objectId: PRINCIPAL, permissions: { keys: ['all'] } };
    const withPolicies = (...accessPolicies: unknown[]) =>
      azure.on(VAULT, { body: vaultAnswer({ enableRbacAuthorization: false, accessPolicies }) });
    withPolicies(null, own);
    assert.deepEqual(known(await read(POLICY)).missing, []);
    withPolicies(null);
    const facts = await read(POLICY);
    assert.deepEqual([facts.vault.state, reason(facts)], ['known', 'invalidAnswer']);
  });

  it('a quote in an id can’t change the question', async () => {
    const { azure, read } = stage();
    await read(POLICY, { vaultId: VAULT, keyName: 'cmk', rbac: true, principalId: "x') or assignedTo('y" });
    assert.ok(azure.asked.some((one) => one.endsWith("assignedto('x'') or assignedto(''y')")));
  });
});

describe('deny assignments', () => {
  const missing = async (...denials: unknown[]) => {
    const { azure, read } = stage();
    azure.on(DENIALS, list(...denials));
    return known(await read(POLICY)).missing;
  };

  it('overrule every grant, for the identity and for everyone', async () => {
    assert.deepEqual(await missing(denial()), ['unwrap']);
    assert.deepEqual(await missing(denial({ scope: SUBSCRIPTION.toUpperCase() })), ['unwrap']);
    assert.deepEqual(await missing(denial({ principals: [{ id: EVERYONE, type: 'SystemDefined' }] })), [
      'unwrap',
    ]);
    const but = [{ dataActions: ['*'], notDataActions: ['*/keys/read'] }];
    assert.deepEqual(await missing(denial({ permissions: but })), ['wrap', 'unwrap']);
  });

  it('leave alone whom they don’t name, whom they exempt, other actions and other scopes', async () => {
    const none = [
      denial({ principals: [{ id: 'other', type: 'User' }] }),
      denial({ principals: [{ id: EVERYONE }], excludePrincipals: [{ id: PRINCIPAL.toUpperCase() }] }),
      denial({ permissions: [{ actions: ['*'], dataActions: [] }] }),
      denial({ scope: `${VAULT}/keys/other` }),
      denial({ doNotApplyToChildScopes: true }),
    ];
    assert.deepEqual(await missing(...none), []);
    assert.deepEqual(await missing(denial({ scope: KEY, doNotApplyToChildScopes: true })), ['unwrap']);
  });

  it('that name a group apply where Azure lists them for the identity', async () => {
    const { azure, read } = stage();
    const forGroup = denial({ principals: [{ id: GROUP_ID, type: 'Group' }] });
    azure.on(DENIALS, list(forGroup));
    azure.on(`${DENIALS}${FILTERED}`, list());
    assert.deepEqual(known(await read(POLICY)).missing, []);
    azure.on(`${DENIALS}${FILTERED}`, list(forGroup));
    assert.deepEqual(known(await read(POLICY)).missing, ['unwrap']);
  });

  it('that exempt a group, perhaps the identity’s, leave it unknown', async () => {
    const { azure, read } = stage();
    const excludePrincipals = [{ id: GROUP_ID, type: 'Group' }];
    azure.on(DENIALS, list(denial({ principals: [{ id: EVERYONE }], excludePrincipals })));
    assert.equal(reason(await read(POLICY)), 'forbidden');
  });

  it('that only audit deny nothing, whichever version of the API tells their effect', async () => {
    assert.deepEqual(await missing(denial({ denyAssignmentEffect: 'Audit' })), []);
    assert.deepEqual(await missing(denial({ denyAssignmentEffect: 'enforced' })), ['unwrap']);
    for (const [effect, expected] of [
      ['audit', []],
      ['enforced', ['unwrap']],
      [undefined, ['unwrap']],
    ] as const) {
      const { azure, read } = stage();
      azure.on(DENIALS, list(denial()));
      const id = `${VAULT}/providers/Microsoft.Authorization/denyAssignments/d1`;
      azure.on(`${id}?api-version=2024-07-01-preview`, { body: denial({ denyAssignmentEffect: effect }) });
      assert.deepEqual(known(await read(POLICY)).missing, expected, String(effect));
    }
  });

  it('under a condition, or with an effect that is not known, leave it unknown, unless another one denies', async () => {
    for (const doubtful of [
      denial({ condition: '@Resource[x] StringEquals y' }),
      denial({ denyAssignmentEffect: 'perhaps' }),
    ]) {
      const { azure, read } = stage();
      azure.on(DENIALS, list(doubtful));
      assert.equal(reason(await read(POLICY)), 'forbidden');
      azure.on(DENIALS, list(doubtful, denial()));
      assert.deepEqual(known(await read(POLICY)).missing, ['unwrap']);
      azure.on(DENIALS, list({ ...doubtful, properties: { ...doubtful.properties, principals: [] } }));
      assert.deepEqual(known(await read(POLICY)).missing, [], 'it concerns somebody else');
    }
  });

  it('of which one row can’t be read leave a full grant unknown; what the others deny is missing', async () => {
    const { azure, read } = stage();
    azure.on(DENIALS, list(null));
    assert.equal(reason(await read(POLICY)), 'invalidAnswer');
    azure.on(DENIALS, list({ id: 'x' }, denial()));
    assert.deepEqual(known(await read(POLICY)).missing, ['unwrap']);
  });

  it('that can’t be read leave a full grant unknown, but not a missing one', async () => {
    const { azure, read } = stage();
    azure.on(DENIALS, armError(403, 'AuthorizationFailed'));
    assert.equal(reason(await read(POLICY)), 'forbidden');
    azure.on(ASSIGNMENTS, list());
    assert.equal(known(await read(POLICY)).missing.length, 3);
  });

  it('take away what even an unreadable role can’t give back', async () => {
    const { azure, read } = stage();
    azure.on(CUSTOM, { status: 500 });
    azure.on(ASSIGNMENTS, list(assignment(), assignment({ roleDefinitionId: CUSTOM })));
    azure.on(DENIALS, list(denial()));
    assert.deepEqual(known(await read(POLICY)).missing, ['unwrap']);
  });
});
