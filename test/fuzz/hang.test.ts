import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPrincipal } from '../../shared/api/access/principal.ts';
import { readMoment } from '../../shared/api/actions/moment.ts';
import { httpsAddress } from '../../shared/azure/answer-schema.ts';
import { armIdParts, armPath, isUnder, normalId, sameId } from '../../shared/azure/arm-id.ts';
import { retryAfterMs } from '../../shared/azure/retry-after.ts';
import { claimsIn } from '../../shared/azure/token-claims.ts';
import { systemKey } from '../../shared/facts/power-platform/tenant-list.ts';
import { linkTo, plain } from '../../shared/notices/say/plain.ts';
import { readAuditBatch } from '../../shared/signals/audit-records.ts';
import { readMessage } from '../../shared/signals/read-message.ts';
import { scopeFrom } from '../../shared/signals/scope.ts';
import { instantFrom } from '../../shared/signals/untrusted.ts';
import { auditRecord } from '../signals/audit-examples.ts';
import { armEvent, keyVaultEvent, NOW } from '../signals/examples.ts';

const LENGTH = 200_000;
/** On these, a pattern that looks at every place more than once takes hours. */
const LONG: Readonly<Record<string, string>> = {
  slashes: `${'/'.repeat(LENGTH)}x`,
  'blanks within': `a${' '.repeat(LENGTH)}x`,
  digits: `${'9'.repeat(LENGTH)}x`,
  letters: `${'a'.repeat(LENGTH)}!`,
  'open brackets': '['.repeat(LENGTH),
  'commas and quotes': ',"'.repeat(LENGTH / 2),
  'an id without an end': `/subscriptions/${'a/'.repeat(LENGTH / 2)}providers/x`,
  'a vault address without an end': `https://${'a'.repeat(LENGTH)}.vault.azure.net/keys/${'k/'.repeat(LENGTH)}`,
};
const READERS: readonly ((text: string) => unknown)[] = [
  readMoment,
  readPrincipal,
  armPath,
  armIdParts,
  normalId,
  systemKey,
  scopeFrom,
  instantFrom,
  httpsAddress,
  claimsIn,
  linkTo,
  plain,
  (text) => [sameId(text, `${text}/`), isUnder(text, text)],
  (text) => retryAfterMs(text, 0),
  (text) => readMessage(text, NOW),
  (text) => readMessage({ ...armEvent({ scope: text, operation: text }), eventType: text }, NOW),
  (text) =>
    readMessage(
      armEvent({ scope: text, data: { claims: { name: text, upn: text }, httpRequest: text } }),
      NOW,
    ),
  (text) => readMessage(keyVaultEvent(text, { VaultName: text, ObjectName: text }), NOW),
  (text) =>
    readAuditBatch(
      [{ records: [auditRecord({ id: text, requestUri: text, record: { resourceId: text } })] }],
      NOW,
    ),
];

// The time is not asserted, since it depends on the machine: the runner ends a test that never ends.
for (const [name, text] of Object.entries(LONG))
  test(`no reader of a text hangs on ${name}, ${text.length} characters of it`, async () => {
    for (const read of READERS) await read(text);
    assert.equal(READERS.length, 19);
  });
