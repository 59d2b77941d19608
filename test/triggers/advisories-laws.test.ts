import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Part } from '../../shared/azure/part.ts';
import type { Facts, ProtectionFacts } from '../../shared/facts/facts.ts';
import type { AdvisoryId } from '../../shared/triggers/advisories/advisory.ts';
import { ADVISORIES } from '../../shared/triggers/advisories/register.ts';
import { adviseOnReading, daysAgo, NOW } from './a-reading.ts';
import { anyFacts, anyMemory, anyText, anyTime, part } from './any-reading.ts';

const anyLocks = part(
  fc.array(fc.record({ id: anyText, name: anyText, level: anyText, scope: anyText }), { maxLength: 2 }),
);
const anyProtection: fc.Arbitrary<ProtectionFacts> = fc.record({
  policyLocks: anyLocks,
  vaultLocks: anyLocks,
  rotation: part(fc.record({ rotates: fc.boolean() })),
  policyReaders: part(
    fc.array(fc.record({ assignmentId: anyText, principalId: anyText, scope: anyText }), { maxLength: 2 }),
  ),
  timeBound: part(fc.array(fc.record({ assignmentId: anyText, endsAt: anyTime }), { maxLength: 2 })),
});
const anyCase = fc.tuple(
  fc
    .tuple(anyFacts, fc.option(anyProtection, { nil: undefined }))
    .map(([facts, more]) => ({ ...facts, protection: more })),
  anyMemory,
  fc.record({
    now: fc.constantFrom(NOW, daysAgo(-300), daysAgo(300)),
    settings: fc.record({
      channels: fc.subarray(['teams', 'email', '']),
      secretVaults: fc.option(fc.array(anyText, { maxLength: 2 }), { nil: undefined }),
    }),
  }),
);

test('judging never throws, and gives one whole finding per advisory, in order', () => {
  fc.assert(
    fc.property(anyCase, ([facts, memory, options]) => {
      const findings = adviseOnReading(facts, memory, options);
      assert.deepEqual(
        findings.map(({ advisory }) => advisory),
        ADVISORIES.map(({ id }) => id),
      );
      for (const [n, { summary, severity, verdict, remediation, step }] of findings.entries()) {
        assert.ok(summary.length > 0);
        assert.ok(ADVISORIES[n]?.severities.includes(severity));
        assert.equal(remediation.length > 0, verdict === 'present');
        if (step !== undefined) assert.ok([30, 14, 7, 3, 1].includes(step));
        for (const { command } of remediation)
          if (command !== undefined) assert.match(command, /^az [\p{L}\p{N}\p{M} ._()/:@+=,'-]+$/u);
      }
    }),
    { numRuns: 1000 },
  );
});

test('what could not be read is neither present nor absent', () => {
  const STANDS_ON: Partial<Record<AdvisoryId, (facts: Facts) => Part<unknown> | undefined>> = {
    'key-expiring': ({ key: one }) => one,
    'expiry-without-rotation': ({ key: one }) => one,
    'soft-delete-missing': ({ vault: one }) => one,
    'purge-protection-missing': ({ vault: one }) => one,
    'no-delete-lock-on-vault': ({ protection: one }) => one?.vaultLocks,
    'no-delete-lock-on-policy': ({ protection: one }) => one?.policyLocks,
    'trusted-services-bypass-only': ({ vault: one }) => one,
    'permission-through-group': ({ permission: one }) => one,
    'permission-with-condition-or-time-bound': ({ permission: one }) => one,
    'older-version-leaves-28-days': ({ key: one }) => one,
    'nobody-can-reenable': ({ protection: one }) => one?.policyReaders,
    'policy-without-environments': ({ environments: one }) => one,
    'vault-toggled-regularly': ({ vault: one }) => one,
  };
  fc.assert(
    fc.property(anyCase, ([facts, memory, options]) => {
      for (const { advisory, verdict } of adviseOnReading(facts, memory, options)) {
        const standsOn = STANDS_ON[advisory];
        if (standsOn && standsOn(facts)?.state !== 'known') assert.equal(verdict, 'unknown', advisory);
      }
    }),
    { numRuns: 1000 },
  );
});
