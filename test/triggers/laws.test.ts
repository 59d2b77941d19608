import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Facts, Grant, KeyAction, Part } from '../../shared/facts/facts.ts';
import type { Remembered, TriggerId } from '../../shared/triggers/finding.ts';
import { TRIGGER_IDS } from '../../shared/triggers/finding.ts';
import { judge, overallVerdict, rootCause } from '../../shared/triggers/judge.ts';
import { remember } from '../../shared/triggers/remember.ts';
import { daysAgo, NOW, POLICY_ID, VAULT_ID } from './a-reading.ts';

/** Readings as Azure might send them at its worst: every state, odd words, junk times, names that a shell dislikes. */
const time = fc.oneof(
  fc.double({ min: -100, max: 400, noNaN: true }).map((days) => daysAgo(days)),
  fc.constantFrom('', 'soon', '9999999999999'),
);
const name = fc.oneof(fc.constantFrom('cmk', 'CMK', 'other'), fc.string({ unit: 'binary', maxLength: 8 }));
const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });
const actions = fc.subarray<KeyAction>(['read', 'wrap', 'unwrap']);

function part<T>(value: fc.Arbitrary<T>): fc.Arbitrary<Part<T>> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.record({ state: fc.constant('known' as const), value, readAt: time }) },
    { weight: 1, arbitrary: fc.record({ state: fc.constant('gone' as const), detail: name, readAt: time }) },
    {
      weight: 1,
      arbitrary: fc.record({
        state: fc.constant('unknown' as const),
        reason: fc.constantFrom('timeout' as const, 'forbidden' as const, 'follows' as const),
        detail: name,
        readAt: time,
      }),
    },
  );
}
const network = fc.record({
  publicNetworkAccess: maybe(fc.constantFrom('Enabled', 'disabled', 'SecuredByPerimeter', '__proto__')),
  hasAcls: fc.boolean(),
  defaultAction: maybe(fc.constantFrom('Allow', 'deny', 'constructor')),
  bypass: maybe(fc.constantFrom('None', 'azureservices', '?')),
  ipRules: fc.array(name, { maxLength: 1 }),
  virtualNetworkRules: fc.array(name, { maxLength: 1 }),
});
const version = fc.record({
  version: fc.constantFrom('v1', 'V1', 'v2', 'v3'),
  enabled: fc.boolean(),
  notBefore: maybe(time),
  expires: maybe(time),
  created: maybe(time),
  kty: maybe(fc.constantFrom('RSA', 'rsa-hsm', 'EC')),
  keyOps: maybe(fc.subarray(['wrapKey', 'UNWRAPKEY', "'; rm"])),
  keySize: maybe(fc.constantFrom(2048, 3072, 4096, Number.NaN)),
});
const grant: fc.Arbitrary<Grant> = fc.record({
  by: fc.constantFrom('accessPolicy' as const, 'roleAssignment' as const),
  id: name,
  scope: name,
  principalId: name,
  actions,
  viaGroup: fc.boolean(),
  condition: maybe(fc.constant('c')),
});
const facts: fc.Arbitrary<Facts> = fc.record({
  policyId: fc.constantFrom(POLICY_ID, POLICY_ID.toUpperCase(), ''),
  readAt: time,
  policy: part(
    fc.record({
      id: fc.constant(POLICY_ID),
      name,
      geo: name,
      principalId: maybe(name),
      systemId: maybe(fc.constantFrom('s1', 's2')),
      healthStatus: maybe(fc.constantFrom('Healthy' as const, 'Unhealthy' as const)),
      vaultId: maybe(fc.constantFrom(VAULT_ID, VAULT_ID.toUpperCase(), 'x')),
      managedHsm: fc.integer({ min: 0, max: 9 }).map((one) => one === 0),
      keyName: maybe(name),
      keyVersion: maybe(fc.constantFrom('v1', 'v9')),
    }),
  ),
  vault: part(
    fc.record({
      id: fc.constantFrom(VAULT_ID, VAULT_ID.toUpperCase()),
      name,
      location: name,
      rbac: fc.boolean(),
      softDelete: maybe(fc.boolean()),
      softDeleteRetentionInDays: maybe(fc.constantFrom(7, 90, 1e300, Number.NaN)),
      network,
    }),
  ),
  deletedVault: part(fc.record({ deletedAt: maybe(time), scheduledPurgeDate: maybe(time) })),
  key: part(
    fc.record({
      name,
      versions: fc.uniqueArray(version, {
        minLength: 1,
        maxLength: 4,
        selector: (one) => one.version.toLowerCase(),
      }),
    }),
  ),
  permission: part(
    fc.record({
      model: fc.constantFrom('rbac' as const, 'accessPolicies' as const),
      principalId: name,
      grants: fc.array(grant, { maxLength: 2 }),
      denials: fc.array(fc.record({ id: name, name, scope: name, actions }), { maxLength: 1 }),
      allowed: actions,
      missing: actions,
      perhapsGroups: fc.array(grant, { maxLength: 2 }),
    }),
  ),
  environments: part(
    fc.record({
      source: fc.constantFrom('powerPlatform' as const, 'inventory' as const),
      asOf: time,
      environments: fc.array(
        fc.record({
          id: name,
          displayName: name,
          sku: name,
          region: name,
          linkStatus: maybe(fc.constantFrom('Linked', 'NotLinked', 'Linking')),
          instanceState: maybe(fc.constantFrom('Ready', 'Disabled')),
          runtimeState: maybe(fc.constantFrom('Enabled', 'Disabled')),
        }),
        { maxLength: 3 },
      ),
    }),
  ),
});
const memory = fc
  .array(facts, { maxLength: 4 })
  .map((readings) => readings.reduce<Remembered>(remember, { policyId: POLICY_ID }));
const options = fc.record({
  now: fc.constantFrom(NOW, daysAgo(-300), daysAgo(300)),
  networkReading: fc.constantFrom('trustedService' as const, 'literal' as const),
});
const anyReading = fc.tuple(facts, memory, options);
const runs = { numRuns: 1000 };

/** The part of the truth that each trigger stands on. */
const STANDS_ON: Record<TriggerId, (facts: Facts) => Part<unknown>> = {
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
};

test('judging never throws, and gives one whole finding per trigger, in order', () => {
  fc.assert(
    fc.property(anyReading, ([now, before, how]) => {
      const findings = judge(now, before, how);
      assert.deepEqual(
        findings.map(({ trigger }) => trigger),
        TRIGGER_IDS,
      );
      for (const { verdict, undo, summary, recoverBy, evidence } of findings) {
        assert.ok(summary.length > 0);
        const tripped = verdict === 'revoked' || verdict === 'suspected';
        assert.equal(undo.length > 0, tripped);
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
      for (const { trigger, verdict } of judge(now, before, how)) {
        if (STANDS_ON[trigger](now).state === 'unknown') assert.equal(verdict, 'unknown', trigger);
      }
    }),
    runs,
  );
});

test('nothing that lies below something gone is revoked', () => {
  fc.assert(
    fc.property(anyReading, ([now, before, how]) => {
      const findings = judge(now, before, how);
      if (now.policy.state === 'gone') {
        for (const { verdict } of findings.slice(1)) assert.equal(verdict, 'unknown');
      } else if (now.vault.state === 'gone') {
        for (const { verdict } of findings.slice(2)) assert.equal(verdict, 'unknown');
      }
      for (const { follows, verdict } of findings) if (follows) assert.equal(verdict, 'unknown');
    }),
    runs,
  );
});

test('remembering the same reading twice is the same as once, and judging does not depend on which came first', () => {
  fc.assert(
    fc.property(anyReading, ([now, before, how]) => {
      const once = remember(before, now);
      assert.deepEqual(remember(once, now), once);
      assert.deepEqual(judge(now, once, how), judge(now, before, how));
    }),
    runs,
  );
});

test('no command holds anything that a shell could take for more than text', () => {
  fc.assert(
    fc.property(anyReading, ([now, before, how]) => {
      for (const { undo } of judge(now, before, how)) {
        for (const { command } of undo) {
          if (command === undefined) continue;
          assert.match(command, /^az [\p{L}\p{N}\p{M} ._()/:@+=,'-]+$/u);
          assert.equal((command.match(/'/g) ?? []).length % 2, 0);
        }
      }
    }),
    runs,
  );
});

test('memory survives being stored as JSON', () => {
  fc.assert(
    fc.property(anyReading, ([now, before, how]) => {
      const stored = JSON.parse(JSON.stringify(before)) as Remembered;
      assert.deepEqual(
        judge(now, stored, how).map(({ trigger, verdict }) => [trigger, verdict]),
        judge(now, before, how).map(({ trigger, verdict }) => [trigger, verdict]),
      );
    }),
    runs,
  );
});
