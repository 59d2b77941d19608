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
  KEY_ID,
  key,
  known,
  memoryOf,
  policy,
  reading,
  SUBSCRIPTION,
  unread,
  vault,
  version,
} from './a-reading.ts';

const judged = (change: Parameters<typeof reading>[0], memory = memoryOf({}, 0.1)) =>
  finding('key-deleted', reading(change), memory);
const pinned = (keyVersion: string) => ({ policy: known(policy({ keyVersion })) });

test('a key that is there with its versions is clear, in any spelling', () => {
  assert.equal(judged({}).verdict, 'clear');
  assert.equal(finding('key-deleted', caseMangled(reading({ ...pinned('v1') }))).verdict, 'clear');
});

test('a key that is gone is revoked, until last sight plus retention: an estimate', () => {
  const found = judged({ key: gone() }, memoryOf());
  assert.equal(found.verdict, 'revoked');
  assert.equal(found.scope, KEY_ID);
  assert.deepEqual([found.recoverBy?.at, found.recoverBy?.estimate], [daysAgo(-88), true]);
  assert.match(found.evidence.map(({ text }) => text).join(), /404.*last seen/);
});

test("the vault's own retention as read now counts, and the shortest one where none was ever told", () => {
  const days = (softDeleteRetentionInDays?: number) =>
    judged({ key: gone(), vault: known(vault({ softDeleteRetentionInDays })) }, memoryOf()).recoverBy?.at;
  assert.equal(days(30), daysAgo(-28));
  assert.equal(days(), daysAgo(-5));
  assert.equal(judged({ key: gone(), vault: unread() }, memoryOf()).recoverBy?.at, daysAgo(-88));
});

test('a pinned version that earlier readings showed is missed once, in any spelling, and others are counted', () => {
  const memory = memoryOf({ ...pinned('v1'), key: known(key(version('v2'), version('v1'))) }, 0.1);
  const found = judged({ ...pinned('V1'), key: known(key(version('w1'))) }, memory);
  assert.equal(found.evidence[0]?.text, 'Key versions: 1 listed, v2 and 1 more not among them');
  const one = judged({ key: known(key(version('w1'))) });
  assert.equal(one.evidence[0]?.text, 'Key versions: 1 listed, v1 not among them');
});

test('a vault without soft delete leaves no deadline: nothing is left to recover', () => {
  assert.equal(judged({ key: gone(), vault: known(vault({ softDelete: false })) }).recoverBy, undefined);
});

test('a pinned version that is missing from an existing key is revoked', () => {
  const found = judged({ ...pinned('v0') });
  assert.equal(found.verdict, 'revoked');
  assert.match(found.summary, /made under its name/);
});

test('a new key of the same name does not restore, however often it is read', () => {
  const anew = { key: known(key(version('w1', { created: daysAgo(0.05) }))) };
  const locked = environments([environment('e1', DISABLED)]);
  let memory = memoryOf({}, 3);
  for (const days of [2.5, 2, 1, 0.5])
    memory = updateHistory(memory, aged(reading({ ...anew, environments: locked }), days));
  assert.equal(judged({ ...anew, environments: locked }, memory).verdict, 'revoked');
  assert.equal(judged({ key: gone(), environments: locked }, memory).verdict, 'revoked');
  assert.equal(judged({ environments: locked }, memory).verdict, 'clear', 'the original is back');
});

test('a version that was added later must be there as well', () => {
  const memory = memoryOf({ key: known(key(version('v2', { created: daysAgo(9) }), version('v1'))) }, 0.1);
  assert.equal(judged({}, memory).verdict, 'revoked');
});

test('a key that could not be read is unknown', () => {
  assert.equal(judged({ key: unread('forbidden') }).verdict, 'unknown');
});

test('the way back is to recover the deleted key', () => {
  assert.deepEqual(commands(judged({ key: gone() })), [
    `az keyvault key recover --vault-name kv-eu --name cmk --subscription ${SUBSCRIPTION}`,
    `az keyvault key list-deleted --vault-name kv-eu --subscription ${SUBSCRIPTION}`,
  ]);
});

test('where another key took the name, only a backup of the original helps', () => {
  assert.deepEqual(commands(judged({ key: known(key(version('w1'))) })), [
    `az keyvault key list-versions --vault-name kv-eu --name cmk --subscription ${SUBSCRIPTION}`,
    `az keyvault key restore --vault-name kv-eu --file original.keybackup --subscription ${SUBSCRIPTION}`,
    undefined,
  ]);
});

test('a name that a shell could misread gives steps without a command', () => {
  const unexpected = { policy: known(policy({ keyName: "cmk'; rm -rf ~" })), key: gone() };
  const found = judged(unexpected, memoryOf(unexpected));
  assert.equal(found.verdict, 'revoked');
  assert.deepEqual(commands(found)[0], undefined);
  assert.match(found.remediation[0]?.portal ?? '', /Manage deleted keys/);
});
