import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Facts } from '../../shared/facts/facts.ts';
import type { Finding, TriggerId } from '../../shared/triggers/finding.ts';
import { TRIGGER_IDS } from '../../shared/triggers/finding.ts';
import { updateHistory } from '../../shared/triggers/remember.ts';
import {
  aged,
  DISABLED,
  daysAgo,
  environment,
  environments,
  finding,
  gone,
  grant,
  key,
  known,
  memoryOf,
  NOTHING_HELD,
  network,
  ownSteps,
  permission,
  policy,
  reading,
  unread,
  vault,
  version,
} from './a-reading.ts';

const withKey = (change: Parameters<typeof version>[1]) => ({ key: known(key(version('v1', change))) });
const kv = 'Key vaults → kv-eu';
/** Of a policy that is gone, environments that run prove nothing. */
const DOWN = environments([environment('e1', DISABLED), environment('e2', DISABLED)]);
/** One way to trip each trigger, with what the finding tells: its summary, and where in the portal to undo it. */
const TRIPPED: Record<
  TriggerId,
  [change: Partial<Facts>, summary: string, ...portal: (string | undefined)[]]
> = {
  'policy-deleted': [
    { policy: gone(), environments: DOWN },
    'The enterprise policy cmk-eu is gone; 2 environments still linked to it.',
    'Azure portal → Enterprise policies',
    'Power Platform admin center → Support → New support request',
    undefined,
  ],
  'vault-deleted': [
    { vault: gone(), deletedVault: known({}) },
    'The key vault kv-eu that holds the key is deleted.',
    'Key vaults → Manage deleted vaults → kv-eu → Recover',
    `${kv} → Access control (IAM) → Add role assignment → Key Vault Crypto Service Encryption User → Managed identity → cmk-eu`,
    `${kv} → Events`,
    `${kv} → Networking`,
  ],
  'key-deleted': [
    { key: gone() },
    'The key cmk is deleted.',
    `${kv} → Keys → Manage deleted keys → cmk → Recover`,
    `${kv} → Keys → Manage deleted keys`,
  ],
  'permissions-revoked': [
    { permission: known(permission(NOTHING_HELD)) },
    "The policy's identity has no permission on the encryption key any more (read, wrap, unwrap).",
    `${kv} → Access control (IAM) → Add role assignment → Key Vault Crypto Service Encryption User → Managed identity → cmk-eu`,
  ],
  'key-disabled': [
    withKey({ enabled: false }),
    'The key cmk is disabled: none of its versions is enabled.',
    `${kv} → Keys → cmk → v1 → Enabled: Yes → Save`,
  ],
  'key-version-disabled': [
    { key: known(key(version('v2', { created: daysAgo(3) }), version('v1', { enabled: false }))) },
    `The version v1 of the key cmk is disabled, and environments may need it: it was current until ${daysAgo(3).slice(0, 10)}, less than 28 days ago.`,
    `${kv} → Keys → cmk → v1 → Enabled: Yes → Save`,
  ],
  'public-access-disabled': [
    { vault: known(vault({ network: network('Disabled', 'Deny', 'None') })) },
    'Public access to the vault kv-eu is disabled, and trusted Microsoft services are not let through.',
    `${kv} → Networking → Firewalls and virtual networks → Allow public access from all networks → Apply`,
    `${kv} → Networking → Exception`,
  ],
  'network-restricted': [
    { vault: known(vault({ network: network('Enabled', 'Deny', 'None') })) },
    'The vault kv-eu admits chosen networks only, and trusted Microsoft services are not let through.',
    `${kv} → Networking → Firewalls and virtual networks → Allow public access from all networks → Apply`,
    `${kv} → Networking → Exception`,
  ],
  'key-expired': [
    withKey({ expires: daysAgo(1) }),
    `The version v1 of the key cmk expired on ${daysAgo(1)}: environments that use it go down.`,
    `${kv} → Keys → cmk → v1 → Set expiration date → Save`,
  ],
  'key-not-yet-active': [
    withKey({ notBefore: daysAgo(-1) }),
    `The version v1 of the key cmk can't be used before ${daysAgo(-1)}.`,
    `${kv} → Keys → cmk → v1 → Set activation date → Save`,
  ],
  'key-unusable': [
    withKey({ keyOps: ['sign'] }),
    "The version v1 of the key cmk can't be used: it does not allow wrapKey, it does not allow unwrapKey.",
    `${kv} → Keys → cmk → v1 → Permitted operations: Wrap Key, Unwrap Key → Save`,
  ],
  locked: [
    {
      policy: known(policy({ healthStatus: 'Unhealthy' })),
      environments: environments([environment('e1', DISABLED), environment('e2', DISABLED)]),
    },
    `The environments are locked, and no reading of the key shows why: the policy's 2 running environments turned disabled within 30 minutes of each other, as a list of ${daysAgo(0.01)} shows; the policy has called itself Unhealthy since ${daysAgo(0.01)}.`,
    `${kv} → Activity log`,
    `${kv} → Monitoring → Logs`,
    `${kv} → Keys → cmk`,
    'Power Platform admin center → Manage → Environments → the environment → Re-enable environment',
    'Power Platform admin center → Support → New support request',
  ],
};

/** `locked` needs two readings in a row. */
function earlier(trigger: TriggerId, change: Partial<Facts>) {
  return trigger === 'locked' ? updateHistory(memoryOf(), aged(reading(change), 0.01)) : memoryOf();
}

for (const trigger of TRIGGER_IDS) {
  const [change, summary, ...portal] = TRIPPED[trigger];
  test(`${trigger} says what happened in one sentence, and where in the portal it is undone`, () => {
    const found = finding(trigger, reading(change), earlier(trigger, change));
    assert.equal(found.verdict, 'revoked');
    assert.equal(found.summary, summary);
    assert.deepEqual(
      ownSteps(found).map((step) => step.portal),
      portal,
    );
    assertReadable(found);
  });

  test(`${trigger} reads well in a healthy, an unreadable, and a barely known reading`, () => {
    const nothing = { policyId: reading().policyId };
    const bare: Partial<Facts> = {
      vault: known(vault({ network: network(undefined, undefined, undefined) })),
      key: known(
        key(version('v1', { created: undefined, kty: undefined, keyOps: undefined, keySize: undefined })),
      ),
    };
    const visibilityLost = { vault: unread(), key: unread(), permission: unread(), policy: unread() };
    for (const facts of [
      reading(),
      reading(bare),
      reading(visibilityLost),
      reading({ ...change, policy: unread() }),
    ]) {
      assertReadable(finding(trigger, facts));
      assertReadable(finding(trigger, facts, nothing));
    }
  });
}

function assertReadable({ summary, evidence, remediation }: Finding): void {
  const texts = [summary, ...evidence.map(({ text }) => text)];
  for (const step of remediation) texts.push(step.text, step.portal ?? 'none', step.command ?? 'none');
  for (const text of texts) assert.doesNotMatch(text, /undefined|NaN|\[object| {2}|^$/, text);
}

test('evidence names the values that were read, as Azure spells them', () => {
  const text = (found: Finding) => found.evidence.map((one) => one.text);
  assert.deepEqual(text(finding('key-expired', reading())), ['Key version v1: expires = never']);
  assert.deepEqual(text(finding('key-expired', reading(withKey({ expires: daysAgo(1) })))), [
    `Key version v1: expires = ${daysAgo(1)}`,
  ]);
  assert.deepEqual(text(finding('key-not-yet-active', reading())), ['Key version v1: notBefore = none']);
  assert.deepEqual(text(finding('key-unusable', reading(withKey({ keyOps: ['sign'] })))), [
    'Key version v1: type RSA, size 3072, operations [sign]',
  ]);
  assert.deepEqual(
    text(
      finding('key-unusable', reading(withKey({ kty: undefined, keySize: undefined, keyOps: undefined }))),
    ),
    ['Key version v1: type not told, size not told, operations not told'],
  );
  assert.deepEqual(text(finding('public-access-disabled', reading())), [
    'Key vault: publicNetworkAccess = Enabled, defaultAction = Allow, bypass = AzureServices',
  ]);
  const bare = reading({ vault: known(vault({ network: network(undefined, undefined, undefined) })) });
  assert.deepEqual(text(finding('public-access-disabled', bare, memoryOf({ vault: bare.vault }))), [
    'Key vault: publicNetworkAccess = not told (Enabled), no network rules',
  ]);
});

test('a person sees a handful of grants, however many a vault has, and what each gives', () => {
  const many = Array.from({ length: 40 }, (_, index) =>
    grant({ id: `g${index}`, viaGroup: true, condition: 'c' }),
  );
  const found = finding('permissions-revoked', reading({ permission: known(permission({ grants: many })) }));
  assert.equal(found.evidence.length, 6);
  assert.match(
    found.evidence[1]?.text ?? '',
    /^Grant role Key Vault Crypto Service Encryption User at .*: read, wrap, unwrap, through a group, under a condition$/,
  );
});

test('why something is unknown is reported with its reason', () => {
  const found = finding('key-disabled', reading({ key: unread('throttled') }));
  assert.equal(found.summary, 'The key could not be read (throttled): not read: throttled');
});
