import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  caseMangled,
  commands,
  daysAgo,
  finding,
  gone,
  known,
  memoryOf,
  PRINCIPAL,
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

test('where the retention was never told, the shortest one counts', () => {
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
