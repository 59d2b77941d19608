import fc from 'fast-check';
import type { Part } from '../../shared/azure/part.ts';
import type { Facts, Grant, KeyAction } from '../../shared/facts/facts.ts';
import type { History } from '../../shared/triggers/history.ts';
import { updateHistory } from '../../shared/triggers/remember.ts';
import { textOfAnyCharacters } from '../simulation/any-text.ts';
import { daysAgo, POLICY_ID, VAULT_ID } from './a-reading.ts';

/** Readings as Azure might send them at its worst: every state, odd words, junk times, names that a shell dislikes. */
const time = fc.oneof(
  fc.double({ min: -100, max: 400, noNaN: true }).map((days) => daysAgo(days)),
  fc.constantFrom('', 'soon', '9999999999999'),
);
const name = fc.oneof(fc.constantFrom('cmk', 'CMK', 'other'), textOfAnyCharacters({ maxLength: 8 }));
const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });
const actions = fc.subarray<KeyAction>(['read', 'wrap', 'unwrap']);

export function part<T>(value: fc.Arbitrary<T>): fc.Arbitrary<Part<T>> {
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
export const anyFacts: fc.Arbitrary<Facts> = fc.record({
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
      // As the reader of a key gives them: the newest first.
      versions: fc
        .uniqueArray(version, {
          minLength: 1,
          maxLength: 4,
          selector: (one) => one.version.toLowerCase(),
        })
        .map((versions) => versions.toSorted((a, b) => (b.created ?? '').localeCompare(a.created ?? ''))),
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
      isComplete: maybe(fc.constant(true)),
      listed: maybe(fc.array(name, { maxLength: 3 })),
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
/** What a few such readings leave behind. */
export const anyMemory: fc.Arbitrary<History> = fc
  .array(anyFacts, { maxLength: 4 })
  .map((readings) => readings.reduce<History>(updateHistory, { policyId: POLICY_ID }));

export { name as anyText, time as anyTime };
