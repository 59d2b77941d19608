import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Facts } from '../../shared/facts/facts.ts';
import type { TriggerId } from '../../shared/triggers/finding.ts';
import { coversSubject, itemsBeyond, versionItems } from '../../shared/triggers/finding-subject.ts';
import { updateHistory } from '../../shared/triggers/remember.ts';
import {
  aged,
  caseMangled,
  daysAgo,
  finding,
  gone,
  grant,
  key,
  known,
  LITERAL,
  memoryOf,
  NOTHING_HELD,
  network,
  PRINCIPAL,
  permission,
  policy,
  reading,
  vault,
  version,
} from './a-reading.ts';

const withKey = (change: Parameters<typeof version>[1]) => ({ key: known(key(version('v1', change))) });
const withNetwork = (...settings: Parameters<typeof network>) => ({
  vault: known(vault({ network: network(...settings) })),
});

/** For each trigger, what trips it and what it is then about. */
const ABOUT: Record<TriggerId, [change: Partial<Facts>, subject: string[]][]> = {
  'policy-deleted': [
    [{ policy: gone() }, []],
    [{ policy: known(policy({ systemId: 's2', principalId: 'p2' })) }, ['another policy of its name']],
  ],
  'vault-deleted': [
    [{ vault: gone(), deletedVault: known({}) }, []],
    [{ vault: gone(), deletedVault: gone() }, ['no deleted vault is left to recover']],
  ],
  'key-deleted': [
    [{ key: gone() }, []],
    [{ key: known(key(version('w1'))) }, ['another key of its name']],
  ],
  'permissions-revoked': [
    [
      { permission: known(permission(NOTHING_HELD)) },
      [`identity ${PRINCIPAL}`, 'read is missing', 'wrap is missing', 'unwrap is missing'],
    ],
    [
      {
        permission: known(
          permission({
            missing: ['wrap'],
            allowed: ['read', 'unwrap'],
            denials: [{ id: 'd', name: 'd', scope: '/', actions: ['wrap'] }],
          }),
        ),
      },
      [`identity ${PRINCIPAL}`, 'wrap is missing', 'denied by a deny assignment'],
    ],
    [
      { permission: known(permission({ ...NOTHING_HELD, missing: ['read'], model: 'accessPolicies' })) },
      [`identity ${PRINCIPAL}`, 'read is missing', 'the vault was switched to access policies'],
    ],
    [
      { permission: known(permission({ grants: [grant({ condition: 'c' })] })) },
      [`identity ${PRINCIPAL}`, 'only under a condition'],
    ],
  ],
  'key-disabled': [[withKey({ enabled: false }), []]],
  'key-version-disabled': [
    [
      { key: known(key(version('v2', { created: daysAgo(3) }), version('v1', { enabled: false }))) },
      ['version v1'],
    ],
    [
      { key: known(key(version('v2', { created: daysAgo(3), enabled: false }), version('v1'))) },
      ['version v2 (in use)'],
    ],
  ],
  'public-access-disabled': [
    [withNetwork('Disabled', 'Deny', 'AzureServices'), ['publicNetworkAccess = Disabled']],
    [withNetwork('Disabled', 'Deny', 'None'), ['publicNetworkAccess = Disabled', 'bypass = None']],
    [withNetwork('SecuredByPerimeter', undefined, undefined), ['publicNetworkAccess = SecuredByPerimeter']],
  ],
  'network-restricted': [
    [withNetwork('Enabled', 'Deny', 'AzureServices'), ['defaultAction = Deny']],
    [withNetwork('Enabled', 'Deny', 'None'), ['defaultAction = Deny', 'bypass = None']],
  ],
  'key-expired': [[withKey({ expires: daysAgo(1) }), [`version v1, expired on ${daysAgo(1)} (in use)`]]],
  'key-not-yet-active': [
    [withKey({ notBefore: daysAgo(-1) }), [`version v1, not before ${daysAgo(-1)} (in use)`]],
  ],
  'key-unusable': [
    [
      withKey({ keyOps: ['sign'] }),
      ['version v1: it does not allow wrapKey', 'version v1: it does not allow unwrapKey'],
    ],
    [withKey({ keySize: 4096 }), ['version v1: its size is 4096, not 2048 or 3072']],
  ],
  locked: [[{ policy: known(policy({ healthStatus: 'Unhealthy' })) }, ['policy Unhealthy']]],
};

for (const [trigger, cases] of Object.entries(ABOUT) as [TriggerId, (typeof ABOUT)[TriggerId]][])
  for (const [change, subject] of cases)
    test(`${trigger} is about ${subject.join(', ') || 'the whole'}, in any spelling`, () => {
      const healthy = memoryOf({}, 0.5);
      // A witness needs two readings in a row.
      const memory = trigger === 'locked' ? updateHistory(healthy, aged(reading(change), 0.01)) : healthy;
      const told = finding(trigger, reading(change), memory, LITERAL);
      assert.ok(told.verdict === 'revoked' || told.verdict === 'suspected', told.verdict);
      assert.deepEqual(told.subject, subject.length > 0 || trigger !== 'key-disabled' ? subject : undefined);
      const mangled = finding(trigger, caseMangled(reading(change)), memory, LITERAL);
      if (trigger === 'key-version-disabled') assert.deepEqual(mangled.subject, subject);
    });

test('who knows of some items knows of these, and of no other', () => {
  assert.deepEqual(itemsBeyond(['a', 'b'], ['b', 'c']), ['c']);
  assert.equal(coversSubject(['a', 'b'], ['b']), true);
  assert.equal(coversSubject(['a'], []), true);
  assert.equal(coversSubject(undefined, ['a']), false);
});

test('a version that was in use is known when it is replaced; one that comes into use is news', () => {
  const item = (isInUse: boolean) => versionItems([{ version: 'V1', isInUse }]);
  assert.equal(coversSubject(item(true), item(false)), true);
  assert.equal(coversSubject(item(false), item(true)), false);
});

test('of very many versions those in use are told apart, and the others count as one', () => {
  const many = (n: number, inUse: number) =>
    versionItems(
      Array.from({ length: n }, (_, index) => ({ version: `v${index}`, isInUse: index === inUse })),
    );
  assert.equal(many(20, 0).length, 20);
  assert.deepEqual(many(4000, 0), ['version v0 (in use)', 'more than 20 versions']);
  assert.equal(coversSubject(many(20, 0), many(21, 0)), false);
  assert.equal(coversSubject(many(4000, 0), many(3000, 0)), true);
  assert.equal(coversSubject(many(4000, 0), many(15, 0)), true, 'fewer of them are no news');
  assert.equal(coversSubject(many(4000, 0), many(4000, 1)), false, 'another in use is');
});
