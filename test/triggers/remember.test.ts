import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Facts } from '../../shared/facts/facts.ts';
import type { History } from '../../shared/triggers/history.ts';
import { updateHistory } from '../../shared/triggers/remember.ts';
import {
  aged,
  DISABLED,
  daysAgo,
  environment,
  environments,
  gone,
  grant,
  key,
  known,
  memoryOf,
  NOTHING_HELD,
  NOW,
  network,
  permission,
  policy,
  reading,
  unread,
  VAULT_ID,
  vault,
  version,
} from './a-reading.ts';

const locked = environments([environment('e1', DISABLED)]);
const otherKey: Partial<Facts> = {
  policy: known(policy({ keyName: 'other' })),
  key: known({ name: 'other', versions: [version('o1')] }),
};
const anewPolicy = { policy: known(policy({ systemId: 's2', principalId: 'p2' })) };
/** Several readings, oldest first, each so many days ago. */
function story(...readings: [days: number, change: Partial<Facts>][]): History {
  let memory: History | undefined;
  for (const [days, change] of readings) memory = updateHistory(memory, aged(reading(change), days));
  assert.ok(memory);
  return memory;
}

test('the first known reading is remembered as a whole', () => {
  const memory = updateHistory(undefined, reading());
  assert.equal(memory.policy?.seenAt, NOW);
  assert.equal(memory.vault?.location, 'westeurope');
  assert.deepEqual(memory.key?.versions[0]?.lastEnabledAt, NOW);
  assert.equal(memory.permission?.directGrantAt, NOW);
  assert.equal(memory.network?.workedAt, NOW);
  assert.equal(memory.environments?.members.length, 2);
});

test('what could not be read changes nothing', () => {
  const before = memoryOf();
  const nothing = reading({
    policy: unread(),
    vault: unread(),
    key: unread(),
    permission: unread(),
    environments: unread(),
  });
  assert.deepEqual(updateHistory(before, nothing), before);
});

test('what is gone stays as it last was, with the time at which it was first missed', () => {
  const memory = story(
    [3, {}],
    [2, { policy: gone(), vault: gone(), key: gone() }],
    [1, { policy: gone(), vault: gone(), key: gone() }],
  );
  for (const part of [memory.policy, memory.vault, memory.key]) {
    assert.equal(part?.seenAt, daysAgo(3));
    assert.equal(part?.goneAt, daysAgo(2));
  }
  const back = updateHistory(memory, reading());
  assert.equal(back.policy?.goneAt ?? back.vault?.goneAt ?? back.key?.goneAt, undefined);
});

test('versions keep their first sight, last sight, last enabled sight, and when a newer one was made', () => {
  const v2 = version('v2', { created: daysAgo(2) });
  const memory = story([3, {}], [1, { key: known(key(v2, version('v1', { enabled: false }))) }]);
  const v1 = memory.key?.versions[1];
  assert.equal(v1?.firstSeenAt, daysAgo(3));
  assert.equal(v1?.lastSeenAt, daysAgo(1));
  assert.equal(v1?.lastEnabledAt, daysAgo(3));
  assert.equal(v1?.supersededAt, daysAgo(2));
  assert.equal(memory.key?.versions[0]?.supersededAt, undefined);
});

test('a key made anew adds nothing while something may be locked with the original', () => {
  const anew = { key: known(key(version('w1'))), environments: locked };
  const memory = story([9, {}], [8, { key: gone(), environments: locked }], [2, anew], [1, anew]);
  assert.deepEqual(
    memory.key?.versions.map(({ version: name }) => name),
    ['v1'],
  );
  assert.equal(memory.key?.goneAt, daysAgo(8));
});

for (const [title, change, name] of [
  ['no environment is linked', { environments: environments([]) }, 'w1'],
  ['all environments run a day later', {}, 'w1'],
  [
    'one environment does not run',
    { environments: environments([environment('e1'), environment('e2', DISABLED)]) },
    'v1',
  ],
  ['the policy calls itself unhealthy', { policy: known(policy({ healthStatus: 'Unhealthy' })) }, 'v1'],
  ['only an inventory tells of environments', { environments: environments(undefined, 'inventory') }, 'v1'],
  ['the environments are not known', { environments: unread() }, 'v1'],
] as const) {
  test(`a day after the original was last seen, where ${title}, the key in memory is ${name}`, () => {
    const memory = story([3, {}], [1, { key: known(key(version('w1'))), ...change }]);
    assert.equal(memory.key?.versions[0]?.version, name);
  });
}

for (const [title, listed, name] of [
  ['vanished from the list', ['x'], 'v1'],
  ['are in the list without the link', ['e1', 'e2', 'x'], 'w1'],
] as const) {
  test(`where the environments ${title}, the key in memory is ${name}`, () => {
    const none = environments([]);
    assert.ok(none.state === 'known');
    const list = { ...none, value: { ...none.value, listed } };
    const memory = story([3, {}], [1, { key: known(key(version('w1'))), environments: list }]);
    assert.equal(memory.key?.versions[0]?.version, name);
  });
}

for (const [title, state, name] of [
  ['enabled, its instance not told', { instanceState: undefined }, 'w1'],
  ['enabled, its instance failed', { instanceState: 'Failed' }, 'v1'],
  ['of unknown state', { runtimeState: undefined }, 'v1'],
  ['disabled, its instance ready', { runtimeState: 'Disabled' }, 'v1'],
] as const) {
  test(`an environment that is ${title} leaves the key in memory at ${name}`, () => {
    const list = environments([environment('e1', state)]);
    assert.equal(
      story([3, {}], [1, { key: known(key(version('w1'))), environments: list }]).key?.versions[0]?.version,
      name,
    );
  });
}

test('a new key within a day of the original is never taken for it, though environments still seem to run', () => {
  const memory = story([1.5, {}], [1, { key: known(key(version('w1'))) }]);
  assert.equal(memory.key?.versions[0]?.version, 'v1');
});

test('a policy that names another key on purpose starts the memory of key and network anew', () => {
  const memory = updateHistory(memoryOf(), reading(otherKey));
  assert.deepEqual([memory.policy?.keyName, memory.key?.name], ['other', 'other']);
  assert.equal(memory.network?.previous, undefined);
  const otherVault = `${VAULT_ID}-2`;
  const moved = updateHistory(
    memoryOf(),
    reading({
      policy: known(policy({ vaultId: otherVault })),
      vault: known(vault({ id: otherVault, network: network('Enabled', 'Deny', 'AzureServices') })),
    }),
  );
  assert.equal(moved.vault?.id, otherVault);
  assert.equal(moved.network?.changedAt, undefined);
});

test('a policy that names another key because the original is lost does not make us forget the original', () => {
  for (const lost of [
    { key: gone() },
    { vault: gone(), key: unread('follows') },
    { key: known(key(version('v1', { enabled: false }))) },
    { key: known(key(version('v2', { created: daysAgo(9) }), version('v1', { enabled: false }))) },
    { key: known(key(version('v1', { expires: daysAgo(2.95) }))) },
    { key: known(key(version('v1', { notBefore: daysAgo(-1) }))) },
    { key: known(key(version('v1', { keyOps: ['sign'] }))) },
    { permission: known(permission(NOTHING_HELD)) },
    { vault: known(vault({ network: network('Enabled', 'Deny', 'None') })) },
    { vault: known(vault({ network: network('Disabled', 'Deny', 'None') })) },
    { vault: known(vault({ network: network('SecuredByPerimeter', 'Allow', 'AzureServices') })) },
    // Nothing that we can read is wrong, but the environments are locked.
    {},
  ]) {
    const memory = story(
      [3, {}],
      [2.9, { ...lost, environments: locked }],
      [0, { ...otherKey, environments: locked }],
    );
    assert.deepEqual([memory.policy?.keyName, memory.key?.name, memory.vault?.id], ['cmk', 'cmk', VAULT_ID]);
  }
});

test('a policy made anew is not taken for the original while environments may be locked', () => {
  const memory = story(
    [3, {}],
    [2, { policy: gone(), environments: locked }],
    [1, { ...anewPolicy, environments: locked }],
  );
  assert.equal(memory.policy?.principalId, reading().policy.state === 'known' ? policy().principalId : '');
  assert.equal(memory.policy?.goneAt, daysAgo(2));
});

test('a policy made anew after the old one lost its environments is remembered as itself', () => {
  const memory = story([3, {}], [2, { policy: gone(), environments: environments([]) }], [1, anewPolicy]);
  assert.equal(memory.policy?.principalId, 'p2');
  assert.equal(memory.policy?.goneAt, undefined);
});

test('the permission model in memory is the one under which the identity was last granted', () => {
  const flipped = known(permission({ model: 'accessPolicies', ...NOTHING_HELD }));
  const memory = story([3, {}], [2, { permission: flipped }]);
  assert.deepEqual([memory.permission?.model, memory.permission?.grantedAt], ['rbac', daysAgo(3)]);
});

test('a grant through a group is a grant, but no direct one; another identity starts anew', () => {
  const byGroup = known(permission({ grants: [grant({ viaGroup: true })] }));
  assert.equal(story([1, { permission: byGroup }]).permission?.directGrantAt, undefined);
  assert.equal(story([2, {}], [1, { permission: byGroup }]).permission?.directGrantAt, daysAgo(2));
  const renewed = known(permission({ principalId: 'p2', ...NOTHING_HELD }));
  assert.deepEqual(story([2, {}], [1, { permission: renewed }]).permission, {
    model: 'rbac',
    principalId: 'p2',
    revokedSince: daysAgo(1),
  });
});

test('a network change keeps what was before it, and when it was first read', () => {
  const closed = { vault: known(vault({ network: network('Enabled', 'Deny', 'None') })) };
  const memory = story([3, {}], [2, closed], [1, closed]);
  assert.equal(memory.network?.changedAt, daysAgo(2));
  assert.equal(memory.network?.previous?.defaultAction, 'Allow');
  assert.equal(memory.network?.current.defaultAction, 'Deny');
});

test('environments leave only when a known list no longer names them', () => {
  assert.equal(story([2, {}], [1, { environments: unread() }]).environments?.members.length, 2);
  const memory = story([2, {}], [1, { environments: environments([environment('e2')]) }]);
  assert.deepEqual(
    memory.environments?.members.map(({ id }) => id),
    ['e2'],
  );
  assert.equal(memory.environments?.asOf, daysAgo(1));
});

test('a use of the key that was revoked is remembered until it is granted again; a doubt is not', () => {
  const lost = { permission: known(permission(NOTHING_HELD)) };
  assert.equal(story([3, {}], [2, lost], [1, lost]).permission?.revokedSince, daysAgo(2));
  assert.equal(story([3, {}], [2, lost], [1, {}]).permission?.revokedSince, undefined);
  const group = permission({ model: 'accessPolicies', ...NOTHING_HELD, perhapsGroups: [grant()] });
  assert.equal(story([1, { permission: known(group) }]).permission?.revokedSince, undefined);
});

test('what a version may do is reported while it is in use, and remembered when it no longer is', () => {
  const untold = version('v1', { keyOps: undefined, kty: undefined, keySize: undefined });
  const memory = story([3, {}], [1, { key: known(key(version('v2', { created: daysAgo(2) }), untold)) }]);
  assert.deepEqual(memory.key?.versions[1]?.keyOps, version('v1').keyOps);
  assert.deepEqual([memory.key?.versions[1]?.kty, memory.key?.versions[1]?.keySize], ['RSA', 3072]);
});

const INVENTORY = environments(undefined, 'inventory');
const health = (healthStatus: 'Healthy' | 'Warning' | 'Unhealthy' | undefined) => ({
  policy: known(policy({ healthStatus })),
});
for (const [title, change, works] of [
  ['a healthy policy, its environments not known', { environments: unread() }, true],
  ['no health told, every environment running', health(undefined), true],
  ['an unhealthy policy, every environment running', health('Unhealthy'), false],
  [
    'no health told, one of two environments running',
    { ...health(undefined), environments: environments([environment('e1'), environment('e2', DISABLED)]) },
    false,
  ],
  ['no health told, no environment', { ...health(undefined), environments: environments([]) }, false],
  ['no health told, the environments not known', { ...health(undefined), environments: unread() }, false],
  [
    'no health told, an inventory that calls all running',
    { ...health(undefined), environments: INVENTORY },
    false,
  ],
] as const) {
  test(`network settings are remembered ${works ? 'as working' : 'without a word'} where a reading shows ${title}`, () => {
    assert.equal(updateHistory(undefined, reading(change)).network?.workedAt, works ? NOW : undefined);
  });
}

test('network settings that were changed count as working only more than a day later', () => {
  const closed = { vault: known(vault({ network: network('Enabled', 'Deny', 'AzureServices') })) };
  assert.equal(story([3, {}], [2, closed], [1, closed]).network?.workedAt, undefined);
  assert.equal(story([3, {}], [2, closed], [0.9, closed]).network?.workedAt, daysAgo(0.9));
});

test('a key spelled in another case is the same key', () => {
  const upper = {
    policy: known(policy({ keyName: 'CMK' })),
    key: known({ name: 'CMK', versions: [version('V1')] }),
  };
  for (const memory of [story([2, {}], [1, upper]), story([2, {}], [1, { key: upper.key }])]) {
    assert.equal(memory.key?.versions[0]?.firstSeenAt, daysAgo(2));
  }
});

test('a policy that names another key before its first one was ever seen is simply taken as it is now', () => {
  const memory = story([2, { key: unread() }], [1, otherKey]);
  assert.deepEqual([memory.policy?.keyName, memory.key?.name], ['other', 'other']);
});

test('a lost original gives way to another key that the policy names once nothing can be locked with it', () => {
  const lost = { key: gone(), environments: locked };
  const memory = story([3, {}], [2, lost], [1, { ...otherKey, environments: environments([]) }]);
  assert.deepEqual([memory.policy?.keyName, memory.key?.name], ['other', 'other']);
});

test('a policy moved to another version while the key is not readable keeps the first one until it is', () => {
  const both = { key: known(key(version('v2'), version('v1'))) };
  const to = (keyVersion: string) => ({ policy: known(policy({ keyVersion })) });
  const visibilityLost = story([2, { ...to('v1'), ...both }], [1, { ...to('v2'), key: unread() }]);
  assert.equal(visibilityLost.policy?.keyVersion, 'v1');
  assert.equal(updateHistory(visibilityLost, reading({ ...to('v2'), ...both })).policy?.keyVersion, 'v2');
});

test('an identity whose own grants give it two actions, and a group the third, has no direct grant', () => {
  const grants = [grant({ actions: ['read', 'wrap'] }), grant({ viaGroup: true, actions: ['unwrap'] })];
  const memory = story([1, { permission: known(permission({ grants })) }]);
  assert.deepEqual([memory.permission?.grantedAt, memory.permission?.directGrantAt], [daysAgo(1), undefined]);
});

test('what was remembered of a key of another name says nothing of this one', () => {
  const to = (keyVersion: string | undefined) => ({
    policy: known(policy({ keyName: undefined, keyVersion })),
  });
  const useless = { key: known({ name: 'other', versions: [version('v1', { keyOps: [] })] }) };
  const before = story([1, { ...to('v1'), ...useless }]);
  const now = reading({
    ...to(undefined),
    key: known(key(version('v1', { keyOps: undefined }))),
    environments: unread(),
  });
  const once = updateHistory(before, now);
  assert.equal(once.policy?.keyVersion, undefined);
  assert.deepEqual(updateHistory(once, now), once);
});

for (const created of ['', 'soon', daysAgo(300), undefined]) {
  test(`a list that lacks an older version and tells ${created ?? 'no time'} as the creation of the current one is a gap the second time as well`, () => {
    const before = story([2, { key: known(key(version('v2', { created: daysAgo(9) }), version('v1'))) }]);
    const partial = reading({ key: known(key(version('V2', { created }))) });
    const once = updateHistory(before, partial);
    assert.deepEqual(
      once.key?.versions.map((one) => one.version.toLowerCase()),
      ['v2', 'v1'],
    );
    assert.equal(once.key?.goneAt, undefined);
    assert.deepEqual(updateHistory(once, partial), once);
  });
}

test('a version that a list lacks is remembered past its 28 days, because only it shows the gap', () => {
  const three = key(
    version('v3', { created: daysAgo(1) }),
    version('v2', { created: daysAgo(29) }),
    version('v1', { created: daysAgo(90) }),
  );
  const before = story([2, { key: known(three) }]);
  const partial = reading({ key: known(key(version('v2', { created: daysAgo(29) }))) });
  const once = updateHistory(before, partial);
  assert.equal(once.key?.versions.length, 3);
  assert.deepEqual(updateHistory(once, partial), once);
});
