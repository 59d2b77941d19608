import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findSecrets } from './find-secrets.ts';

const SECRET = 'https://hook.example/flows/1?sp=%2Ftriggers&sig=Xy9-a_b+c/d';

test('a secret is found in each output as it is and in every usual spelling, and is not repeated in the report', () => {
  const spellings = {
    plain: `posting to ${SECRET} failed`,
    json: JSON.stringify({ deep: [JSON.stringify({ url: SECRET })] }),
    encoded: `?next=${encodeURIComponent(SECRET)}`,
    html: `<a href="${SECRET.replaceAll('&', '&amp;')}">`,
    hex: Buffer.from(SECRET).toString('hex'),
    upperCase: SECRET.toUpperCase(),
    ...Object.fromEntries(
      ['', 'a', 'ab', 'abc'].map((before) => [
        `base64 after '${before}'`,
        Buffer.from(`${before}${SECRET}tail`).toString('base64'),
      ]),
    ),
  };
  for (const [where, text] of Object.entries(spellings)) {
    const found = findSecrets({ 'the webhook address': SECRET }, { [where]: text, clean: 'nothing here' });
    assert.ok(
      found.some((line) => line.startsWith(`the webhook address in ${where}: `)),
      `${where}: ${found}`,
    );
    assert.ok(found.every((line) => !line.includes('clean') && !line.includes(SECRET)));
  }
});

test('what has the form of a secret is found without knowing it', () => {
  const formed = {
    token: `eyJhbGciOiJIUzI1NiJ9.eyJhdWQiOiJodHRwczovL2EifQ.c2lnbmF0dXJl`,
    bearer: 'authorization: Bearer abcdefghijklmnop1234',
    sas: 'https://x.blob.core.windows.net/c?sv=1&sig=abcdef%3D',
    functionKey: 'https://func.example/api/status?code=abcdef',
    connection: 'DefaultEndpointsProtocol=https;AccountName=x;AccountKey=abcdef==;',
    smtp: 'smtp://user:pass@mail.example:587',
  };
  for (const [where, text] of Object.entries(formed))
    assert.equal(findSecrets({}, { [where]: text }).length, 1, where);
});

test('ordinary answers, hashes and addresses are no secrets', () => {
  const clean = [
    '{"etag":"W/\\"datetime\'2026\'\\"","id":"/subscriptions/11111111-1111-1111-1111-111111111111"}',
    'https://portal.azure.com/#@contoso/resource/subscriptions/x?code',
    'signature sha256=ab12; Bearer is how to sign in',
    'az keyvault key show --vault-name kv-eu --name key-1',
    'ann@contoso.com at http://127.0.0.1:7071/api/status?policy=ep-sales',
  ].join('\n');
  assert.deepEqual(findSecrets({ short: 'kv-eu' }, { clean }), []);
});
