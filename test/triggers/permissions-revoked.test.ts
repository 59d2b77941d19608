import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PermissionFact } from '../../shared/facts/facts.ts';
import { updateHistory } from '../../shared/triggers/remember.ts';
import {
  aged,
  caseMangled,
  commands,
  finding,
  gone,
  grant,
  known,
  memoryOf,
  NOTHING_HELD,
  ownSteps,
  POLICY_ID,
  PRINCIPAL,
  permission,
  policy,
  reading,
  SUBSCRIPTION,
  unread,
  VAULT_ID,
  vault,
} from './a-reading.ts';

const with_ = (change: Partial<PermissionFact>) => ({ permission: known(permission(change)) });
const judged = (change: Parameters<typeof reading>[0], memory = memoryOf()) =>
  finding('permissions-revoked', reading(change), memory);
const never = { policyId: POLICY_ID };
const group = grant({ by: 'accessPolicy', id: 'g1', principalId: 'g1' });
const direct = grant({ by: 'accessPolicy', id: PRINCIPAL });
const denial = { id: 'd1', name: 'stack', scope: VAULT_ID, actions: ['wrap' as const] };
const policies = { model: 'accessPolicies' as const };

for (const [title, change, memory, verdict] of [
  ['all three actions held', with_({}), memoryOf(), 'clear'],
  ['no grant left', with_(NOTHING_HELD), memoryOf(), 'revoked'],
  ['no grant, and never one seen', with_(NOTHING_HELD), never, 'revoked'],
  ['one action missing', with_({ allowed: ['read', 'wrap'], missing: ['unwrap'] }), memoryOf(), 'revoked'],
  [
    'a deny assignment over a grant',
    with_({ denials: [denial], allowed: ['read', 'unwrap'], missing: ['wrap'] }),
    memoryOf(),
    'revoked',
  ],
  ['held through a group', with_({ grants: [grant({ viaGroup: true })] }), never, 'clear'],
  [
    'perhaps a group, never a direct grant',
    with_({ ...policies, ...NOTHING_HELD, perhapsGroups: [group] }),
    never,
    'suspected',
  ],
  [
    'perhaps a group, a direct grant before',
    with_({ ...policies, ...NOTHING_HELD, perhapsGroups: [group] }),
    memoryOf(with_({ ...policies, grants: [direct] })),
    'revoked',
  ],
  [
    'perhaps a group that would not suffice',
    with_({ ...policies, ...NOTHING_HELD, perhapsGroups: [{ ...group, actions: ['read', 'wrap'] }] }),
    never,
    'revoked',
  ],
  [
    'held under a condition, never without',
    with_({ grants: [grant({ condition: '@Resource…' })] }),
    never,
    'unknown',
  ],
  [
    'held under a condition, without one before',
    with_({ grants: [grant({ condition: '@Resource…' })] }),
    memoryOf(),
    'suspected',
  ],
  [
    'one of three actions held only under a condition',
    with_({ grants: [grant({ actions: ['read', 'wrap'] }), grant({ actions: ['unwrap'], condition: 'c' })] }),
    memoryOf(),
    'suspected',
  ],
  [
    'a condition on a grant that is not needed',
    with_({ grants: [grant(), grant({ condition: 'c' })] }),
    never,
    'clear',
  ],
  ['not readable', { permission: unread('forbidden') }, memoryOf(), 'unknown'],
] as const) {
  test(`${title}: ${verdict}`, () => {
    assert.equal(judged(change, memory).verdict, verdict);
    const mangled = finding('permissions-revoked', caseMangled(reading(change)), memory);
    assert.equal(mangled.verdict, verdict, 'case-mangled');
  });
}

test('a lost grant concerns this policy alone, and the evidence says what the identity may do', () => {
  const found = judged(with_(NOTHING_HELD));
  assert.equal(found.scope, POLICY_ID);
  assert.match(found.evidence[0]?.text ?? '', /role assignments.*may nothing/);
});

test('a switched permission model concerns the vault, at this reading and at later ones, until granted anew', () => {
  const flipped = { ...with_({ ...policies, ...NOTHING_HELD }), vault: known(vault({ rbac: false })) };
  const later = updateHistory(memoryOf(), aged(reading(flipped), 1));
  for (const memory of [memoryOf(), later]) {
    const found = judged(flipped, memory);
    assert.equal(found.verdict, 'revoked');
    assert.equal(found.scope, VAULT_ID);
    assert.match(found.summary, /switched to access policies/);
    assert.deepEqual(commands(found), [
      `az keyvault update --name kv-eu --resource-group rg-keys --subscription ${SUBSCRIPTION} --enable-rbac-authorization true`,
      `az keyvault set-policy --name kv-eu --resource-group rg-keys --subscription ${SUBSCRIPTION} --object-id ${PRINCIPAL} --key-permissions get wrapKey unwrapKey`,
    ]);
  }
  assert.equal(judged(with_({ ...policies, grants: [direct] }), later).verdict, 'clear');
});

test('under a switched model a group entry is no way out: the grants of the other model are void', () => {
  const flipped = with_({ ...policies, ...NOTHING_HELD, perhapsGroups: [group] });
  assert.equal(judged(flipped).verdict, 'revoked');
});

test('with role assignments, the way back is the built-in role on the vault', () => {
  assert.deepEqual(commands(judged(with_(NOTHING_HELD))), [
    `az role assignment create --assignee-object-id ${PRINCIPAL} --assignee-principal-type ServicePrincipal --role e147488a-f6f5-4113-8e2d-b22465e65bf6 --scope ${VAULT_ID}`,
  ]);
});

test('with access policies, the way back is an entry with the three key permissions', () => {
  const before = memoryOf(with_({ ...policies, grants: [direct] }));
  assert.deepEqual(commands(judged(with_({ ...policies, ...NOTHING_HELD }), before)), [
    `az keyvault set-policy --name kv-eu --resource-group rg-keys --subscription ${SUBSCRIPTION} --object-id ${PRINCIPAL} --key-permissions get wrapKey unwrapKey`,
  ]);
});

test('a deny assignment is lifted where it was made; granting again would not help', () => {
  const found = judged(with_({ denials: [denial], allowed: ['read', 'unwrap'], missing: ['wrap'] }));
  assert.equal(found.remediation.length, 1);
  assert.match(found.remediation[0]?.text ?? '', /deny assignment stack/);
  assert.equal(
    found.remediation[0]?.command,
    `az rest --method get --url ${denial.id} --url-parameters 'api-version=2022-04-01'`,
  );
});

test('where a grant is missing beside a deny assignment, both are undone', () => {
  const missing = ['wrap' as const, 'unwrap' as const];
  const half = grant({ actions: ['read', 'wrap'] });
  const found = judged(with_({ grants: [half], denials: [denial], allowed: ['read'], missing }));
  assert.equal(ownSteps(found).length, 2);
  assert.match(found.remediation[1]?.command ?? '', /^az role assignment create/);
});

test('a switched model with every grant in place is clear, and concerns nobody', () => {
  const found = judged({ ...with_({ ...policies, grants: [direct] }), vault: known(vault({ rbac: false })) });
  assert.deepEqual([found.verdict, found.scope], ['clear', POLICY_ID]);
});

test('a switch is reported with the time at which the identity last held the key under the other model', () => {
  const found = judged(with_({ ...policies, ...NOTHING_HELD, perhapsGroups: [group] }));
  assert.deepEqual(
    found.evidence.map(({ text }) => text.replace(/ \(.*| [0-9a-f-]{36} /, ' … ').split('…')[0]),
    [
      'Key vault: permission model = access policies; identity ',
      'The identity was last seen to hold the key under the other model ',
      'Perhaps a group of the identity: access policy of g1: read, wrap, unwrap',
    ],
  );
  assert.ok(judged(with_({ grants: [grant()] })).evidence.every(({ text }) => !text.startsWith('Perhaps')));
});

const ofTenant = (ofVault: string | undefined, ofPolicy: string | undefined) => ({
  vault: known(vault({ tenantId: ofVault })),
  policy: known(policy({ tenantId: ofPolicy })),
});

// azure-docs issues 102149 and 55914: a vault that was moved to another tenant refuses every identity of the old
// one with AKV10032 (invalid issuer), whatever the access policies and role assignments say.
for (const [title, now, before, verdict] of [
  ['the vault moved to another tenant', ofTenant('t2', 't1'), ofTenant('t1', 't1'), 'revoked'],
  ['they differ in case only', ofTenant('T1', 't1'), ofTenant('t1', 't1'), 'clear'],
  ['they differed from the first reading on', ofTenant('t2', 't1'), ofTenant('t2', 't1'), 'suspected'],
  ['they differ and were never told before', ofTenant('t2', 't1'), {}, 'suspected'],
  [
    'they differed before, and one is not told now',
    ofTenant('t2', undefined),
    ofTenant('t2', 't1'),
    'unknown',
  ],
  ['they were never told', {}, {}, 'clear'],
  [
    'the identity also has no grant',
    { ...ofTenant('t2', 't1'), ...with_(NOTHING_HELD) },
    ofTenant('t1', 't1'),
    'revoked',
  ],
  [
    'the grants can’t be read',
    { ...ofTenant('t2', 't1'), permission: unread() },
    ofTenant('t1', 't1'),
    'revoked',
  ],
] as const) {
  test(`tenant of vault and identity: ${verdict} where ${title}`, () => {
    const found = judged(now, memoryOf(before));
    assert.equal(found.verdict, verdict);
    if (verdict !== 'revoked') return;
    assert.equal(found.scope, VAULT_ID, 'it concerns every policy of the vault');
    assert.equal(found.inShort, 'vault in another tenant');
    assert.match(found.summary, /now belongs to the tenant t2, and the policy's identity to t1/);
    assert.match(
      commands(found)[0] ?? '',
      /^az keyvault update --name kv-eu .*--set 'properties\.tenantId=t1'$/,
    );
  });
}

test('a tenant that is equal again ends it, and the next difference is revoked at once', () => {
  const moved = updateHistory(memoryOf(ofTenant('t1', 't1')), aged(reading(ofTenant('t2', 't1')), 1));
  assert.equal(judged(ofTenant('t1', 't1'), moved).verdict, 'clear');
  const back = updateHistory(moved, aged(reading(ofTenant('t1', 't1')), 0.5));
  assert.equal(judged(ofTenant('t2', 't1'), back).verdict, 'revoked');
});

for (const [field, what] of [
  ['principalId', 'managed identity'],
  ['vaultId', 'key vault'],
  ['keyName', 'key'],
] as const) {
  const without = { policy: known(policy({ [field]: undefined })) };
  test(`a policy that no longer names its ${what} is suspected, and the rest is judged by what it named`, () => {
    const found = judged(without);
    assert.equal(found.verdict, 'suspected');
    assert.match(found.summary, new RegExp(`cmk-eu no longer names its ${what}`));
    assert.equal(found.inShort, `policy without its ${what}`);
    assert.equal(judged(without, updateHistory(memoryOf(), aged(reading(without), 1))).verdict, 'suspected');
    assert.equal(judged({}, updateHistory(memoryOf(), aged(reading(without), 1))).verdict, 'clear');
    assert.equal(finding('vault-deleted', reading({ ...without, vault: gone() })).verdict === 'clear', false);
    assert.equal(judged({ ...without, ...with_(NOTHING_HELD) }).verdict, 'revoked');
  });
  test(`a policy that never named a ${what} is not suspected for it`, () => {
    assert.equal(judged(without, never).verdict, 'clear');
  });
}
