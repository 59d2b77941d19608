import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Facts } from '../../shared/facts/facts.ts';
import { type Finding, TRIGGER_IDS, type Trigger, type TriggerId } from '../../shared/triggers/finding.ts';
import { overallVerdict, rootCause } from '../../shared/triggers/judge.ts';
import { TRIGGERS } from '../../shared/triggers/register.ts';
import {
  DISABLED,
  environment,
  environments,
  gone,
  judgeReading,
  KEY_ID,
  key,
  known,
  memoryOf,
  NOTHING_HELD,
  network,
  POLICY_ID,
  permission,
  policy,
  reading,
  TRUSTED,
  unread,
  VAULT_ID,
  vault,
  version,
} from './a-reading.ts';

const memory = memoryOf({}, 0.1);
const judged = (change: Partial<Facts>, before = memory) => judgeReading(reading(change), before, TRUSTED);
const verdicts = (findings: Finding[]) => findings.map(({ verdict }) => verdict);
/** Everything that can break below, broken. */
const ALL_BROKEN: Partial<Facts> = {
  vault: known(vault({ network: network('Disabled', 'Deny', 'None') })),
  key: known(key(version('v1', { enabled: false, kty: 'EC', expires: '2020-01-01T00:00:00Z' }))),
  permission: known(permission(NOTHING_HELD)),
};

test('the register holds every trigger once, root cause first, each with its words and its page', () => {
  assert.deepEqual(
    TRIGGERS.map(({ id }) => id),
    TRIGGER_IDS,
  );
  for (const { words, link } of TRIGGERS) {
    assert.ok(words.length > 10);
    assert.match(link, /^https:\/\/learn\.microsoft\.com\/power-platform\/admin\//);
  }
  const order = ['policy', 'vault', 'key', 'permission', 'network', 'effect'];
  assert.deepEqual([...new Set(TRIGGERS.map(({ about }) => about))], order);
});

test('only what Azure reports for any actor and place proves by its silence that events are lost', () => {
  const certain = TRIGGERS.filter(({ alwaysRaisesEvent }) => alwaysRaisesEvent).map(({ id }) => id);
  assert.deepEqual(certain, ['vault-deleted', 'public-access-disabled', 'network-restricted']);
});

test('a healthy reading is clear in every trigger, with evidence in each', () => {
  const findings = judged({});
  assert.deepEqual(new Set(verdicts(findings)), new Set(['clear']));
  assert.ok(findings.every(({ evidence }) => evidence.length > 0));
  assert.equal(overallVerdict(findings), 'clear');
  assert.equal(rootCause(findings), undefined);
});

test('below a policy that is gone everything follows, whatever else is broken', () => {
  const down = environments([environment('e1', DISABLED), environment('e2', DISABLED)]);
  const findings = judged({ ...ALL_BROKEN, policy: gone(), environments: down });
  assert.equal(rootCause(findings)?.trigger, 'policy-deleted');
  for (const finding of findings.slice(1)) {
    assert.equal(finding.verdict, 'unknown');
    assert.equal(finding.follows, 'policy-deleted');
    assert.match(finding.summary, /follows from policy-deleted/);
  }
  assert.equal(overallVerdict(findings), 'revoked');
});

test('a policy deleted after all its environments were unlinked is clear as a whole', () => {
  assert.equal(overallVerdict(judged({ policy: gone(), environments: environments([]) })), 'clear');
});

test('below a vault that is gone everything follows', () => {
  const findings = judged({ ...ALL_BROKEN, vault: gone() });
  const follow = findings.filter(({ follows }) => follows === 'vault-deleted').map(({ trigger }) => trigger);
  assert.deepEqual(follow, TRIGGER_IDS.slice(2, -1));
  assert.equal(rootCause(findings)?.trigger, 'vault-deleted');
});

test('below a key that is gone or replaced the key triggers follow; permissions and network are judged', () => {
  for (const lost of [gone(), known(key(version('w1', { enabled: false })))]) {
    const findings = judged({ ...ALL_BROKEN, key: lost });
    const byId = new Map(findings.map((finding) => [finding.trigger, finding]));
    assert.equal(byId.get('key-deleted')?.verdict, 'revoked');
    assert.equal(byId.get('key-disabled')?.follows, 'key-deleted');
    assert.equal(byId.get('key-unusable')?.follows, 'key-deleted');
    assert.equal(byId.get('permissions-revoked')?.verdict, 'revoked');
    assert.equal(byId.get('public-access-disabled')?.verdict, 'revoked');
    assert.equal(rootCause(findings)?.trigger, 'key-deleted');
  }
});

test('what follows, or is not supported, lies in the resource that it is about', () => {
  const findings = judged({ policy: gone() });
  const scopes = new Map(findings.map(({ trigger, scope }) => [trigger, scope]));
  assert.equal(scopes.get('policy-deleted'), POLICY_ID);
  assert.equal(scopes.get('vault-deleted'), VAULT_ID);
  assert.equal(scopes.get('key-disabled'), KEY_ID);
  assert.equal(scopes.get('permissions-revoked'), POLICY_ID);
  assert.equal(scopes.get('network-restricted'), VAULT_ID);
  const visibilityLost = judgeReading(
    reading({ policy: unread(), vault: unread(), key: unread() }),
    { policyId: POLICY_ID },
    TRUSTED,
  );
  assert.equal(visibilityLost[2]?.scope, POLICY_ID, 'as far down as is known');
});

test('a key that could not be read is not a key that is gone: nothing follows from it', () => {
  assert.ok(judged({ key: unread() }).every(({ follows }) => follows === undefined));
});

test('a vault recovered without its grants shows the missing grants as the cause', () => {
  const findings = judged({ permission: known(permission(NOTHING_HELD)) });
  assert.equal(rootCause(findings)?.trigger, 'permissions-revoked');
});

test('a Managed HSM policy is listed as not supported in every trigger', () => {
  for (const part of [known(policy({ managedHsm: true })), gone(), unread()]) {
    const before = memoryOf({ policy: known(policy({ managedHsm: true })) }, 0.1);
    const findings = judged({ ...ALL_BROKEN, policy: part }, before);
    assert.deepEqual(new Set(verdicts(findings)), new Set(['unknown']));
    assert.ok(findings.every(({ summary }) => summary.includes('notSupported')));
  }
});

test('a policy that could never be read leaves everything unknown', () => {
  const findings = judged({ ...ALL_BROKEN, policy: unread('forbidden') }, { policyId: reading().policyId });
  assert.deepEqual(new Set(verdicts(findings)), new Set(['unknown']));
});

test('a policy that could not be read this time is judged by what was read of its chain', () => {
  const findings = judged({ ...ALL_BROKEN, policy: unread() });
  assert.equal(findings[0]?.verdict, 'unknown');
  assert.equal(rootCause(findings)?.trigger, 'permissions-revoked');
});

test('a policy moved to another key to fix a lock is not restored by that, and says what would unlock', () => {
  const locked = memoryOf({ key: gone() }, 0.1);
  const before = judgeReading(reading({ key: gone() }), memory, TRUSTED);
  assert.equal(rootCause(before)?.trigger, 'key-deleted');
  const after = { ...memory, key: memory.key && { ...memory.key, goneAt: '2026-11-20T09:00:00.000Z' } };
  const findings = judged(
    { policy: known(policy({ keyName: 'other' })), key: known({ name: 'other', versions: [version('o1')] }) },
    after,
  );
  assert.deepEqual(new Set(verdicts(findings.slice(1))), new Set(['unknown']));
  assert.match(findings[2]?.summary ?? '', new RegExp(`cmk in ${VAULT_ID}`));
  assert.equal(overallVerdict(findings), 'unknown');
  assert.equal(locked.key, undefined);
});

test('the overall verdict is the worst of those that speak for themselves', () => {
  const of = (verdict: Finding['verdict'], follows?: TriggerId): Finding => ({
    trigger: 'key-disabled',
    verdict,
    summary: '',
    evidence: [],
    remediation: [],
    scope: '',
    follows,
  });
  assert.equal(overallVerdict([of('clear'), of('unknown'), of('suspected'), of('revoked')]), 'revoked');
  assert.equal(overallVerdict([of('clear'), of('unknown'), of('suspected')]), 'suspected');
  assert.equal(overallVerdict([of('clear'), of('unknown')]), 'unknown');
  assert.equal(overallVerdict([of('clear'), of('unknown', 'policy-deleted')]), 'clear');
  assert.equal(overallVerdict([]), 'unknown');
  assert.equal(rootCause([of('suspected'), of('revoked')])?.verdict, 'revoked');
  assert.equal(rootCause([of('clear'), of('suspected')])?.verdict, 'suspected');
});

test('a twelfth trigger needs a line in the register and nothing else', () => {
  const moonPhase: Trigger = {
    id: 'moon-phase' as TriggerId,
    words: 'Waiting for the moon',
    link: 'https://example.org',
    about: 'network',
    detectionSources: {
      needs: ['vault'],
      event: { shows: [], because: 'the moon raises none', sources: [] },
      audit: { shows: [], because: 'the moon keeps no log', sources: [] },
    },
    alwaysRaisesEvent: false,
    operations: { change: [], propagationMs: 0 },
    hides: null,
    assertedBy: null,
    isUndoneByPeople: true,
    causedByTime: null,
    judge: (facts) => ({
      trigger: 'moon-phase' as TriggerId,
      verdict: 'suspected',
      summary: 'The moon is full.',
      evidence: [],
      remediation: [],
      scope: facts.policyId,
    }),
  };
  const triggers = [...TRIGGERS, moonPhase];
  assert.equal(rootCause(judgeReading(reading(), memory, TRUSTED, triggers))?.summary, 'The moon is full.');
  const below = judgeReading(reading({ vault: gone() }), memory, TRUSTED, triggers).at(-1);
  assert.equal(below?.follows, 'vault-deleted');
});
