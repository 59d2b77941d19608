import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { describe, it } from 'node:test';
import type { AccessToken } from '@azure/core-auth';
import { appCredential, cachingCredential } from '../../shared/azure/credential.ts';
import { handClock } from './hand-clock.ts';

const HOUR = 3_600_000;

function stage(lifeMs = HOUR) {
  const clock = handClock();
  const asked: (string | string[])[] = [];
  const failure: { error?: Error } = {};
  const credential = cachingCredential(
    {
      async getToken(scopes): Promise<AccessToken> {
        asked.push(scopes);
        await Promise.resolve();
        if (failure.error) throw failure.error;
        return { token: `token ${asked.length}`, expiresOnTimestamp: clock.nowMs() + lifeMs };
      },
    },
    clock,
  );
  return { clock, asked, failure, credential };
}

describe('the caching credential', () => {
  it('asks once for many callers at once, and per scope', async () => {
    const { credential, asked } = stage();
    const tokens = await Promise.all([1, 2, 3].map(() => credential.getToken('a')));
    assert.deepEqual(new Set(tokens.map((token) => token?.token)).size, 1);
    await credential.getToken('b');
    await credential.getToken('a');
    assert.deepEqual(asked, ['a', 'b']);
  });

  it('keeps a token until five minutes before its end', async () => {
    const { credential, asked, clock } = stage();
    await credential.getToken('a');
    await clock.advance(HOUR - 5 * 60_000 - 1);
    await credential.getToken('a');
    assert.equal(asked.length, 1);
    await clock.advance(1);
    assert.equal((await credential.getToken('a'))?.token, 'token 2');
  });

  it('keeps a short-lived token for half its life', async () => {
    const { credential, asked, clock } = stage(60_000);
    await credential.getToken('a');
    await clock.advance(29_999);
    await credential.getToken('a');
    assert.equal(asked.length, 1);
    await clock.advance(1);
    await credential.getToken('a');
    assert.equal(asked.length, 2);
  });

  it('serves the old token while it stands, where a new one can’t be had', async () => {
    const { credential, failure, clock } = stage();
    await credential.getToken('a');
    failure.error = new Error('the identity endpoint is down');
    await clock.advance(HOUR - 60_000);
    assert.equal((await credential.getToken('a'))?.token, 'token 1');
    await clock.advance(60_000);
    await assert.rejects(credential.getToken('a'), /is down/);
  });

  it('does not keep a failure', async () => {
    const { credential, failure } = stage();
    failure.error = new Error('down');
    await assert.rejects(credential.getToken('a'));
    failure.error = undefined;
    assert.equal((await credential.getToken('a'))?.token, 'token 2');
  });

  it('gets a new token where claims say that the old one is refused', async () => {
    const { credential } = stage();
    await credential.getToken('a');
    assert.equal((await credential.getToken('a', { claims: 'c' }))?.token, 'token 2');
    assert.equal((await credential.getToken('a'))?.token, 'token 2');
  });

  it('one caller that gives up does not take the answer from the others', async () => {
    let given: unknown = 'nothing';
    const inner = {
      async getToken(_: string | string[], options?: object) {
        given = options && 'abortSignal' in options ? options.abortSignal : undefined;
        return { token: 't', expiresOnTimestamp: Number.MAX_SAFE_INTEGER };
      },
    };
    await cachingCredential(inner, handClock()).getToken('a', { abortSignal: AbortSignal.abort() });
    assert.equal(given, undefined);
  });
});

describe('the app’s own identity', () => {
  it('is the managed identity where the platform offers one, by its client id', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(`${request.headers['x-identity-header']} ${request.url}`);
      const expires = Math.floor(Date.now() / 1000) + 3600;
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({
          access_token: 'managed',
          expires_on: `${expires}`,
          resource: 'r',
          token_type: 'Bearer',
        }),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    process.env.IDENTITY_ENDPOINT = `http://127.0.0.1:${port}/token`;
    process.env.IDENTITY_HEADER = 'header-secret';
    try {
      const credential = appCredential({ clientId: 'client-1', environment: process.env });
      const token = await credential.getToken('https://management.azure.com/.default');
      assert.equal(token?.token, 'managed');
      assert.match(asked[0] ?? '', /^header-secret .*client_id=client-1/);
      assert.match(decodeURIComponent(asked[0] ?? ''), /resource=https:\/\/management\.azure\.com/);
    } finally {
      delete process.env.IDENTITY_ENDPOINT;
      delete process.env.IDENTITY_HEADER;
      server.close();
    }
  });
});
