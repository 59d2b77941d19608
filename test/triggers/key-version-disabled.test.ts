import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KeyVersionFact } from '../../shared/facts/facts.ts';
import type { History } from '../../shared/triggers/history.ts';
import { updateHistory } from '../../shared/triggers/remember.ts';
import {
  aged,
  caseMangled,
  commands,
  daysAgo,
  finding,
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
const versions = (...list: KeyVersionFact[]) => ({ key: known(key(...list)) });
/** A memory in which all of these were enabled a while ago. */
function enabledBefore(change: Parameters<typeof reading>[0], days = 2): History {
  const { key: part } = reading(change);
  if (part.state !== 'known') return memoryOf();
  const list = part.value.versions.filter(
    ({ created }) => !(Date.parse(created ?? '') > Date.parse(daysAgo(days))),
  );
  if (list.length === 0) return { policyId: reading().policyId };
  return memoryOf(versions(...list.map((one) => ({ ...one, enabled: true }))), days);
}
const judged = (change: Parameters<typeof reading>[0], memory = enabledBefore(change)) =>
  finding('key-version-disabled', reading(change), memory);

for (const [title, change, verdict] of [
  ['all enabled', versions(version('v2', { created: daysAgo(40) }), version('v1')), 'clear'],
  [
    'the current one disabled among enabled ones',
    versions(version('v2', { ...off, created: daysAgo(40) }), version('v1')),
    'revoked',
  ],
  [
    'an older one disabled that was current 27 days ago',
    versions(version('v2', { created: daysAgo(27) }), version('v1', off)),
    'revoked',
  ],
  [
    'an older one disabled 28 days after it was superseded',
    versions(version('v2', { created: daysAgo(28) }), version('v1', off)),
    'clear',
  ],
  [
    'the last but two disabled, current within 28 days',
    versions(
      version('v3', { created: daysAgo(2) }),
      version('v2', { created: daysAgo(20) }),
      version('v1', off),
    ),
    'revoked',
  ],
  ['no version enabled at all (the key itself is disabled)', versions(version('v1', off)), 'unknown'],
  [
    'the pinned one disabled among enabled ones',
    { ...pinned('v1'), ...versions(version('v2'), version('v1', off)) },
    'revoked',
  ],
  [
    'another than the pinned one disabled',
    { ...pinned('v1'), ...versions(version('v2', off), version('v1')) },
    'clear',
  ],
  [
    'an older one disabled beside the pinned one',
    { ...pinned('v2'), ...versions(version('v2', { created: daysAgo(1) }), version('v1', off)) },
    'clear',
  ],
  ['a key that could not be read', { key: unread() }, 'unknown'],
] as const) {
  test(`${title}: ${verdict}`, () => {
    assert.equal(judged(change).verdict, verdict);
    const mangled = finding('key-version-disabled', caseMangled(reading(change)), enabledBefore(change));
    assert.equal(mangled.verdict, verdict, 'case-mangled');
  });
}

test('the newest version disabled within a day of its making is only suspected', () => {
  const found = judged(versions(version('v2', { ...off, created: daysAgo(0.5) }), version('v1')));
  assert.equal(found.verdict, 'suspected');
  assert.match(found.summary, /not known/);
});

test('it stays suspected with time, since it was disabled while it was fresh', () => {
  const list = [version('v2', { ...off, created: daysAgo(3) }), version('v1')];
  const memory = updateHistory(memoryOf({}, 4), aged(reading(versions(...list)), 2.5));
  assert.equal(judged(versions(...list), memory).verdict, 'suspected');
});

test('one that was seen enabled a day after its making and is disabled then is revoked', () => {
  const list = [version('v2', { created: daysAgo(3) }), version('v1')];
  const memory = memoryOf(versions(...list), 1.5);
  const change = versions(version('v2', { ...off, created: daysAgo(3) }), version('v1'));
  assert.equal(judged(change, memory).verdict, 'revoked');
});

test('of a fresh one and a needed one the needed one decides, and both are enabled again', () => {
  const list = [
    version('v3', { ...off, created: daysAgo(0.5) }),
    version('v2', { created: daysAgo(20) }),
    version('v1', off),
  ];
  const found = judged(versions(...list));
  assert.equal(found.verdict, 'revoked');
  assert.match(found.summary, /version v1/);
  assert.equal(found.remediation.length, 2);
});

test('a full day after its making a version is no longer fresh, and one of unknown making never was', () => {
  const none = { policyId: reading().policyId };
  assert.equal(
    judged(versions(version('v2', { ...off, created: daysAgo(1) }), version('v1')), none).verdict,
    'revoked',
  );
  assert.equal(
    judged(versions(version('v2', { ...off, created: undefined }), version('v1')), none).verdict,
    'revoked',
  );
});

test('without any memory, a current version that is old and disabled is revoked', () => {
  const change = versions(version('v2', { ...off, created: daysAgo(40) }), version('v1'));
  assert.equal(judged(change, { policyId: reading().policyId }).verdict, 'revoked');
});

test('without the times of making, the first sight of the newer version tells since when it was superseded', () => {
  const v2 = version('v2', { created: undefined });
  const before = memoryOf(versions(v2, version('v1')), 10);
  const recent = versions(v2, version('v1', off));
  assert.equal(judged(recent, before).verdict, 'revoked');
  assert.equal(judged(recent, memoryOf(versions(v2, version('v1')), 30)).verdict, 'clear');
});

test('a policy moved to another version while the original one is disabled is not restored by that', () => {
  const list = versions(version('v2'), version('v1', off));
  const locked = updateHistory(
    memoryOf({ ...pinned('v1'), ...versions(version('v2'), version('v1')) }, 0.5),
    aged(reading({ ...pinned('v1'), ...list }), 0.2),
  );
  assert.equal(judged({ ...pinned('v2'), ...list }, locked).verdict, 'revoked');
  const moved = updateHistory(locked, aged(reading({ ...pinned('v2'), ...list }), 0.1));
  assert.equal(judged({ ...pinned('v2'), ...list }, moved).verdict, 'revoked');
  assert.equal(
    judged({ ...pinned('v2'), ...versions(version('v2'), version('v1')) }, moved).verdict,
    'clear',
  );
});

test('a policy moved to another version while all is well is judged by the new one alone', () => {
  const both = versions(version('v2'), version('v1'));
  const moved = updateHistory(
    memoryOf({ ...pinned('v1'), ...both }),
    aged(reading({ ...pinned('v2'), ...both }), 1),
  );
  assert.equal(
    judged({ ...pinned('v2'), ...versions(version('v2'), version('v1', off)) }, moved).verdict,
    'clear',
  );
});

test('what runs a day after the original version was last seen enabled does not need it any more', () => {
  const list = versions(version('v2'), version('v1', off));
  const both = { ...pinned('v1'), ...versions(version('v2'), version('v1')) };
  for (const [days, verdict] of [
    [0.5, 'revoked'],
    [1.5, 'clear'],
  ] as const) {
    assert.equal(judged({ ...pinned('v2'), ...list }, memoryOf(both, days)).verdict, verdict);
  }
});

test('the way back enables each version that is needed', () => {
  const found = judged(versions(version('v2', { created: daysAgo(20) }), version('v1', off)));
  assert.deepEqual(commands(found), [
    `az keyvault key set-attributes --vault-name kv-eu --name cmk --version v1 --enabled true --subscription ${SUBSCRIPTION}`,
  ]);
  assert.match(found.evidence[0]?.text ?? '', /v1: enabled = false.*less than 28 days ago/);
});

test('where the whole key is disabled, that speaks for its versions', () => {
  assert.equal(judged(versions(version('v2', off), version('v1', off))).follows, 'key-disabled');
});
