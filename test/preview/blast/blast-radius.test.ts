import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Facts } from '../../../shared/facts/facts.ts';
import { type BlastRadius, blastRadius } from '../../../shared/preview/blast/blast-radius.ts';
import { type BlastScopeKind, parseBlastScope } from '../../../shared/preview/blast/scope.ts';
import { chainOfReading, type PreviewChain } from '../../../shared/preview/chain.ts';
import { TRIGGER_IDS } from '../../../shared/triggers/finding.ts';
import { updateHistory } from '../../../shared/triggers/remember.ts';
import { guarded, listed, protection } from '../../triggers/a-guarded-reading.ts';
import {
  aged,
  caseMangled,
  daysAgo,
  environment,
  gone,
  grant,
  KEY_ID,
  key,
  known,
  memoryOf,
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
} from '../../triggers/a-reading.ts';

const OPTIONS = { now: NOW, networkReading: 'trustedService' as const };
const NO_LOCKS = { protection: protection({ policyLocks: known([]), vaultLocks: known([]) }) };
const OTHER_POLICY = POLICY_ID.replace('cmk-eu', 'cmk-two');

/** A healthy chain that no lock guards, read just now and two days before. */
function chain(change: Partial<Facts> = {}): PreviewChain {
  const before = updateHistory(undefined, aged(guarded(NO_LOCKS), 2));
  return chainOfReading(guarded({ ...NO_LOCKS, ...change }), before);
}

function another(change: Partial<Facts> = {}): PreviewChain {
  const facts = guarded({
    ...NO_LOCKS,
    policyId: OTHER_POLICY,
    policy: known(policy({ id: OTHER_POLICY, name: 'cmk-two' })),
    environments: listed([
      environment('e7', { sku: 'Sandbox', region: 'uk', url: 'https://e7.crm11.dynamics.com' }),
    ]),
    ...change,
  });
  return chainOfReading(facts, undefined);
}

function radius(
  kind: BlastScopeKind,
  text: string,
  chains: readonly PreviewChain[] = [chain()],
): BlastRadius {
  const scope = parseBlastScope(kind, text);
  assert.ok(scope, `${kind}: ${text}`);
  return blastRadius(chains, scope, OPTIONS);
}

const outcomes = ({ operations }: BlastRadius) =>
  Object.fromEntries(operations.map(({ id, outcome }) => [id.split(' ')[0], outcome]));
const triggersOf = ({ policies }: BlastRadius) =>
  [...new Set(policies.flatMap(({ triggers }) => triggers.map(({ trigger }) => trigger)))].sort();

const OTHER_GROUP = '44444444-0000-4000-8000-000000000000';

describe('the blast radius of a vault', () => {
  test('has each operation once, each with what it does', () => {
    assert.deepEqual(outcomes(radius('vault', 'kv-eu')), {
      'vault-deleted': 'goesDown',
      'group-deleted': 'goesDown',
      'key-deleted': 'goesDown',
      'role-assignment-removed': 'goesDown',
      'right-denied': 'goesDown',
      'tenant-changed': 'goesDown',
      'key-disabled': 'goesDown',
      'version-disabled': 'goesDown',
      'vault-closed': 'goesDown',
      'perimeter-enforced': 'goesDown',
      'vault-restricted': 'goesDown',
      'version-expired': 'goesDown',
      'version-not-yet-active': 'goesDown',
      'version-unusable': 'goesDown',
      'vault-closed-to-untrusted': 'mayGoDown',
      'vault-restricted-to-untrusted': 'mayGoDown',
      'permission-model-switched': 'unknown',
    });
  });

  test('names every trigger but the effect itself, with the operation that would bring it', () => {
    const two = chain({ key: known(key(version('v2', { created: daysAgo(3) }), version('v1'))) });
    const found = radius('vault', 'kv-eu', [two]);
    assert.equal(found.outcome, 'goesDown');
    // Azure refuses to delete a policy with environments.
    const expected = TRIGGER_IDS.filter((id) => id !== 'locked' && id !== 'policy-deleted');
    assert.deepEqual(triggersOf(found), [...expected].sort());
    for (const { triggers, outcome, what } of found.operations)
      assert.equal(triggers.length > 0, outcome === 'goesDown' || outcome === 'mayGoDown', what);
  });

  test('groups by policy, and counts each environment once', () => {
    const found = radius('vault', VAULT_ID, [chain(), another()]);
    assert.deepEqual(
      found.policies.map(({ name, environments }) => [name, environments.all.map(({ id }) => id)]),
      [
        ['cmk-eu', ['e1', 'e2']],
        ['cmk-two', ['e7']],
      ],
    );
    assert.equal(found.environments, 3);
    const deleted = found.operations.find(({ id }) => id.startsWith('vault-deleted'));
    assert.deepEqual([deleted?.policies, deleted?.environments], [2, 3]);
    assert.deepEqual(found.policies[1]?.environments.all[0], {
      id: 'e7',
      displayName: 'Environment e7',
      sku: 'Sandbox',
      region: 'uk',
      url: 'https://e7.crm11.dynamics.com',
    });
  });

  test('that no watched policy uses takes nothing down that is watched, and says so', () => {
    const found = radius('vault', 'kv-nobody');
    assert.deepEqual([found.outcome, found.policies, found.policiesCompared], ['nothingWatched', [], 1]);
  });

  test('finds it by its id in another case, and in facts in another case', () => {
    const mangled = chainOfReading(caseMangled(guarded(NO_LOCKS)), memoryOf());
    for (const text of [VAULT_ID.toUpperCase(), 'KV-EU'])
      for (const one of [chain(), mangled]) {
        const found = radius('vault', text, [one]);
        assert.deepEqual([found.outcome, triggersOf(found).length], ['goesDown', 9], text);
      }
  });
});

describe('what protects is said, and what does not', () => {
  test('a lock on the vault refuses its deletion, is named, and does not keep the key', () => {
    const found = radius('vault', 'kv-eu', [chain({ protection: protection({ policyLocks: known([]) }) })]);
    const all = outcomes(found);
    assert.equal(all['vault-deleted'], 'refused');
    assert.equal(all['group-deleted'], 'refused');
    assert.equal(all['key-disabled'], 'goesDown');
    const deleted = found.operations.find(({ id }) => id.startsWith('vault-deleted'));
    assert.match(deleted?.refused.join() ?? '', /The lock keep \(CanNotDelete\).*ScopeLocked/);
    const { protections = [] } = found.policies[0] ?? {};
    assert.match(
      protections.find(({ kind }) => kind === 'vaultLock')?.text ?? '',
      /does not protect against anything else/,
    );
    assert.equal(protections.find(({ kind }) => kind === 'policyLock')?.is, 'missing');
  });

  test('a policy with environments can not be deleted, by a rule of Azure', () => {
    const found = radius('policy', POLICY_ID);
    const deleted = found.operations.find(({ id }) => id.startsWith('policy-deleted'));
    assert.equal(deleted?.outcome, 'refused');
    assert.equal(deleted.trigger, 'policy-deleted');
    assert.match(deleted.refused.join(), /EnterprisePolicyDeleteNotAllowed/);
  });

  test('locks that could not be read protect nothing, and are not missing either', () => {
    const found = radius('vault', 'kv-eu', [
      chain({ protection: protection({ policyLocks: known([]), vaultLocks: unread('forbidden') }) }),
    ]);
    assert.equal(outcomes(found)['vault-deleted'], 'goesDown');
    assert.equal(found.policies[0]?.protections.find(({ kind }) => kind === 'vaultLock')?.is, 'unknown');
  });

  test('without purge protection, a deletion can be made final', () => {
    const [found] = radius('vault', 'kv-eu', [
      chain({ vault: known(vault({ purgeProtection: false })) }),
    ]).policies;
    const purge = found?.protections.find(({ kind }) => kind === 'purgeProtection');
    assert.equal(purge?.is, 'missing');
    assert.match(purge.text, /can make a deletion final at once/);
  });
});

describe('a narrower scope has its own operations only', () => {
  test('a key is deleted, disabled, expires or becomes unusable', () => {
    for (const text of [
      KEY_ID,
      'kv-eu/keys/CMK',
      'https://kv-eu.vault.azure.net/keys/cmk',
      'https://KV-EU.vault.azure.net:443/keys/cmk',
    ]) {
      assert.deepEqual(outcomes(radius('key', text)), {
        'key-deleted': 'goesDown',
        'key-disabled': 'goesDown',
        'version-disabled': 'goesDown',
        'version-expired': 'goesDown',
        'version-not-yet-active': 'goesDown',
        'version-unusable': 'goesDown',
      });
    }
    assert.equal(radius('key', 'kv-eu/keys/another').outcome, 'nothingWatched');
  });

  test('a version that is in use takes the policy down, and one that is long replaced does not', () => {
    const two = chain({
      key: known(key(version('v2', { created: daysAgo(100) }), version('v1', { created: daysAgo(400) }))),
    });
    const inUse = radius('version', 'https://kv-eu.vault.azure.net/keys/cmk/V2', [two]);
    assert.equal(outcomes(inUse)['version-disabled'], 'goesDown');
    assert.deepEqual(
      inUse.operations.filter(({ on }) => !on.endsWith('/versions/v2')),
      [],
    );
    const old = radius('version', `${KEY_ID}/versions/v1`, [two]);
    assert.deepEqual([old.outcome, outcomes(old)['version-disabled']], ['fine', 'fine']);
    assert.equal(radius('version', `${KEY_ID}/versions/v9`, [two]).outcome, 'nothingWatched');
  });

  test('a pinned version alone counts', () => {
    const pinned = chain({
      policy: known(policy({ keyVersion: 'v1' })),
      key: known(key(version('v2', { created: daysAgo(3) }), version('v1'))),
    });
    assert.equal(radius('version', `${KEY_ID}/versions/v1`, [pinned]).outcome, 'goesDown');
    assert.equal(radius('version', `${KEY_ID}/versions/v2`, [pinned]).outcome, 'fine');
  });

  test('a group or a subscription has what is done in it, and its own deletion', () => {
    const group = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-keys`;
    const found = outcomes(radius('resourceGroup', group.toUpperCase()));
    assert.equal(found['group-deleted'], 'goesDown');
    assert.equal(found['vault-deleted'], 'goesDown');
    assert.equal(found['policy-deleted'], undefined);
    assert.equal(radius('subscription', SUBSCRIPTION).environments, 2);
    assert.equal(radius('subscription', '99999999-0000-4000-8000-000000000000').outcome, 'nothingWatched');
    assert.equal(radius('resourceGroup', `${group}-2`).outcome, 'nothingWatched');
  });
});

describe('the blast radius of a principal', () => {
  const BY_GROUP = grant({
    id: grant().id.replace('a1', 'a2'),
    principalId: '33333333-0000-4000-8000-000000000000',
    viaGroup: true,
  });

  test('the identity of a policy goes down with its grant', () => {
    const found = radius('principal', PRINCIPAL.toUpperCase());
    assert.deepEqual([found.outcome, triggersOf(found)], ['goesDown', ['permissions-revoked']]);
  });

  test('a group takes down what has its permission through it alone, and nothing with a second grant', () => {
    const only = chain({ permission: known(permission({ grants: [BY_GROUP] })) });
    const both = chain({ permission: known(permission({ grants: [grant(), BY_GROUP] })) });
    assert.equal(radius('principal', BY_GROUP.principalId, [only]).outcome, 'goesDown');
    assert.equal(radius('principal', BY_GROUP.principalId, [both]).outcome, 'fine');
    assert.equal(
      radius('policy', POLICY_ID, [both]).operations.find(({ id }) => id.startsWith('every-grant'))?.outcome,
      'goesDown',
    );
  });

  test('a principal that no identity depends on takes nothing down', () => {
    assert.equal(radius('principal', '99999999-0000-4000-8000-000000000000').outcome, 'nothingWatched');
  });

  test('permissions that could not be read are not fine', () => {
    const dark = chain({ permission: unread('forbidden') });
    assert.equal(radius('principal', PRINCIPAL, [dark]).outcome, 'unknown');
    const other = radius('principal', '99999999-0000-4000-8000-000000000000', [dark]);
    assert.equal(other.outcome, 'unknown');
    assert.match(other.cannotJudge.join(), /permissions of the identity .* could not be read/);
  });

  test('no answer names a principal that the reader did not name', () => {
    const access = chain({
      vault: known(vault({ rbac: false })),
      permission: known(
        permission({ model: 'accessPolicies', grants: [grant({ by: 'accessPolicy', id: PRINCIPAL })] }),
      ),
    });
    for (const one of [chain(), access]) {
      const answer = JSON.stringify(radius('vault', 'kv-eu', [one]));
      assert.ok(!answer.includes(PRINCIPAL), answer.match(new RegExp(`.{80}${PRINCIPAL}.{80}`))?.[0]);
    }
  });
});

describe('unknown is never fine', () => {
  test('a key that could not be read leaves its operations unknown', () => {
    const found = radius('key', KEY_ID, [chain({ key: unread('timeout') })]);
    const all = outcomes(found);
    assert.equal(all['key-disabled'], 'unknown');
    assert.equal(all['version-disabled'], 'unknown');
    assert.equal(all['key-deleted'], 'goesDown');
    assert.equal(
      radius('version', `${KEY_ID}/versions/v1`, [chain({ key: unread('timeout') })]).outcome,
      'unknown',
    );
  });

  test('an operation that takes nothing down is not fine where a part could not be read', () => {
    const group = grant({ id: grant().id.replace('a1', 'a2'), principalId: OTHER_GROUP, viaGroup: true });
    const both = { permission: known(permission({ grants: [grant(), group] })) };
    assert.equal(radius('principal', OTHER_GROUP, [chain(both)]).outcome, 'fine');
    const dark = radius('principal', OTHER_GROUP, [chain({ ...both, key: unread('timeout') })]);
    assert.deepEqual(outcomes(dark), { 'role-assignment-removed': 'unknown' });
    assert.equal(dark.outcome, 'unknown');
    assert.match(dark.operations[0]?.cannotJudge.join() ?? '', /could not be read/);
  });

  test('a policy that could never be read is unknown for every vault', () => {
    const dark = chainOfReading(
      guarded({
        policy: unread('forbidden'),
        vault: unread('follows'),
        key: unread('follows'),
        permission: unread('follows'),
      }),
      undefined,
    );
    const found = radius('vault', 'kv-eu', [dark]);
    assert.equal(found.outcome, 'unknown');
    assert.match(found.cannotJudge.join(), /could never be read, so which key vault it depends on/);
  });

  test('a list of environments that could not be read shows those of before, and says so', () => {
    const [found] = radius('vault', 'kv-eu', [chain({ environments: unread('timeout') })]).policies;
    assert.deepEqual(
      [found?.environments.isKnown, found?.environments.all.map(({ id }) => id)],
      [false, ['e1', 'e2']],
    );
  });

  test('a key in a Managed HSM is not judged', () => {
    const found = radius('policy', POLICY_ID, [
      chain({ policy: known(policy({ managedHsm: true })), vault: unread('notSupported') }),
    ]);
    assert.equal(found.outcome, 'unknown');
    assert.match(found.cannotJudge.join(), /Managed HSM/);
  });
});

test('another tenant is not judged where that of the identity is not known', () => {
  const all = outcomes(radius('vault', 'kv-eu', [chain({ policy: known(policy()) })]));
  assert.equal(all['tenant-changed'], 'unknown');
  assert.equal(outcomes(radius('vault', 'kv-eu'))['tenant-changed'], 'goesDown');
});

describe('a policy that is down', () => {
  test('does not count among those that an operation takes down, and another of the vault does', () => {
    const down = chain({
      policy: known(policy({ keyName: 'old' })),
      key: known({ ...key(version('v1', { enabled: false })), name: 'old' }),
    });
    const found = radius('vault', 'kv-eu', [down, another()]);
    const deleted = found.operations.find(({ id }) => id.startsWith('vault-deleted'));
    assert.deepEqual([deleted?.outcome, deleted?.policies, deleted?.environments], ['goesDown', 1, 1]);
    assert.equal(found.environments, 1);
  });

  test('already is said to be, with its cause', () => {
    const found = radius('key', KEY_ID, [chain({ key: known(key(version('v1', { enabled: false }))) })]);
    const [one] = found.policies;
    assert.deepEqual([one?.verdict, one?.downBy], ['revoked', ['key-disabled']]);
    assert.equal(outcomes(found)['key-disabled'], undefined);
  });

  test('by another cause stays down where an operation adds none', () => {
    const closed = chain({ vault: known(vault({ network: network('Disabled', 'Deny', 'None') })) });
    const found = radius('vault', 'kv-eu', [closed]);
    assert.equal(found.policies[0]?.verdict, 'revoked');
    assert.ok(found.operations.every(({ outcome }) => ['alreadyDown', 'unknown'].includes(outcome)));
    assert.deepEqual([found.outcome, found.environments], ['alreadyDown', 0]);
    const added = found.operations.find(({ id }) => id.startsWith('key-disabled'));
    assert.deepEqual(added?.triggers, ['key-disabled']);
    const deleted = radius('vault', 'kv-eu', [
      chain({ vault: gone(), key: unread('follows'), permission: unread('follows') }),
    ]);
    assert.equal(deleted.policies[0]?.outcome, 'alreadyDown');
  });
});

describe('environments that were taken out of the policy within 30 days', () => {
  const after = (days: number, change: Partial<Facts> = {}) => {
    const before = updateHistory(undefined, aged(guarded(NO_LOCKS), days + 1));
    const left = aged(guarded({ ...NO_LOCKS, environments: listed([environment('e1')]) }), days);
    return chainOfReading(
      guarded({ ...NO_LOCKS, environments: listed([environment('e1')]), ...change }),
      updateHistory(before, left),
    );
  };

  test('count as restores lost, each with the day it left', () => {
    const found = radius('vault', 'kv-eu', [after(5)]);
    assert.equal(found.restoresLost, 1);
    assert.deepEqual(
      found.policies[0]?.restoresLost.environments.map(({ id, leftAt }) => [id, leftAt]),
      [['e2', daysAgo(5)]],
    );
    assert.deepEqual(
      found.policies[0]?.environments.all.map(({ id }) => id),
      ['e1'],
    );
  });

  test('no longer count after 30 days', () => {
    assert.equal(radius('vault', 'kv-eu', [after(31)]).restoresLost, 0);
  });

  test('count for the vault that the policy has left since', () => {
    const moved = VAULT_ID.replace('kv-eu', 'kv-new');
    const found = radius('vault', 'kv-eu', [
      after(5, {
        policy: known(policy({ vaultId: moved })),
        vault: known(vault({ id: moved, name: 'kv-new' })),
      }),
    ]);
    assert.deepEqual([found.restoresLost, found.operations], [1, []]);
  });

  test('are not known where the list does not show who left', () => {
    const [found] = radius('vault', 'kv-eu', [
      chain({ environments: listed([environment('e1')], { listed: undefined }) }),
    ]).policies;
    assert.equal(found?.restoresLost.isKnown, false);
  });
});

describe('a scope that is none', () => {
  for (const [kind, text] of [
    ['vault', '/subscriptions/x/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a'],
    ['vault', 'a vault'],
    ['key', VAULT_ID],
    ['key', 'https://kv-eu.vault.azure.net/keys/cmk/v1'],
    ['version', KEY_ID],
    ['principal', 'eve@contoso.com'],
    ['resourceGroup', 'rg-keys'],
    ['subscription', 'my subscription'],
    ['policy', VAULT_ID],
  ] as const)
    test(`${kind}: ${text}`, () => assert.equal(parseBlastScope(kind, text), undefined));
});
