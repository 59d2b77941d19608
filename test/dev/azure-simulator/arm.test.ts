import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  AUTHORIZATION,
  type Body,
  KEY_VAULT,
  mainIds,
  POLICIES,
  startTestSimulator,
  type TestSimulator,
} from './harness.ts';

async function every(simulator: TestSimulator, path: string): Promise<Body[]> {
  const { body } = await simulator.read(path);
  return [...(body.value ?? []), ...(body.nextLink ? await every(simulator, body.nextLink) : [])];
}

async function postControl(simulator: TestSimulator, path: string, body: object): Promise<Body> {
  const answer = await fetch(`${simulator.control}${path}`, { method: 'POST', body: JSON.stringify(body) });
  return (await answer.json()) as Body;
}

describe('Resource Manager in the Azure simulator', async () => {
  const simulator = await startTestSimulator();
  const ids = mainIds(simulator);

  test('refuses a call without a token, with a broken one, and with one for another audience', async () => {
    const bare = await fetch(`${simulator.arm}${ids.vault}?${KEY_VAULT}`);
    assert.equal(bare.status, 401);
    assert.match(bare.headers.get('www-authenticate') ?? '', /^Bearer authorization_uri=/);
    const good = await simulator.token('https://management.azure.com/');
    const broken = await simulator.read(`${ids.vault}?${KEY_VAULT}`, { token: `${good.slice(0, -3)}AAA` });
    assert.equal(broken.body.error?.code, 'InvalidAuthenticationToken');
    const other = await simulator.read(`${ids.vault}?${KEY_VAULT}`, {
      token: await simulator.token('https://storage.azure.com'),
    });
    assert.equal(other.body.error?.code, 'InvalidAuthenticationTokenAudience');
  });

  test('wants an api-version, and one that it knows', async () => {
    assert.equal((await simulator.read(ids.vault)).body.error?.code, 'MissingApiVersionParameter');
    const unknown = await simulator.read(`${ids.vault}?api-version=1999-01-01`);
    assert.equal(unknown.status, 400);
    assert.equal(unknown.body.error?.code, 'NoRegisteredProviderFound');
  });

  test('ids compare without case, and doubled slashes mean nothing', async () => {
    const shouted = await simulator.read(`/${ids.vault.toUpperCase()}?${KEY_VAULT}`);
    assert.equal(shouted.status, 200);
    assert.equal(shouted.body.id, ids.vault);
  });

  test('tells apart what is gone: subscription, resource group, vault, key, deleted vault', async () => {
    const code = async (path: string) => {
      const { status, body } = await simulator.read(path);
      assert.equal(status, 404);
      return body.error?.code;
    };
    const nowhere = ids.vault.replace(
      simulator.subscriptions[0] ?? '',
      '00000000-0000-0000-0000-000000000001',
    );
    assert.equal(await code(`${nowhere}?${KEY_VAULT}`), 'SubscriptionNotFound');
    assert.equal(
      await code(`${ids.vault.replace('rg-keys-eu', 'rg-none')}?${KEY_VAULT}`),
      'ResourceGroupNotFound',
    );
    assert.equal(await code(`${ids.vault}x?${KEY_VAULT}`), 'ResourceNotFound');
    assert.equal(await code(`${ids.policy}x?${POLICIES}`), 'ResourceNotFound');
    assert.equal(await code(`${ids.key}x?${KEY_VAULT}`), 'KeyNotFound');
    assert.equal(await code(`${ids.key}x/versions?${KEY_VAULT}`), 'KeyNotFound');
    assert.equal(await code(`${ids.deletedVault}?${KEY_VAULT}`), 'DeletedVaultNotFound');
  });

  test('lists policies in pages on its own host, and only those of the scope', async () => {
    const first = await simulator.read(`${ids.policies}?${POLICIES}`);
    assert.equal(first.body.value?.length, 5);
    assert.equal(new URL(first.body.nextLink ?? '').origin, simulator.arm);
    const names = (await every(simulator, `${ids.policies}?${POLICIES}`)).map((policy) => policy.name);
    assert.deepEqual(names.sort(), [
      'ep-apps',
      'ep-empty',
      'ep-field',
      'ep-finance',
      'ep-network',
      'ep-people',
    ]);
    const group = `${ids.subscription}/resourceGroups/rg-keys-eu/providers/Microsoft.PowerPlatform/enterprisePolicies`;
    assert.deepEqual((await simulator.read(`${group}?${POLICIES}`)).body, { value: [] });
  });

  test('a list of key versions tells no type and no operations, as the published example; the version does', async () => {
    const [listed] = await every(simulator, `${ids.key}/versions?${KEY_VAULT}`);
    assert.equal(listed?.properties?.kty, undefined);
    assert.equal(listed?.properties?.keyOps, undefined);
    const one = await simulator.read(`${ids.key}/versions/${listed?.name}?${KEY_VAULT}`);
    assert.equal(one.body.properties?.kty, 'RSA');
    assert.match(
      String(one.body.properties?.keyUriWithVersion),
      /\.vault\.azure\.net:443\/keys\/cmk-finance\/[0-9a-f]{32}$/,
    );
  });

  test('assignedTo() tells inherited and group assignments; principalId does not follow groups', async () => {
    const policy = await simulator.read(`${ids.policy.replace('finance', 'apps')}?${POLICIES}`);
    const principal = (policy.body.identity as { principalId: string }).principalId;
    const scope = `${ids.subscription}/resourceGroups/rg-keys-apps/providers/Microsoft.KeyVault/vaults/kv-contoso-apps`;
    const list = (filter: string) =>
      every(
        simulator,
        `${scope}/providers/Microsoft.Authorization/roleAssignments?${AUTHORIZATION}&$filter=${encodeURIComponent(filter)}`,
      );
    const [assigned, ...more] = await list(`assignedTo('${principal}')`);
    assert.equal(assigned?.properties?.principalType, 'Group');
    assert.equal(assigned?.properties?.scope, `${ids.subscription}/resourceGroups/rg-keys-apps`);
    assert.deepEqual(more, []);
    assert.deepEqual(await list(`principalId eq '${principal}'`), []);
    const refused = await simulator.read(
      `${scope}/providers/Microsoft.Authorization/roleAssignments?${AUTHORIZATION}&$filter=name eq 'x'`,
    );
    assert.equal(refused.status, 400);
  });

  test('without atScope() a list tells what lies below the scope as well', async () => {
    const list = async (filter: string) =>
      (
        await every(
          simulator,
          `${ids.vault}/providers/Microsoft.Authorization/roleAssignments?${AUTHORIZATION}${filter}`,
        )
      ).map((assignment) => assignment.properties?.scope);
    const keyScope = `${ids.vault}/keys/cmk-people`;
    assert.ok((await list('')).includes(keyScope));
    const atScope = await list('&$filter=atScope()');
    assert.ok(!atScope.includes(keyScope) && atScope.includes(ids.vault));
  });

  test('DELETE of a policy is refused to Reader, and to its owner while environments link to it', async () => {
    const reader = await simulator.read(`${ids.policy}?${POLICIES}`, { method: 'DELETE' });
    assert.equal(reader.status, 403);
    const { access_token } = await postControl(simulator, '/tokens', {
      resource: 'https://management.azure.com',
    });
    const owner = { token: String(access_token), method: 'DELETE' };
    const linked = await simulator.read(`${ids.policy}?${POLICIES}`, owner);
    assert.equal(linked.status, 400);
    assert.equal(linked.body.error?.code, 'EnterprisePolicyDeleteNotAllowed');
    const empty = ids.policy.replace('finance', 'empty');
    assert.equal((await simulator.read(`${empty}?${POLICIES}`, owner)).status, 200);
    assert.equal((await simulator.read(`${empty}?${POLICIES}`)).status, 404);
  });

  test('without the Reader role every read of that subscription is forbidden, and of the other one not', async () => {
    await simulator.scenario('reader-revoked');
    const { status, body } = await simulator.read(`${ids.vault}?${KEY_VAULT}`);
    assert.equal(status, 403);
    assert.equal(body.error?.code, 'AuthorizationFailed');
    const other = ids.policies.replace(simulator.subscriptions[0] ?? '', simulator.subscriptions[1] ?? '');
    assert.equal((await simulator.read(`${other}?${POLICIES}`)).status, 200);
    await simulator.scenario('reader-granted');
    assert.equal((await simulator.read(`${ids.vault}?${KEY_VAULT}`)).status, 200);
  });

  test('faults are data: throttled with Retry-After as often as told, then well again', async () => {
    await postControl(simulator, '/faults', {
      service: 'arm',
      path: '/vaults/',
      kind: 'throttle',
      retryAfter: 7,
      times: 1,
    });
    const throttled = await simulator.read(`${ids.vault}?${KEY_VAULT}`);
    assert.equal(throttled.status, 429);
    assert.equal(throttled.headers.get('retry-after'), '7');
    assert.equal((await simulator.read(`${ids.vault}?${KEY_VAULT}`)).status, 200);
  });

  test('a fault may hang one path until its caller gives up, while others answer', async () => {
    await postControl(simulator, '/faults', { service: 'arm', path: '*/keys/*', kind: 'hang' });
    const headers = { authorization: `Bearer ${await simulator.token('https://management.azure.com')}` };
    const signal = AbortSignal.timeout(100);
    await assert.rejects(fetch(`${simulator.arm}${ids.key}?${KEY_VAULT}`, { headers, signal }), {
      name: 'TimeoutError',
    });
    assert.equal((await simulator.read(`${ids.vault}?${KEY_VAULT}`)).status, 200);
    await fetch(`${simulator.control}/faults`, { method: 'DELETE' });
    assert.equal((await simulator.read(`${ids.key}?${KEY_VAULT}`)).status, 200);
  });
});

describe('what propagates late', async () => {
  let now = Date.parse('2026-11-23T12:00:00Z');
  const simulator = await startTestSimulator({ propagationDelayMs: 60_000 }, () => now);
  const ids = mainIds(simulator);
  const assigned = async () =>
    (
      await every(
        simulator,
        `${ids.vault}/providers/Microsoft.Authorization/roleAssignments?${AUTHORIZATION}&$filter=atScope()`,
      )
    )
      .map((assignment) => assignment.properties?.scope)
      .includes(ids.vault);
  const access = async () =>
    (await simulator.read(`${ids.vault}?${KEY_VAULT}`)).body.properties?.publicNetworkAccess;

  test('a removed role and a closed network show one propagation delay later, a disabled key at once', async () => {
    await simulator.scenario('permissions-revoked');
    await simulator.scenario('public-access-disabled');
    await simulator.scenario('key-disabled');
    assert.deepEqual([await assigned(), await access()], [true, 'Enabled']);
    const key = await simulator.read(`${ids.key}?${KEY_VAULT}`);
    assert.partialDeepStrictEqual(key.body.properties, { attributes: { enabled: false } });
    now += 59_999;
    assert.deepEqual([await assigned(), await access()], [true, 'Enabled']);
    now += 1;
    assert.deepEqual([await assigned(), await access()], [false, 'Disabled']);
  });
});

describe('the managed identity endpoint', async () => {
  const simulator = await startTestSimulator();
  const ask = (query: string, header = simulator.identityHeader) =>
    fetch(`${simulator.identity}?${query}`, { headers: { 'x-identity-header': header } });

  test('answers as App Service does', async () => {
    const answer = await ask(
      `resource=https://storage.azure.com&api-version=2019-08-01&client_id=${simulator.clientId}`,
    );
    const body = (await answer.json()) as Record<string, string>;
    assert.deepEqual(Object.keys(body).sort(), [
      'access_token',
      'client_id',
      'expires_on',
      'resource',
      'token_type',
    ]);
    assert.ok(Number(body.expires_on) > Date.now() / 1000 + 3600);
    const claims = JSON.parse(Buffer.from(body.access_token?.split('.')[1] ?? '', 'base64url').toString());
    assert.equal(claims.aud, 'https://storage.azure.com');
    assert.equal(claims.iss, `https://sts.windows.net/${simulator.tenantId}/`);
  });

  test('refuses a wrong secret, an unknown identity, resource and version', async () => {
    const good = 'resource=https://storage.azure.com&api-version=2019-08-01';
    assert.equal((await ask(good, 'wrong')).status, 401);
    assert.equal((await ask(`${good}&client_id=someone`)).status, 400);
    assert.equal((await ask(good.replace('storage', 'stowage'))).status, 400);
    assert.equal((await ask(good.replace('2019', '2017'))).status, 400);
  });
});

describe('the Power Platform admin API', async () => {
  const simulator = await startTestSimulator();
  const LIST = '/providers/Microsoft.BusinessAppPlatform/scopes/admin/environments?api-version=2023-06-01';
  const list = async (path: string): Promise<Body[]> => {
    const answer = await fetch(path, {
      headers: { authorization: `Bearer ${await simulator.token('https://service.powerapps.com/')}` },
    });
    const body = (await answer.json()) as Body;
    assert.equal(answer.status, 200);
    return [...(body.value ?? []), ...(body.nextLink ? await list(body.nextLink) : [])];
  };

  test('lists every environment in pages, with its link only when asked to expand it', async () => {
    const plain = await list(`${simulator.powerPlatform}${LIST}`);
    const expanded = await list(`${simulator.powerPlatform}${LIST}&$expand=properties/enterprisePolicies`);
    assert.equal(plain.length, 16);
    assert.ok(plain.every((environment) => environment.properties?.enterprisePolicies === undefined));
    const linked = expanded.filter((environment) => environment.properties?.enterprisePolicies !== undefined);
    assert.equal(linked.length, 14);
  });

  test('a locked environment is Disabled in runtime and instance, and its siblings elsewhere are not', async () => {
    await simulator.scenario('key-disabled', { policy: 'ep-sales' });
    for (const environment of await list(`${simulator.powerPlatform}${LIST}`)) {
      const { states, linkedEnvironmentMetadata, displayName } = environment.properties as Record<
        string,
        Body
      >;
      const locked = String(displayName).startsWith('Sales');
      assert.partialDeepStrictEqual(states, { runtime: { id: locked ? 'Disabled' : 'Enabled' } });
      if (linkedEnvironmentMetadata)
        assert.equal(linkedEnvironmentMetadata.instanceState, locked ? 'Disabled' : 'Ready');
    }
  });

  test('answers 403 to an identity without the reader role, and 401 to a token for another audience', async () => {
    const status = async (resource: string) => {
      const headers = { authorization: `Bearer ${await simulator.token(resource)}` };
      return (await fetch(`${simulator.powerPlatform}${LIST}`, { headers })).status;
    };
    assert.equal(await status('https://management.azure.com'), 401);
    await simulator.scenario('environment-reader-revoked');
    assert.equal(await status('https://service.powerapps.com'), 403);
  });
});
