import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Part } from '../../shared/azure/part.ts';
import type { Facts } from '../../shared/facts/facts.ts';
import type { TriggerId } from '../../shared/triggers/finding.ts';
import { TRIGGER_IDS } from '../../shared/triggers/finding.ts';
import type { History } from '../../shared/triggers/history.ts';
import { overallVerdict, rootCause } from '../../shared/triggers/judge.ts';
import { updateHistory } from '../../shared/triggers/remember.ts';
import { witnessesOf } from '../../shared/triggers/witnesses.ts';
import { daysAgo, judgeReading, NOW } from './a-reading.ts';
import { anyFacts, anyMemory } from './any-reading.ts';

const options = fc.record({
  now: fc.constantFrom(NOW, daysAgo(-300), daysAgo(300)),
  networkReading: fc.constantFrom('trustedService' as const, 'literal' as const),
});
const anyReading = fc.tuple(anyFacts, anyMemory, options);
const runs = { numRuns: 1000 };

/** The part of the truth that each trigger stands on. */
const STANDS_ON: Record<TriggerId, (facts: Facts, history: History) => Part<unknown>> = {
  'policy-deleted': ({ policy }) => policy,
  'vault-deleted': ({ vault }) => vault,
  'key-deleted': ({ key }) => key,
  'permissions-revoked': ({ permission }) => permission,
  'key-disabled': ({ key }) => key,
  'key-version-disabled': ({ key }) => key,
  'public-access-disabled': ({ vault }) => vault,
  'network-restricted': ({ vault }) => vault,
  'key-expired': ({ key }) => key,
  'key-not-yet-active': ({ key }) => key,
  'key-unusable': ({ key }) => key,
  // A witness that earlier readings saw lasts until another reading refutes it.
  locked: ({ policy, environments }, history) =>
    witnessesOf(history, NOW).length > 0 ? { ...environments, state: 'known', value: {} } : policy,
};

test('judging never throws, and gives one whole finding per trigger, in order', () => {
  fc.assert(
    fc.property(anyReading, ([now, before, how]) => {
      const findings = judgeReading(now, before, how);
      assert.deepEqual(
        findings.map(({ trigger }) => trigger),
        TRIGGER_IDS,
      );
      for (const { verdict, remediation, summary, recoverBy, evidence } of findings) {
        assert.ok(summary.length > 0);
        const tripped = verdict === 'revoked' || verdict === 'suspected';
        assert.equal(remediation.length > 0, tripped);
        if (tripped) assert.ok(evidence.length > 0);
        if (recoverBy) assert.ok(tripped && Number.isFinite(Date.parse(recoverBy.at)));
      }
      overallVerdict(findings);
      rootCause(findings);
    }),
    runs,
  );
});

test('what could not be read is neither revoked, nor suspected, nor clear', () => {
  fc.assert(
    fc.property(anyReading, ([now, before, how]) => {
      for (const { trigger, verdict } of judgeReading(now, before, how)) {
        if (STANDS_ON[trigger](now, updateHistory(before, now)).state === 'unknown')
          assert.equal(verdict, 'unknown', trigger);
      }
    }),
    runs,
  );
});

test('nothing that lies below something gone is revoked', () => {
  fc.assert(
    fc.property(anyReading, ([now, before, how]) => {
      const findings = judgeReading(now, before, how);
      if (now.policy.state === 'gone') {
        for (const { verdict } of findings.slice(1)) assert.equal(verdict, 'unknown');
      } else if (now.vault.state === 'gone') {
        for (const { verdict } of findings.slice(2, -1)) assert.equal(verdict, 'unknown');
      }
      for (const { follows, verdict } of findings) if (follows) assert.equal(verdict, 'unknown');
    }),
    runs,
  );
});

test('remembering the same reading twice is the same as once, and so are the findings', () => {
  fc.assert(
    fc.property(anyReading, ([now, before, how]) => {
      const once = updateHistory(before, now);
      assert.deepEqual(updateHistory(once, now), once);
      assert.deepEqual(judgeReading(now, once, how), judgeReading(now, before, how));
    }),
    runs,
  );
});

/** Parts of commands without a value in them, which a shell reads as more than text. */
const OWN_WORDS = [
  '--ip-address "$(curl -s https://api.ipify.org)/32"',
  `--filter "policyDefinitionAction eq 'deny' or policyDefinitionAction eq 'modify'"`,
  '--query "[].{policy:policyDefinitionName, effect:policyDefinitionAction, assignment:policyAssignmentId}"',
  '--query "[].{assignment:displayName, scope:scope, enforced:enforcementMode, id:id}"',
  `--query "[?level=='ReadOnly'].id"`,
  '--query "[].id"',
];

test('no command holds anything that a shell could take for more than text', () => {
  fc.assert(
    fc.property(anyReading, ([now, before, how]) => {
      for (const { remediation } of judgeReading(now, before, how)) {
        for (const { command } of remediation) {
          if (command === undefined) continue;
          const untrusted = OWN_WORDS.reduce((text, words) => text.replace(words, ''), command);
          assert.match(untrusted, /^az [\p{L}\p{N}\p{M} ._()/:@+=,'-]+$/u);
          assert.equal((untrusted.match(/'/g) ?? []).length % 2, 0);
        }
      }
    }),
    runs,
  );
});

test('memory survives being stored as JSON', () => {
  fc.assert(
    fc.property(anyReading, ([now, before, how]) => {
      const stored = JSON.parse(JSON.stringify(before)) as History;
      assert.deepEqual(
        judgeReading(now, stored, how).map(({ trigger, verdict }) => [trigger, verdict]),
        judgeReading(now, before, how).map(({ trigger, verdict }) => [trigger, verdict]),
      );
    }),
    runs,
  );
});
