import assert from 'node:assert/strict';
import { test } from 'node:test';
import { updateHistory } from '../../shared/triggers/remember.ts';
import {
  aged,
  caseMangled,
  commands,
  daysAgo,
  finding,
  gone,
  known,
  memoryOf,
  NOTHING_HELD,
  PRINCIPAL,
  permission,
  reading,
  SUBSCRIPTION,
  unread,
  VAULT_ID,
  vault,
} from './a-reading.ts';

const deleted = { vault: gone(), key: unread('follows'), permission: unread('follows') } as const;
const judged = (change: Parameters<typeof reading>[0], memory = memoryOf()) =>
  finding('vault-deleted', reading(change), memory);

test('a vault that is there is clear, in any spelling', () => {
  assert.equal(judged({}).verdict, 'clear');
  assert.equal(finding('vault-deleted', caseMangled(reading())).verdict, 'clear');
});

test('a vault that is gone is revoked, with the purge date that Azure tells', () => {
  const twin = known({ deletedAt: daysAgo(1), scheduledPurgeDate: '2027-02-17T00:00:00Z' });
  const found = judged({ ...deleted, deletedVault: twin });
  assert.equal(found.verdict, 'revoked');
  assert.equal(found.scope, VAULT_ID);
  assert.deepEqual(found.recoverBy, {
    at: '2027-02-17T00:00:00.000Z',
    because: 'Azure purges the deleted vault and its keys then.',
    estimate: false,
  });
});

test('without a purge date the deadline is the deletion, else the last sight, plus the retention: an estimate', () => {
  const told = judged({ ...deleted, deletedVault: known({ deletedAt: daysAgo(1) }) }).recoverBy;
  assert.deepEqual([told?.at, told?.estimate], [daysAgo(-89), true]);
  const seen = judged({ ...deleted, deletedVault: unread('forbidden') }).recoverBy;
  assert.deepEqual([seen?.at, seen?.estimate], [daysAgo(-88), true]);
});

test('where the retention was never reported, the shortest one counts', () => {
  const memory = memoryOf({ vault: known(vault({ softDeleteRetentionInDays: undefined })) });
  assert.equal(
    judged({ ...deleted, deletedVault: known({ deletedAt: daysAgo(1) }) }, memory).recoverBy?.at,
    daysAgo(-6),
  );
});

test('with no deleted twin there is no deadline, and a step to look for it', () => {
  const found = judged({ ...deleted, deletedVault: gone() });
  assert.equal(found.recoverBy, undefined);
  assert.match(found.summary, /no deleted vault of its name is left/);
  assert.equal(
    found.remediation[0]?.command,
    `az keyvault list-deleted --resource-type vault --subscription ${SUBSCRIPTION}`,
  );
  assert.match(found.remediation[1]?.text ?? '', /^If it is found there: recover the deleted vault kv-eu\./);
});

test('junk dates from Azure give an estimate instead of a crash', () => {
  const found = judged({
    ...deleted,
    deletedVault: known({ deletedAt: 'soon', scheduledPurgeDate: 'never' }),
  });
  assert.equal(found.recoverBy?.at, daysAgo(-88));
});

test('a vault that could not be read is unknown', () => {
  assert.equal(judged({ vault: unread('throttled') }).verdict, 'unknown');
});

test('a deleted vault is found though the policy could not be read this time', () => {
  assert.equal(judged({ ...deleted, policy: unread() }).verdict, 'revoked');
});

test('with role assignments: recover, grant again, then events and network', () => {
  assert.deepEqual(commands(judged({ ...deleted, deletedVault: known({}) })), [
    `az keyvault recover --name kv-eu --location westeurope --resource-group rg-keys --subscription ${SUBSCRIPTION}`,
    `az role assignment create --assignee-object-id ${PRINCIPAL} --assignee-principal-type ServicePrincipal --role e147488a-f6f5-4113-8e2d-b22465e65bf6 --scope ${VAULT_ID}`,
    `az eventgrid event-subscription list --source-resource-id ${VAULT_ID}`,
    `az keyvault show --name kv-eu --resource-group rg-keys --subscription ${SUBSCRIPTION} --query properties`,
  ]);
});

test('with access policies: they come back with the vault, so they are only checked', () => {
  const memory = memoryOf({ vault: known(vault({ rbac: false })) });
  const found = judged({ ...deleted, deletedVault: known({}) }, memory);
  assert.equal(commands(found).filter((command) => command?.includes('role assignment')).length, 0);
  assert.match(found.remediation[1]?.text ?? '', /access policies/);
});

test('where the resource group is gone too, it is made again first', () => {
  const found = judged({
    ...deleted,
    vault: gone('GET answered 404 ResourceGroupNotFound'),
    deletedVault: known({}),
  });
  assert.equal(
    found.remediation[0]?.command,
    `az group create --name rg-keys --location westeurope --subscription ${SUBSCRIPTION}`,
  );
});

const NEW_PLACE = VAULT_ID.replace('rg-keys', 'rg-new');
const movedTo = (change: Parameters<typeof permission>[0] = {}) =>
  known({ id: NEW_PLACE, permission: known(permission(change)) });
const nowhere = gone('No vault in the 2 subscriptions that Lockwatch may list has the name kv-eu.');

for (const [title, change, verdict, summary] of [
  [
    'found elsewhere, with its permission',
    { movedVault: movedTo() },
    'suspected',
    /moved to the resource group rg-new .*; it is not deleted\. .*has its permission/,
  ],
  [
    'found elsewhere, without its permission',
    { movedVault: movedTo(NOTHING_HELD) },
    'revoked',
    /moved to .*has no permission on the key there \(read, wrap, unwrap\)/,
  ],
  [
    'found elsewhere, its grants unreadable',
    { movedVault: known({ id: NEW_PLACE, permission: unread() }) },
    'suspected',
    /could not be read/,
  ],
  [
    'found nowhere',
    { movedVault: nowhere },
    'suspected',
    /moved to where Lockwatch can't see it, or it was purged/,
  ],
  ['not looked for', {}, 'revoked', /is deleted, and no deleted vault/],
  [
    'perhaps in a subscription that could not be listed',
    { movedVault: unread('forbidden') },
    'suspected',
    /moved to where/,
  ],
] as const) {
  test(`a vault without a deleted twin is ${verdict} where it is ${title}`, () => {
    const found = judged({ ...deleted, deletedVault: gone(), ...change });
    assert.equal(found.verdict, verdict);
    assert.match(found.summary, summary);
    assert.equal(found.scope, VAULT_ID);
  });
}

test('a vault that is found elsewhere is moved back; one that is not is looked for among the deleted ones', () => {
  const found = judged({ ...deleted, deletedVault: gone(), movedVault: movedTo() });
  assert.deepEqual(
    [found.inShort, commands(found)[0]],
    [
      'vault moved',
      `az resource move --ids ${NEW_PLACE} --destination-group rg-keys --destination-subscription-id ${SUBSCRIPTION}`,
    ],
  );
  const lost = judged({ ...deleted, deletedVault: gone(), movedVault: nowhere });
  assert.equal(lost.inShort, 'vault not found');
  assert.match(commands(lost)[0] ?? '', /^az keyvault list-deleted/);
});

test('a vault that was seen among the deleted ones and is found nowhere afterwards was purged', () => {
  const seen = updateHistory(memoryOf(), aged(reading({ ...deleted, deletedVault: known({}) }), 1));
  const found = judged({ ...deleted, deletedVault: gone(), movedVault: nowhere }, seen);
  assert.equal(found.verdict, 'revoked');
  assert.match(found.summary, /no deleted vault of its name is left/);
});
