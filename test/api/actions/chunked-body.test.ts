import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PRODUCT_HOST_JSON, startFixture, type TestHost } from '../../dev/functions-host/host-app.ts';

// The real HTTP functions in a host that hands a chunked body over as Azure's does: not at all.
let host: TestHost;
const cleanups: (() => Promise<void>)[] = [];
before(async () => {
  host = await startFixture('../../../../api/actions/http-app', {
    files: PRODUCT_HOST_JSON,
    env: {
      LOCKWATCH_SUBSCRIPTIONS: '11111111-1111-1111-1111-111111111111',
      AzureWebJobsStorage__tableServiceUri: 'https://x.table.core.windows.net',
      LOCKWATCH_TEAMS_WEBHOOK_URL: 'https://example.com/workflows?sig=abc',
      LOCKWATCH_ACCESS: 'none',
      WEBSITE_SITE_NAME: '',
      WEBSITE_AUTH_ENABLED: '',
    },
    onCleanup: (clean) => cleanups.push(clean),
  });
});
after(async () => {
  for (const clean of cleanups.reverse()) await clean();
});

async function post(path: string, text: string, isChunked: boolean) {
  const response = await fetch(`${host.url}/api${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    ...(isChunked ? { body: new Blob([text]).stream(), duplex: 'half' } : { body: text }),
  } as RequestInit);
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
}

test('an action whose body is sent in chunks is refused and says why; with Content-Length it is done', async () => {
  const listed = await fetch(`${host.url}/api/incidents?state=open`);
  const { incidents } = (await listed.json()) as { incidents: { id: string }[] };
  const id = incidents[0]?.id ?? assert.fail('no incident');
  for (const [path, body] of [
    [`/incidents/${id}/acknowledge`, { why: 'I call the vault team', by: 'Ann' }],
    [`/incidents/${id}/silence`, { until: '4h', why: 'known' }],
    [`/incidents/${id}/support-case`, { number: '2611200010000123' }],
    ['/policies/p2/silence', { until: '4h', why: 'a test' }],
    [`/incidents/${id}/close`, { why: 'the policy is retired' }],
  ] as const) {
    const lost = await post(path, JSON.stringify(body), true);
    assert.equal(lost.status, 400, path);
    assert.match(String(lost.json.detail), /empty.*Content-Length/, path);
    const taken = await post(path, JSON.stringify(body), false);
    assert.equal(taken.status, 200, JSON.stringify(taken.json));
  }
});
