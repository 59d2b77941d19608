import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Facts } from '../../shared/facts/facts.ts';
import {
  caseMangled,
  commands,
  daysAgo,
  finding,
  KEY_ID,
  key,
  known,
  memoryOf,
  policy,
  reading,
  SUBSCRIPTION,
  unread,
  version,
} from './a-reading.ts';

const off = { enabled: false };
const pinned = (keyVersion: string) => ({ policy: known(policy({ keyVersion })) });
const judged = (change: Partial<Facts>) =>
  finding('key-disabled', reading(change), memoryOf(change.key ? { key: allEnabled(change.key) } : {}));
function allEnabled(part: Facts['key']) {
  if (part.state !== 'known') return part;
  return known(key(...part.value.versions.map((one) => ({ ...one, enabled: true }))));
}

for (const [title, change, verdict] of [
  ['an enabled key', {}, 'clear'],
  ['its only version disabled', { key: known(key(version('v1', off))) }, 'revoked'],
  ['every version disabled', { key: known(key(version('v2', off), version('v1', off))) }, 'revoked'],
  [
    'the current one disabled and an older one enabled',
    { key: known(key(version('v2', off), version('v1'))) },
    'clear',
  ],
  [
    'the pinned one disabled, another enabled',
    { ...pinned('v1'), key: known(key(version('v2'), version('v1', off))) },
    'clear',
  ],
  [
    'the pinned one disabled, no other enabled',
    { ...pinned('v1'), key: known(key(version('v1', off))) },
    'revoked',
  ],
  ['a key that could not be read', { key: unread('forbidden') }, 'unknown'],
] as const) {
  test(`${title} is ${verdict}`, () => {
    assert.equal(judged(change).verdict, verdict);
    assert.equal(finding('key-disabled', caseMangled(reading(change))).verdict, verdict, 'case-mangled');
  });
}

test('a key whose only version was disabled at once is revoked all the same: there was never another', () => {
  assert.equal(
    judged({ key: known(key(version('v1', { ...off, created: daysAgo(0.1) }))) }).verdict,
    'revoked',
  );
});

test('the finding names the key, and each version that it saw disabled', () => {
  const found = judged({ key: known(key(version('v1', off))) });
  assert.equal(found.scope, KEY_ID);
  assert.deepEqual(found.evidence, [
    {
      text: 'Key version v1: enabled = false',
      source: `${KEY_ID}/versions/v1`,
      readAt: '2026-11-20T10:00:00.000Z',
    },
  ]);
});

test('the way back enables the version in use, and every older one that environments may still use', () => {
  const enable = (name: string) =>
    `az keyvault key set-attributes --vault-name kv-eu --name cmk --version ${name} --enabled true --subscription ${SUBSCRIPTION}`;
  const versions = [
    version('v3', { ...off, created: daysAgo(10) }),
    version('v2', { ...off, created: daysAgo(50) }),
    version('v1', off),
  ];
  assert.deepEqual(commands(judged({ key: known(key(...versions)) })), [enable('v3'), enable('v2')]);
  assert.deepEqual(commands(judged({ ...pinned('v1'), key: known(key(...versions)) })), [enable('v1')]);
});
