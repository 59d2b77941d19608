import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Facts } from '../../shared/facts/facts.ts';
import type { TriggerId } from '../../shared/triggers/finding.ts';
import { updateHistory } from '../../shared/triggers/remember.ts';
import {
  aged,
  caseMangled,
  commands,
  DISABLED,
  daysAgo,
  environment,
  environments,
  finding,
  KEY_ID,
  key,
  known,
  memoryOf,
  NOW,
  policy,
  reading,
  SUBSCRIPTION,
  unread,
  vault,
  version,
} from './a-reading.ts';

const pinned = (keyVersion: string) => ({ policy: known(policy({ keyVersion })) });
const one = (change: Parameters<typeof version>[1]) => ({ key: known(key(version('v1', change))) });

for (const [trigger, title, change, verdict] of [
  ['key-expired', 'a key that never expires', {}, 'clear'],
  ['key-expired', 'a key that expires tomorrow', one({ expires: daysAgo(-1) }), 'clear'],
  ['key-expired', 'a key that expires this very moment', one({ expires: NOW }), 'revoked'],
  ['key-expired', 'a key that expired', one({ expires: daysAgo(1) }), 'revoked'],
  ['key-expired', 'an expiry that is no time', one({ expires: 'tomorrow' }), 'clear'],
  [
    'key-expired',
    'an expired version that is not in use',
    { key: known(key(version('v2'), version('v1', { expires: daysAgo(1) }))) },
    'clear',
  ],
  [
    'key-expired',
    'an expired version that is pinned',
    { ...pinned('v1'), key: known(key(version('v2'), version('v1', { expires: daysAgo(1) }))) },
    'revoked',
  ],
  ['key-expired', 'a key that could not be read', { key: unread() }, 'unknown'],
  ['key-not-yet-active', 'a key without an activation date', {}, 'clear'],
  ['key-not-yet-active', 'a key that is active from now on', one({ notBefore: NOW }), 'clear'],
  ['key-not-yet-active', 'a key that is active tomorrow', one({ notBefore: daysAgo(-1) }), 'revoked'],
  [
    'key-not-yet-active',
    'a pinned version that is active tomorrow',
    { ...pinned('v1'), key: known(key(version('v2'), version('v1', { notBefore: daysAgo(-1) }))) },
    'revoked',
  ],
  ['key-not-yet-active', 'a key that could not be read', { key: unread() }, 'unknown'],
  ['key-unusable', 'an RSA key that wraps and unwraps', {}, 'clear'],
  ['key-unusable', 'an RSA-HSM key of 2048 bits', one({ kty: 'RSA-HSM', keySize: 2048 }), 'clear'],
  [
    'key-unusable',
    'a key whose type and size are not told',
    one({ kty: undefined, keySize: undefined }),
    'clear',
  ],
  [
    'key-unusable',
    'a key whose operations could not be read',
    one({ kty: undefined, keyOps: undefined, keySize: undefined }),
    'unknown',
  ],
  [
    'key-unusable',
    'an EC key whose operations could not be read',
    one({ kty: 'EC', keyOps: undefined, keySize: undefined }),
    'revoked',
  ],
  ['key-unusable', 'an EC key', one({ kty: 'EC', keySize: undefined }), 'revoked'],
  ['key-unusable', 'an RSA key of 4096 bits', one({ keySize: 4096 }), 'revoked'],
  ['key-unusable', 'a key that does not wrap', one({ keyOps: ['sign', 'unwrapKey'] }), 'revoked'],
  ['key-unusable', 'a key that does not unwrap', one({ keyOps: ['wrapKey'] }), 'revoked'],
  ['key-unusable', 'a key that allows nothing', one({ keyOps: [] }), 'revoked'],
  ['key-unusable', 'a key that could not be read', { key: unread() }, 'unknown'],
] as const) {
  test(`${trigger}: ${title} is ${verdict}`, () => {
    const facts = reading({ ...change });
    const found = finding(trigger, facts, memoryOf({ key: facts.key }));
    assert.equal(found.verdict, verdict);
    assert.equal(found.scope, KEY_ID);
    assert.equal(found.remediation.length > 0, verdict === 'revoked');
    assert.equal(finding(trigger, caseMangled(facts)).verdict, verdict, 'case-mangled');
  });
}

const attributes = (change: string) => [
  `az keyvault key set-attributes --vault-name kv-eu --name cmk --version v1 ${change} --subscription ${SUBSCRIPTION}`,
];

test('an expired key is undone by a later expiry date', () => {
  const found = finding('key-expired', reading(one({ expires: daysAgo(1) })));
  assert.deepEqual(commands(found), attributes('--expires 2027-11-20T00:00:00Z'));
});

test('a key that is not yet active is undone by an activation date that has passed', () => {
  const found = finding('key-not-yet-active', reading(one({ notBefore: daysAgo(-1) })));
  assert.deepEqual(commands(found), attributes('--not-before 2026-11-20T00:00:00Z'));
});

test('missing operations are undone by allowing them beside the others, and nothing that az does not know', () => {
  const found = finding('key-unusable', reading(one({ keyOps: ['Sign', 'evil; rm', 'unwrapkey'] })));
  assert.deepEqual(commands(found), attributes('--ops sign wrapKey unwrapKey'));
});

test("a key of a wrong type can't be fixed: the original is needed", () => {
  const found = finding('key-unusable', reading(one({ kty: 'EC' })));
  assert.deepEqual(commands(found), [undefined]);
  assert.match(found.remediation[0]?.text ?? '', /original key/);
});

for (const [trigger, out] of [
  ['key-expired', { expires: daysAgo(3) }],
  ['key-not-yet-active', { notBefore: daysAgo(-9) }],
] as const) {
  const before = memoryOf({ key: known(key(version('v1', out))) }, 3);
  const locked = environments([environment('e1', DISABLED)]);
  const replaced = (change: Partial<Facts> = {}) =>
    reading({
      key: known(key(version('v2', { created: daysAgo(2) }), version('v1', out))),
      environments: locked,
      ...change,
    });

  test(`${trigger}: a new version in its place does not unlock what the old one locked`, () => {
    const found = finding(trigger, replaced(), before);
    assert.equal(found.verdict, 'revoked');
    assert.match(found.summary, /version v1 /);
    assert.match(commands(found).join(), /--version v1 /);
    assert.equal(
      finding(trigger, replaced(pinned('v2')), before).verdict,
      'revoked',
      'pinned to the new one',
    );
  });

  test(`${trigger}: the version that was replaced counts no more once it is fixed, unused, or everything runs`, () => {
    const fixed = { key: known(key(version('v2', { created: daysAgo(2) }), version('v1'))) };
    assert.equal(finding(trigger, replaced(fixed), before).verdict, 'clear', 'fixed');
    assert.equal(
      finding(trigger, replaced({ environments: environments() }), before).verdict,
      'clear',
      'runs',
    );
    const later = memoryOf(
      { key: known(key(version('v2', { created: daysAgo(2) }), version('v1', out))) },
      1,
    );
    assert.equal(finding(trigger, replaced(), later).verdict, 'clear', 'never seen in use');
    const old = known(key(version('v2', { created: daysAgo(30) }), version('v1', { expires: daysAgo(31) })));
    assert.equal(
      finding('key-expired', replaced({ key: old }), memoryOf({ key: old }, 40)).verdict,
      'clear',
      'old',
    );
  });

  test(`${trigger}: moving the policy to another version does not make us forget the one that is locked`, () => {
    const versions = known(key(version('v2', { created: daysAgo(2) }), version('v1', out)));
    let memory = memoryOf({ ...pinned('v1'), key: known(key(version('v1', out))), environments: locked }, 3);
    const moved = reading({ ...pinned('v2'), key: versions, environments: locked });
    for (const days of [2, 1.5, 0.1]) {
      assert.equal(finding(trigger, aged(moved, days), memory).verdict, 'revoked');
      memory = updateHistory(memory, aged(moved, days));
    }
    const runs = { ...moved, environments: environments() };
    assert.equal(finding(trigger, runs, memory).verdict, 'clear', 'everything runs a day after the move');
  });
}

test('key-unusable: a policy moved off a version that can no longer wrap stays in doubt, not clear', () => {
  const broken = version('v1', { keyOps: ['sign'] });
  let memory = memoryOf({ ...pinned('v1'), key: known(key(broken)) }, 0.9);
  const untold = version('v1', { keyOps: undefined });
  const moved = reading({ ...pinned('v2'), key: known(key(version('v2'), untold)) });
  for (const days of [0.8, 0.5, 0]) {
    assert.equal(finding('key-unusable', aged(moved, days), memory).verdict, 'unknown');
    memory = updateHistory(memory, aged(moved, days));
  }
});

for (const [title, rbac, right] of [
  ['role assignments', true, /role Key Vault Crypto Officer on the vault\.$/],
  ['access policies', false, /key permission Update in the vault's access policies\.$/],
] as const) {
  test(`every step on the key says what right it needs, under ${title}`, () => {
    const under = (change: Parameters<typeof version>[1]) =>
      reading({ ...one(change), vault: known(vault({ rbac })) });
    for (const [trigger, change] of [
      ['key-disabled', { enabled: false }],
      ['key-expired', { expires: daysAgo(1) }],
      ['key-not-yet-active', { notBefore: daysAgo(-1) }],
      ['key-unusable', { keyOps: [] }],
    ] as [TriggerId, Parameters<typeof version>[1]][])
      assert.match(finding(trigger, under(change)).remediation[0]?.text ?? '', right, trigger);
  });
}

test('an expired key only says that environments go down, until health or environments show that they are', () => {
  const expired = one({ expires: daysAgo(1) });
  const told = (change: Partial<Facts>) => finding('key-expired', reading({ ...expired, ...change })).summary;
  assert.match(told({}), /: environments that use it go down\.$/);
  assert.match(told({ environments: unread() }), /: environments that use it go down\.$/);
  const down = environments([environment('e1', DISABLED), environment('e2', DISABLED)]);
  assert.match(told({ environments: down }), /: its environments are down\.$/);
  assert.match(
    told({ policy: known(policy({ healthStatus: 'Unhealthy' })) }),
    /: its environments are down\.$/,
  );
});

for (const [title, change, before, verdict] of [
  ['the one before it is usable', {}, {}, 'suspected'],
  ['the one before it is disabled', { previous: { enabled: false } }, {}, 'revoked'],
  ['the one before it has expired', { previous: { expires: daysAgo(1) } }, {}, 'revoked'],
  ['the one before it is not active either', { previous: { notBefore: daysAgo(-1) } }, {}, 'revoked'],
  ['the one before it has another type', { previous: { kty: 'EC' } }, {}, 'revoked'],
  ['it was made 29 days ago', { current: { created: daysAgo(29) } }, {}, 'revoked'],
  [
    'it was active before',
    {},
    { key: known(key(version('v2', { created: daysAgo(3) }), version('v1'))) },
    'revoked',
  ],
  ['the policy names it', { pin: 'v2' }, {}, 'revoked'],
] as const satisfies readonly (readonly [
  string,
  { previous?: object; current?: object; pin?: string },
  Partial<Facts>,
  string,
])[]) {
  test(`a new current version that is not active yet is ${verdict} where ${title}`, () => {
    const { previous, current, pin } = { previous: {}, current: {}, pin: undefined, ...change };
    const facts = reading({
      policy: known(policy({ keyVersion: pin })),
      key: known(
        key(
          version('v2', { created: daysAgo(0.1), notBefore: daysAgo(-1), ...current }),
          version('v1', previous),
        ),
      ),
    });
    const memory = memoryOf({ policy: known(policy({ keyVersion: pin })), ...before }, 1);
    assert.equal(finding('key-not-yet-active', facts, memory).verdict, verdict);
  });
}

for (const [title, versions, verdict] of [
  [
    'replaced a day ago',
    [version('v2', { created: daysAgo(1) }), version('v1', { keyOps: ['wrapKey'] })],
    'revoked',
  ],
  ['replaced 29 days ago', [version('v2', { created: daysAgo(29) }), version('v1', { keyOps: [] })], 'clear'],
  [
    'replaced a day ago whose operations could not be read',
    [version('v2', { created: daysAgo(1) }), version('v1', { keyOps: undefined })],
    'clear',
  ],
  [
    'replaced a day ago and disabled, which another trigger reports,',
    [version('v2', { created: daysAgo(1) }), version('v1', { enabled: false, keyOps: [] })],
    'clear',
  ],
] as const) {
  test(`a previous version ${title} makes key-unusable ${verdict}`, () => {
    const found = finding('key-unusable', reading({ key: known(key(...versions)) }));
    assert.equal(found.verdict, verdict);
    if (verdict !== 'revoked') return;
    assert.match(
      found.summary,
      /version v1 .* replaced less than 28 days ago, and environments may still need it/,
    );
    assert.match(commands(found)[0] ?? '', /--version v1 --ops wrapKey unwrapKey/);
  });
}

test('a previous version is not judged where the policy names its version', () => {
  const versions = key(version('v2', { created: daysAgo(1) }), version('v1', { keyOps: [] }));
  assert.equal(finding('key-unusable', reading({ ...pinned('v2'), key: known(versions) })).verdict, 'clear');
});

test('a previous version that was seen faulty stays unknown while its operations can not be read', () => {
  const keyOf = (keyOps: string[] | undefined) => ({
    key: known(key(version('v2', { created: daysAgo(3) }), version('v1', { keyOps }))),
  });
  const memory = memoryOf(keyOf(['wrapKey']), 1);
  assert.equal(finding('key-unusable', reading(keyOf(undefined)), memory).verdict, 'unknown');
});
