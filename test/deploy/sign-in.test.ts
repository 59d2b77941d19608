import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Rest, textIn } from '../../local/deploy/cli.ts';
import {
  APP_ROLES,
  completeRegistration,
  type Directory,
  directoryOf,
  ensureRegistration,
} from '../../local/deploy/sign-in.ts';

const DIRECTORY: Directory = {
  graph: 'https://graph.microsoft.com',
  exchange: 'api://AzureADTokenExchange',
  tenantId: '22222222-2222-4222-8222-222222222222',
  login: 'https://login.microsoftonline.com',
};
const CLIENT = 'aaaaaaaa-0000-4000-8000-000000000001';

/** Microsoft Graph as far as it is asked: lists by a part of their address. */
function graph(lists: Record<string, unknown[]>) {
  const sent: { method: string; url: string; body: object }[] = [];
  const rest: Rest = {
    get: async () => ({ id: 'principal-1' }),
    list: async (url) => Object.entries(lists).find(([part]) => url.includes(part))?.[1] ?? [],
    async send(method, url, body) {
      sent.push({ method, url: url.replace(DIRECTORY.graph, ''), body });
      return method === 'post' ? { id: 'object-1', appId: CLIENT } : undefined;
    },
  };
  return { rest, sent };
}

describe('the app registration', () => {
  it('is made with our roles, the command line’s way in, no secret, and a role demanded of everybody', async () => {
    const { rest, sent } = graph({});
    assert.equal(await ensureRegistration(rest, DIRECTORY, 'lockwatch'), CLIENT);
    assert.deepEqual(
      sent.map(({ method, url }) => `${method} ${url}`),
      ['post /v1.0/applications', 'patch /v1.0/applications/object-1', 'post /v1.0/servicePrincipals'],
    );
    assert.deepEqual(Reflect.get(sent[1]?.body ?? {}, 'identifierUris'), [`api://${CLIENT}`]);
    assert.equal(Reflect.get(sent[2]?.body ?? {}, 'appRoleAssignmentRequired'), true);
    assert.doesNotMatch(JSON.stringify(sent), /password|secret/i);
    for (const { value } of APP_ROLES) assert.ok(JSON.stringify(sent[0]?.body).includes(value));
  });

  it('is not made twice', async () => {
    const { rest, sent } = graph({
      '/applications?': [{ id: 'object-1', appId: CLIENT }],
      '/servicePrincipals?': [{ id: 'principal-1' }],
    });
    assert.equal(await ensureRegistration(rest, DIRECTORY, 'lockwatch'), CLIENT);
    assert.deepEqual(
      sent.map(({ method }) => method),
      ['patch', 'patch'],
    );
  });

  it('is not guessed where there are several of its name', async () => {
    const twice = [{ id: '1' }, { id: '2' }];
    await assert.rejects(
      ensureRegistration(graph({ '/applications?': twice }).rest, DIRECTORY, 'lockwatch'),
      /azd env set LOCKWATCH_ENTRA_CLIENT_ID/,
    );
  });
});

describe('once the app is there', () => {
  const known = { clientId: CLIENT, url: 'https://app.example', identityPrincipalId: 'identity-1' };

  it('the registration sends people back to it and trusts its identity; whoever deploys becomes operator', async () => {
    const { rest, sent } = graph({});
    await completeRegistration(rest, DIRECTORY, { ...known, deployerObjectId: 'person-1' });
    const [web, trust, role] = sent.map(({ body }) => body);
    assert.match(JSON.stringify(web), /https:\/\/app\.example\/\.auth\/login\/aad\/callback/);
    assert.deepEqual(trust, {
      name: 'lockwatch-identity-1',
      issuer: `${DIRECTORY.login}/${DIRECTORY.tenantId}/v2.0`,
      subject: 'identity-1',
      audiences: [DIRECTORY.exchange],
    });
    assert.equal(textIn(role, 'appRoleId'), APP_ROLES[1].id);
  });

  it('nothing is granted or trusted twice', async () => {
    const again = graph({
      federatedIdentityCredentials: [{ subject: 'identity-1' }],
      appRoleAssignedTo: [{ principalId: 'person-1', appRoleId: APP_ROLES[1].id }],
    });
    await completeRegistration(again.rest, DIRECTORY, { ...known, deployerObjectId: 'person-1' });
    assert.equal(again.sent.length, 1);
  });
});

describe('the directory', () => {
  const run =
    (environmentName: string, activeDirectory: string) => async (_: string, args: readonly string[]) =>
      JSON.stringify(
        args[0] === 'cloud' ? { endpoints: { activeDirectory } } : { environmentName, tenantId: 't' },
      );

  it('is that of the cloud that the command line is signed in to', async () => {
    const government = await directoryOf(run('AzureUSGovernment', 'https://login.microsoftonline.us'));
    assert.equal(government.graph, 'https://graph.microsoft.us');
    assert.equal(government.exchange, 'api://AzureADTokenExchangeUSGov');
    assert.equal(government.login, 'https://login.microsoftonline.us');
    const china = await directoryOf(run('AzureChinaCloud', 'https://login.chinacloudapi.cn'));
    assert.equal(china.login, 'https://login.partner.microsoftonline.cn');
    assert.equal(
      (await directoryOf(run('AzureCloud', 'https://login.microsoftonline.com/'))).login,
      DIRECTORY.login,
    );
  });
});
