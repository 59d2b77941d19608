import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Part } from '../../shared/azure/part.ts';
import type { Facts, ProtectionFacts } from '../../shared/facts/facts.ts';
import { armError, list } from './fake-azure.ts';
import {
  assignment,
  CURRENT,
  ENCRYPTION_USER,
  KEY,
  keyAnswer,
  OLD,
  POLICY,
  policyAnswer,
  ROLES,
  type Stage,
  SUBSCRIPTION,
  stage,
  VAULT,
  vaultAnswer,
  versionItem,
} from './tenant.ts';

const LOCKS = `${SUBSCRIPTION}/providers/Microsoft.Authorization/locks`;
const SCHEDULES = `${SUBSCRIPTION}/providers/Microsoft.Authorization/roleAssignmentScheduleInstances`;
const ALL_ASSIGNMENTS = `${SUBSCRIPTION}/providers/Microsoft.Authorization/roleAssignments`;

/** A stage whose subscription answers for locks and schedules too. */
function guarded(): Stage {
  const made = stage();
  made.azure.on(LOCKS, list());
  made.azure.on(SCHEDULES, list());
  made.azure.on(ALL_ASSIGNMENTS, list());
  return made;
}
function lock(scope: string, level = 'CanNotDelete', name = 'keep') {
  return { id: `${scope}/providers/Microsoft.Authorization/locks/${name}`, name, properties: { level } };
}
async function protectionOf({ reader, clock }: Stage, id = POLICY): Promise<ProtectionFacts> {
  const facts: Facts = await clock.drive(reader.begin(10_000, { protection: true }).read(id));
  return facts.protection ?? assert.fail('it was not read');
}
function stateOf(part: Part<unknown>): string {
  return part.state === 'unknown' ? `unknown ${part.reason}` : part.state;
}
function names(part: ProtectionFacts['vaultLocks']): string[] {
  return part.state === 'known' ? part.value.map(({ name }) => name) : assert.fail(JSON.stringify(part));
}

describe('what guards a chain', () => {
  it('is not asked for unless the pass wants it', async () => {
    const made = guarded();
    const facts = await made.read(POLICY);
    assert.equal(facts.protection, undefined);
    assert.equal(made.azure.countOf(LOCKS) + made.azure.countOf(SCHEDULES), 0);
  });

  it('costs one list of locks and one of schedules a subscription, and the key is not read again', async () => {
    const made = guarded();
    const ids = [1, 2, 3].map((number) => POLICY.replace('ep1', `ep${number}`));
    for (const id of ids) made.azure.on(id, { body: policyAnswer(id) });
    const session = made.reader.begin(10_000, { protection: true });
    await made.clock.drive(Promise.all(ids.map((id, n) => session.read(n === 1 ? id.toUpperCase() : id))));
    assert.equal(made.azure.countOf(LOCKS), 1);
    assert.equal(made.azure.countOf(SCHEDULES), 1);
    assert.equal(made.azure.countOf(ALL_ASSIGNMENTS), 1);
    assert.equal(made.azure.countOf(KEY), 1);
  });

  it('counts locks of the resource, its group and its subscription, of either kind, and no others', async () => {
    const made = guarded();
    const group = VAULT.slice(0, VAULT.indexOf('/providers'));
    made.azure.on(
      LOCKS,
      list(
        lock(VAULT.toUpperCase(), 'cannotdelete', 'own'),
        lock(group, 'ReadOnly', 'group'),
        lock(SUBSCRIPTION, 'CanNotDelete', 'all'),
        lock(`${VAULT}2`, 'CanNotDelete', 'neighbour'),
        lock(VAULT, 'NotSpecified', 'nothing'),
      ),
    );
    const { vaultLocks, policyLocks } = await protectionOf(made);
    assert.deepEqual(names(vaultLocks), ['own', 'group', 'all']);
    assert.deepEqual(names(policyLocks), ['group', 'all']);
  });

  it('counts the other locks where one row can’t be read, and proves no absence with such a list', async () => {
    const made = guarded();
    for (const row of [null, { id: '/providers/Microsoft.Authorization/locks/x', properties: {} }]) {
      made.azure.on(LOCKS, list(row, lock(VAULT)));
      const { vaultLocks, policyLocks } = await protectionOf(made);
      assert.deepEqual(names(vaultLocks), ['keep']);
      assert.equal(stateOf(policyLocks), 'unknown invalidAnswer');
    }
  });

  it('tells a rotation, and that there is none where Azure leaves the rotation policy out', async () => {
    const made = guarded();
    assert.deepEqual(partValue((await protectionOf(made)).rotation), { rotates: false });
    const action = {
      action: { type: 'rotate' },
      trigger: { timeBeforeExpiry: 'P30D', timeAfterCreate: null },
    };
    const notify = { action: { type: 'notify' }, trigger: { timeBeforeExpiry: 'P40D' } };
    made.azure.on(KEY, {
      body: keyAnswer(CURRENT, { rotationPolicy: { lifetimeActions: [notify, action] } }),
    });
    assert.deepEqual(partValue((await protectionOf(made)).rotation), {
      rotates: true,
      timeBeforeExpiry: 'P30D',
      timeAfterCreate: undefined,
    });
    made.azure.on(KEY, { body: keyAnswer(CURRENT, { rotationPolicy: { lifetimeActions: [notify] } }) });
    assert.deepEqual(partValue((await protectionOf(made)).rotation), { rotates: false });
  });

  it('reads no rotation for a policy that names a version', async () => {
    const made = guarded();
    const properties = {
      encryption: { state: 'Enabled', keyVault: { id: VAULT, key: { name: 'cmk', version: OLD } } },
    };
    made.azure.on(POLICY, { body: policyAnswer(POLICY, { properties }) });
    made.azure.on(`${KEY}/versions/${OLD}`, { body: versionItem(OLD) });
    assert.equal(stateOf((await protectionOf(made)).rotation), 'unknown follows');
    assert.equal(made.azure.countOf(KEY), 0);
  });

  it('tells only the assignments that end by themselves, and asks for none where access policies count', async () => {
    const made = guarded();
    const instance = (assignment: string, endDateTime: string | null) => ({
      properties: { originRoleAssignmentId: `${VAULT}/${assignment}`, endDateTime },
    });
    made.azure.on(SCHEDULES, list(instance('a', '2027-01-01T00:00:00Z'), instance('b', null)));
    assert.deepEqual(partValue((await protectionOf(made)).timeBound), [
      { assignmentId: `${VAULT}/a`, endsAt: '2027-01-01T00:00:00.000Z' },
    ]);
    const other = guarded();
    other.azure.on(VAULT, { body: vaultAnswer({ enableRbacAuthorization: false, accessPolicies: [] }) });
    assert.equal(stateOf((await protectionOf(other)).timeBound), 'unknown follows');
    assert.equal(other.azure.countOf(SCHEDULES), 0);
  });
});

describe('what can not be read', () => {
  it('is unknown with its reason, and the chain itself stays known', async () => {
    const made = guarded();
    made.azure.on(LOCKS, armError(403, 'AuthorizationFailed'));
    made.azure.on(SCHEDULES, armError(400, 'AadPremiumLicenseRequired'));
    const facts = await made.clock.drive(made.reader.begin(10_000, { protection: true }).read(POLICY));
    assert.equal(stateOf(facts.vault), 'known');
    const { policyLocks, vaultLocks, timeBound } = facts.protection ?? assert.fail();
    assert.equal(stateOf(policyLocks), 'unknown forbidden');
    assert.equal(stateOf(vaultLocks), 'unknown forbidden');
    assert.match(
      vaultLocks.state === 'unknown' ? vaultLocks.detail : '',
      /It needs Reader on the subscription/,
    );
    assert.equal(stateOf(timeBound), 'unknown notSupported');
  });

  it('is unknown where an answer has another form than documented', async () => {
    const made = guarded();
    made.azure.on(LOCKS, list({ id: 'no id', properties: { level: 1 } }));
    made.azure.on(SCHEDULES, list('junk'));
    made.azure.on(KEY, { body: keyAnswer(CURRENT, { rotationPolicy: { lifetimeActions: 'soon' } }) });
    const { policyLocks, timeBound, rotation } = await protectionOf(made);
    for (const part of [policyLocks, timeBound, rotation])
      assert.equal(stateOf(part), 'unknown invalidAnswer');
  });

  it('holds a reading up by 3 s at most, once for all policies of the subscription', async () => {
    const made = guarded();
    made.azure.on(LOCKS, { ...list(), afterMs: 60_000 });
    const began = made.clock.nowMs();
    const session = made.reader.begin(60_000, { protection: true });
    const first = await made.clock.drive(session.read(POLICY));
    assert.equal(stateOf(first.protection?.vaultLocks ?? assert.fail()), 'unknown timeout');
    await made.clock.drive(session.read(POLICY));
    assert.ok(made.clock.nowMs() - began <= 3100, `${made.clock.nowMs() - began} ms`);
  });

  it('follows from a vault that is gone', async () => {
    const made = guarded();
    made.azure.on(VAULT, armError(404, 'ResourceNotFound'));
    const { vaultLocks, policyLocks, rotation, timeBound } = await protectionOf(made);
    assert.equal(stateOf(policyLocks), 'known');
    for (const part of [vaultLocks, rotation, timeBound]) assert.equal(stateOf(part), 'unknown follows');
  });
});

function partValue<T>(part: Part<T>): T {
  return part.state === 'known' ? part.value : assert.fail(JSON.stringify(part));
}

describe('who may read the policy', () => {
  const READER = `${ROLES}/acdd72a7-3385-48ef-bd42-f606fba81ae7`;
  const CUSTOM = `${ROLES}/cccccccc-0000-0000-0000-000000000001`;
  const GROUP_SCOPE = POLICY.slice(0, POLICY.indexOf('/providers'));
  const ROOT = '/providers/Microsoft.Management/managementGroups/contoso';
  const user = { principalId: 'u1', principalType: 'User', roleDefinitionId: READER };
  const custom = (actions: string[], notActions: string[] = []) => ({
    body: { properties: { roleName: 'Contoso', permissions: [{ actions, notActions }] } },
  });
  async function readersOf(...assignments: Record<string, unknown>[]) {
    const made = guarded();
    made.azure.on(ALL_ASSIGNMENTS, list(...assignments.map(assignment)));
    made.azure.on(CUSTOM, custom(['Microsoft.PowerPlatform/*/READ']));
    return partValue((await protectionOf(made)).policyReaders) as { principalId: string }[];
  }

  it('counts a user and a group at the policy and at every scope above it', async () => {
    for (const scope of [POLICY.toUpperCase(), GROUP_SCOPE, SUBSCRIPTION, ROOT, '/'])
      for (const principalType of ['User', 'group'])
        assert.equal((await readersOf({ ...user, scope, principalType })).length, 1, scope);
  });

  it('does not count service principals, other scopes and other roles', async () => {
    const encryption = { ...user, roleDefinitionId: ENCRYPTION_USER, scope: SUBSCRIPTION };
    const found = await readersOf(
      { ...user, scope: SUBSCRIPTION, principalType: 'ServicePrincipal' },
      { ...user, scope: VAULT },
      { ...user, scope: `${POLICY}2` },
      encryption,
    );
    assert.deepEqual(found, []);
  });

  it('reads the definition of a role that is not well known, its exceptions included', async () => {
    const by = { ...user, scope: POLICY, roleDefinitionId: CUSTOM };
    assert.equal((await readersOf(by)).length, 1);
    const made = guarded();
    made.azure.on(ALL_ASSIGNMENTS, list(assignment(by)));
    made.azure.on(CUSTOM, custom(['*'], ['Microsoft.PowerPlatform/enterprisePolicies/read']));
    assert.deepEqual(partValue((await protectionOf(made)).policyReaders), []);
  });

  it('is unknown where the list, or the only role that matters, can not be read', async () => {
    const made = guarded();
    made.azure.on(ALL_ASSIGNMENTS, armError(403, 'AuthorizationFailed'));
    assert.equal(stateOf((await protectionOf(made)).policyReaders), 'unknown forbidden');
    const other = guarded();
    other.azure.on(ALL_ASSIGNMENTS, list(assignment({ ...user, scope: POLICY, roleDefinitionId: CUSTOM })));
    other.azure.on(CUSTOM, armError(403, 'AuthorizationFailed'));
    assert.equal(stateOf((await protectionOf(other)).policyReaders), 'unknown forbidden');
  });
});

it('reads whether the identity of a policy that environments moved to may use the old key', async () => {
  const next = `${POLICY}-next`;
  for (const [found, missing] of [
    [[assignment({ principalId: 'next' })], 0],
    [[], 3],
  ] as const) {
    const made = guarded();
    made.azure.on(next, { body: policyAnswer(next, { identity: { principalId: 'next', tenantId: 't' } }) });
    made.azure.on(`${VAULT}/providers/Microsoft.Authorization/roleAssignments`, list(...found));
    const session = made.reader.begin(10_000, { protection: true });
    const moved = [{ policyId: next, keyId: KEY }];
    const facts = await made.clock.drive(session.read(POLICY, { moved }));
    const part = facts.protection?.moved?.[0]?.permission;
    assert.equal(part?.state === 'known' && part.value.missing.length, missing);
  }
  const gone = guarded();
  const moved = [{ policyId: next, keyId: KEY }];
  gone.azure.on(next, armError(403, 'AuthorizationFailed'));
  const facts = await gone.clock.drive(
    gone.reader.begin(10_000, { protection: true }).read(POLICY, { moved }),
  );
  assert.equal(facts.protection?.moved?.[0]?.permission.state, 'unknown');
});
