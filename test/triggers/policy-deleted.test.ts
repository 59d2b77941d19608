import assert from 'node:assert/strict';
import { test } from 'node:test';
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
  gone,
  known,
  memoryOf,
  POLICY_ID,
  policy,
  reading,
  unread,
} from './a-reading.ts';

const judged = (change: Parameters<typeof reading>[0], memory = memoryOf()) =>
  finding('policy-deleted', reading(change), memory);

test('a policy that is there is clear, in any spelling', () => {
  assert.equal(judged({}).verdict, 'clear');
  assert.equal(finding('policy-deleted', caseMangled(reading()), memoryOf()).verdict, 'clear');
});

const OFF = [environment('e1', DISABLED), environment('e2', DISABLED)];

test('a policy that is gone while Power Platform still names it and no environment runs is revoked', () => {
  const found = judged({ policy: gone(), environments: environments(OFF) });
  assert.equal(found.verdict, 'revoked');
  assert.equal(found.scope, POLICY_ID);
  assert.match(found.summary, /cmk-eu is gone; 2 environments still linked to it/);
  assert.ok(found.evidence.some(({ text }) => text.includes('404')));
});

test('a policy that is gone while environments run is suspected: the list may be late', () => {
  const found = judged({ policy: gone(), environments: environments([environment('e1'), ...OFF.slice(1)]) });
  assert.equal(found.verdict, 'suspected');
  assert.match(
    found.summary,
    /2 environments still linked to it by the list, which may be late, and 1 of them run/,
  );
});

for (const [title, list, verdict] of [
  ['a list made before it was gone', environments(undefined, 'powerPlatform', daysAgo(0.01)), 'suspected'],
  ['an inventory', environments(undefined, 'inventory'), 'suspected'],
  ['no list at all', unread('forbidden'), 'suspected'],
  ['a list without environments', environments([]), 'clear'],
  [
    'a list of environments that are not linked',
    environments([environment('e1', { linkStatus: 'NotLinked' })]),
    'clear',
  ],
] as const) {
  test(`a policy that is gone with ${title} is ${verdict}`, () => {
    assert.equal(judged({ policy: gone(), environments: list }).verdict, verdict);
  });
}

test('a list made after the first reading that showed it gone counts, though it is older than this reading', () => {
  const first = updateHistory(memoryOf(), aged(reading({ policy: gone(), environments: unread() }), 0.1));
  const list = environments(OFF, 'powerPlatform', daysAgo(0.05));
  assert.equal(judged({ policy: gone(), environments: list }, first).verdict, 'revoked');
});

test('gone, not listed, and without a member in the last list, it is unknown', () => {
  const memory = memoryOf({ environments: environments([]) });
  assert.equal(judged({ policy: gone(), environments: unread() }, memory).verdict, 'unknown');
});

test('a policy that could not be read is unknown, and says why', () => {
  const found = judged({ policy: unread('forbidden') });
  assert.equal(found.verdict, 'unknown');
  assert.match(found.summary, /forbidden/);
  assert.deepEqual(found.remediation, []);
});

test('a policy made anew never counts as the original', () => {
  const anew = known(policy({ systemId: '/regions/europe/x/s2', principalId: '3'.repeat(8) }));
  const hourAgo = memoryOf({}, 1 / 24);
  const found = judged({ policy: anew, environments: environments(OFF) }, hourAgo);
  assert.equal(found.verdict, 'revoked');
  assert.match(found.summary, /another of the same name/);
  const byIdentity = known(policy({ systemId: undefined, principalId: 'x' }));
  assert.equal(judged({ policy: byIdentity, environments: environments(OFF) }, hourAgo).verdict, 'revoked');
});

test('a renewed identity on the same policy is not another policy', () => {
  assert.equal(judged({ policy: known(policy({ principalId: 'renewed' })) }).verdict, 'clear');
});

test('the way back is Microsoft Support, with a command to make sure first', () => {
  const found = judged({ policy: gone() });
  assert.deepEqual(commands(found), [
    `az resource show --ids ${POLICY_ID} --api-version 2020-10-30-preview`,
    undefined,
    undefined,
  ]);
  assert.match(found.remediation[1]?.text ?? '', /Microsoft Support/);
  assert.match(found.remediation[2]?.text ?? '', /another identity/);
});

test('what the lists said is reported with their source and age', () => {
  const summary = (change: Parameters<typeof reading>[0], memory = memoryOf()) =>
    judged({ policy: gone(), ...change }, memory).summary;
  assert.match(
    summary({ environments: unread() }),
    /2 environments named it in the last list; whether these still name it/,
  );
  assert.match(
    summary({ environments: unread() }, { policyId: POLICY_ID }),
    /is gone; which environments name it could not be read/,
  );
  const inventory = judged({ policy: gone(), environments: environments(undefined, 'inventory') });
  assert.match(
    inventory.evidence[1]?.text ?? '',
    /^Inventory of 2026-11-20T10:00:00.000Z: 2 environments on this policy$/,
  );
  assert.match(judged({ policy: gone() }).evidence[1]?.text ?? '', /^Power Platform of/);
});
