import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ArmSession, armClient } from '../../shared/azure/arm-client.ts';
import { deadlineIn } from '../../shared/azure/deadline.ts';
import type { Outcome } from '../../shared/azure/outcome.ts';
import { concurrencyLimiter, type RateLimiter } from '../../shared/azure/rate-limiter.ts';
import { armError, fakeAzure, list, ORIGIN, type Play } from '../facts/fake-azure.ts';
import {
  CURRENT,
  DELETED_VAULT,
  KEY,
  keyAnswer,
  POLICY,
  SUBSCRIPTION,
  stage,
  VAULT,
  vaultAnswer,
  versionItem,
} from '../facts/tenant.ts';
import { handClock } from './hand-clock.ts';

const SUBSCRIPTION_ID = SUBSCRIPTION.split('/')[2] ?? '';
const SECRET = 'a-word-of-the-body';

/** Every operation of Key Vault that is read, the path that it asks for, and a good answer. */
const DOCUMENTS = {
  'a vault': { path: VAULT, ask: (arm: ArmSession) => arm.keyVault.vault(VAULT) },
  'a deleted vault': {
    path: DELETED_VAULT,
    ask: (arm: ArmSession) => arm.keyVault.deletedVault(SUBSCRIPTION_ID, 'westeurope', 'kv1'),
  },
  'a key': { path: KEY, ask: (arm: ArmSession) => arm.keyVault.key(VAULT, 'cmk') },
  'a version of a key': {
    path: `${KEY}/versions/${CURRENT}`,
    ask: (arm: ArmSession) => arm.keyVault.key(VAULT, 'cmk', CURRENT),
  },
};
const LISTS = {
  'deleted vaults': {
    path: `${SUBSCRIPTION}/providers/Microsoft.KeyVault/deletedVaults`,
    ask: (arm: ArmSession) => arm.keyVault.deletedVaults(SUBSCRIPTION_ID),
  },
  'the versions of a key': {
    path: `${KEY}/versions`,
    ask: (arm: ArmSession) => arm.keyVault.keyVersions(VAULT, 'cmk'),
  },
};
type Read = { path: string; ask(arm: ArmSession): Promise<Outcome<unknown>> };

const json = { 'content-type': 'application/json; charset=utf-8' };
const html = { 'content-type': 'text/html' };

function begin(rateLimiter: RateLimiter = concurrencyLimiter(8)) {
  const clock = handClock();
  const azure = fakeAzure(clock);
  const scopes: (string | string[])[] = [];
  const arm = armClient({
    armEndpoint: ORIGIN,
    armScope: 'scope',
    clock,
    httpClient: azure,
    credential: {
      getToken: async (scope) => {
        scopes.push(scope);
        return { token: 'secret-token', expiresOnTimestamp: Number.MAX_SAFE_INTEGER };
      },
    },
  })(deadlineIn(10_000, clock), rateLimiter);
  return { arm, azure, clock, scopes };
}

async function outcomeOf(read: Read, play: Play) {
  const { arm, azure, clock, scopes } = begin();
  azure.on(read.path, play);
  const outcome = await clock.drive(read.ask(arm));
  return { outcome, azure, clock, scopes };
}

/** The outcome as words: its kind, and why. */
function inWords(outcome: Outcome<unknown>): string {
  if (outcome.kind === 'answered') return `answered ${JSON.stringify(outcome.value)}`;
  if (outcome.kind === 'refused') return `refused ${outcome.status} ${outcome.code}`.trim();
  return `failed ${outcome.reason}: ${outcome.because}`;
}

describe('an operation of Key Vault', () => {
  for (const [name, read] of Object.entries({ ...DOCUMENTS, ...LISTS }))
    it(`asks for ${name} once in a session, with the token of the scope, at its documented address`, async () => {
      const { arm, azure, clock, scopes } = begin();
      azure.on(read.path, list());
      await clock.drive(Promise.all([read.ask(arm), read.ask(arm), read.ask(arm)]));
      assert.deepEqual(azure.asked, [`${read.path.toLowerCase()}?api-version=2026-02-01`]);
      assert.equal(azure.requests[0]?.headers.get('authorization'), 'Bearer secret-token');
      assert.equal(azure.requests[0]?.method, 'GET');
      assert.deepEqual(scopes, ['scope']);
    });

  const ODD: [string, Play, string][] = [
    ['null', { body: 'null', headers: json }, 'answered null'],
    ['a text', { body: '"text"', headers: json }, 'answered "text"'],
    ['a list instead', { body: '[]', headers: json }, 'answered []'],
    ['no properties', { body: '{"id":7}', headers: json }, 'answered {"id":7}'],
    [
      'a sign-in page with 200',
      { body: `<html>${SECRET}`, headers: html },
      'failed invalidAnswer: answered with what is not JSON',
    ],
    [
      'broken JSON',
      { body: `{"${SECRET}":`, headers: json },
      'failed invalidAnswer: answered with what is not JSON',
    ],
    ['nothing', { body: '', headers: json }, 'failed invalidAnswer: answered with what is not JSON'],
    ['204', { status: 204, body: '' }, 'failed invalidAnswer: answered with what is not JSON'],
    ['an empty 404', { status: 404, body: '' }, 'refused 404'],
    ['null with 404', { status: 404, body: 'null', headers: json }, 'refused 404'],
    ['a page with 403', { status: 403, body: `<html>${SECRET}`, headers: html }, 'refused 403'],
    ['broken JSON with 400', { status: 400, body: `{"${SECRET}":`, headers: json }, 'refused 400'],
    ['a code', armError(404, 'ResourceNotFound', SECRET), 'refused 404 ResourceNotFound'],
    [
      'a redirect to another host',
      { status: 302, body: '', headers: { location: 'https://evil.example/x' } },
      'refused 302',
    ],
  ];
  for (const [name, read] of Object.entries(DOCUMENTS))
    for (const [odd, play, expected] of ODD)
      it(`takes ${odd} for ${name} as it came: ${expected}`, async () => {
        const { outcome, azure } = await outcomeOf(read, play);
        assert.equal(inWords(outcome), expected);
        assert.equal(azure.requests.length, 1);
      });

  const ODD_LISTS: [string, Play, string][] = [
    ...ODD.filter(([, , expected]) => !expected.startsWith('answered')),
    ['null', { body: 'null', headers: json }, 'failed invalidAnswer: answered without a list'],
    ['a text', { body: '"text"', headers: json }, 'failed invalidAnswer: answered without a list'],
    ['no value', { body: {}, headers: json }, 'failed invalidAnswer: answered without a list'],
    ['no list', { body: { value: {} }, headers: json }, 'failed invalidAnswer: answered without a list'],
    ['odd items', { body: { value: [null, 7, {}] }, headers: json }, 'answered [null,7,{}]'],
    [
      'a nextLink that is a number',
      { body: { value: [], nextLink: 7 } },
      'failed invalidAnswer: answered with a nextLink that is no address',
    ],
  ];
  for (const [name, read] of Object.entries(LISTS)) {
    for (const [odd, play, expected] of ODD_LISTS)
      it(`takes ${odd} for ${name} as it came: ${expected}`, async () => {
        assert.equal(inWords((await outcomeOf(read, play)).outcome), expected);
      });

    it(`reads ${name} to the last page, and nextLink may be relative, null or empty`, async () => {
      for (const end of [undefined, null, '']) {
        const { arm, azure, clock } = begin();
        azure.on(read.path, { body: { value: [1], nextLink: `${ORIGIN}/x2?$skiptoken=a` } });
        azure.on('/x2', { body: { value: [2], nextLink: '/x3' } });
        azure.on('/x3', { body: { value: [3], nextLink: end } });
        const outcome = await clock.drive(read.ask(arm));
        assert.deepEqual(outcome.kind === 'answered' && outcome.value, [1, 2, 3]);
        assert.deepEqual(
          azure.requests.map(({ headers }) => headers.get('authorization')),
          Array(3).fill('Bearer secret-token'),
        );
      }
    });

    it(`never follows a nextLink of ${name} to another origin`, async () => {
      for (const nextLink of [
        'https://evil.example/x2',
        'http://management.azure.com/x2',
        'https://management.azure.com:8443/x2',
        'https://management.azure.com.evil.example/x2',
        'https://user@management.azure.com/x2',
        '//evil.example/x2',
      ]) {
        const { outcome, azure } = await outcomeOf(read, { body: { value: [1], nextLink } });
        assert.equal(outcome.kind === 'failed' && outcome.reason, 'invalidAnswer', nextLink);
        assert.equal(azure.requests.length, 1, nextLink);
      }
    });

    it(`ends where a nextLink of ${name} leads back to where it was`, async () => {
      for (const nextLink of [`${ORIGIN}${read.path}?api-version=2026-02-01`, '/x2']) {
        const { arm, azure, clock } = begin();
        azure.on(read.path, { body: { value: [1], nextLink } });
        azure.on('/x2', { body: { value: [1], nextLink } });
        const outcome = await clock.drive(read.ask(arm));
        assert.equal(inWords(outcome), 'failed invalidAnswer: answered with pages that never end');
        assert.equal(azure.requests.length, 2);
      }
    });
  }

  it('waits for a Retry-After, takes a slot for each try and reports the throttling', async () => {
    const entered: string[] = [];
    const { arm, azure, clock } = begin({
      async enter(url) {
        entered.push(url.pathname);
        return () => entered.push('released');
      },
      throttled: (_, untilMs) => entered.push(`throttled for ${untilMs - clock.nowMs()}`),
    });
    azure.on(VAULT, (_, count) =>
      count === 1 ? { status: 429, headers: { 'retry-after': '3' } } : { body: vaultAnswer() },
    );
    const began = clock.nowMs();
    const outcome = await clock.drive(arm.keyVault.vault(VAULT));
    assert.deepEqual([outcome.kind, clock.nowMs() - began], ['answered', 3000]);
    assert.deepEqual(entered, [VAULT, 'released', 'throttled for 3000', VAULT, 'released']);
  });

  it('is tried once more where the connection breaks or Azure answers 5xx, and no third time', async () => {
    for (const bad of [{ breaks: 'ECONNRESET' }, { status: 500 }]) {
      const { outcome, azure } = await outcomeOf(DOCUMENTS['a vault'], bad);
      assert.equal(outcome.kind === 'failed' && outcome.reason, 'unavailable');
      assert.equal(azure.requests.length, 2);
      assert.doesNotMatch(JSON.stringify(outcome), /secret/);
    }
  });

  it('is aborted at the deadline', async () => {
    const { outcome, azure } = await outcomeOf(DOCUMENTS['a key'], { afterMs: 60_000 });
    assert.equal(outcome.kind === 'failed' && outcome.reason, 'timeout');
    assert.equal(azure.requests[0]?.abortSignal?.aborted, true);
  });

  it('sends nothing for what is no id of a vault, or no name of a key', async () => {
    const { arm, azure, clock } = begin();
    const { vault, key, keyVersions, deletedVault } = arm.keyVault;
    for (const asked of [
      vault(''),
      vault(SUBSCRIPTION),
      vault(`${VAULT}/../kv2`),
      vault(`${VAULT}/keys/cmk`),
      vault(VAULT.replace('/vaults/', '/managedHSMs/')),
      vault(`https://evil.example${VAULT}`),
      key(VAULT, ''),
      key(VAULT, 'cmk/versions/1'),
      key(VAULT, '..'),
      key(VAULT, 'cmk', ''),
      key(VAULT, 'cmk', '1?x=2'),
      keyVersions(VAULT, 'cmk#'),
      deletedVault('', 'westeurope', 'kv1'),
      deletedVault(SUBSCRIPTION_ID, '..', 'kv1'),
    ]) {
      const outcome = await clock.drive(asked);
      assert.equal(outcome.kind === 'failed' && outcome.reason, 'invalidAnswer');
    }
    assert.deepEqual(azure.asked, []);
  });

  it('sends nothing in a plan, and is counted in it once, as by its plain address', () => {
    const { arm, azure } = begin();
    const planned = arm.plan(({ keyVault, get }) => {
      keyVault.vault(VAULT);
      keyVault.vault(VAULT.toUpperCase());
      get(VAULT, 'api-version=2026-02-01');
      keyVault.key(VAULT, 'cmk');
      keyVault.keyVersions(VAULT, 'cmk');
    });
    assert.deepEqual([...planned], [[SUBSCRIPTION_ID, 3]]);
    assert.deepEqual(azure.asked, []);
  });
});

describe('a reading of a policy’s chain', () => {
  const ODD_FIELDS: [string, string, Play][] = [
    ['text for a flag', VAULT, { body: vaultAnswer({ enableRbacAuthorization: SECRET }) }],
    ['no properties', VAULT, { body: { id: VAULT, location: 'westeurope' } }],
    ['null', VAULT, { body: 'null', headers: json }],
    ['a sign-in page', VAULT, { body: `<html>${SECRET}`, headers: html }],
    ['broken JSON', VAULT, { body: `{"${SECRET}":`, headers: json }],
    ['an empty 404', VAULT, { status: 404, body: '' }],
    ['a foreign nextLink', `${KEY}/versions`, { body: { value: [], nextLink: 'https://evil.example/x' } }],
    [
      'text for a flag of a version',
      `${KEY}/versions`,
      list(versionItem(CURRENT, { enabled: SECRET }), versionItem(CURRENT, { enabled: SECRET })),
    ],
  ];
  for (const [odd, path, play] of ODD_FIELDS)
    it(`is unknown and never gone where Azure answers ${odd}, and says nothing of the body`, async () => {
      const { azure, read } = stage();
      azure.on(path, play);
      azure.on(KEY, path === VAULT ? { body: keyAnswer() } : { status: 500 });
      const facts = await read(POLICY);
      const part = path === VAULT ? facts.vault : facts.key;
      assert.deepEqual(part.state === 'unknown' ? part.reason : part, 'invalidAnswer');
      assert.doesNotMatch(JSON.stringify(facts), new RegExp(`${SECRET}|secret-token`));
      assert.ok(azure.requests.every(({ url }) => url.startsWith(`${ORIGIN}/`)));
    });
});
