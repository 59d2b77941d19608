import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { listIn, textIn, valueIn } from '../../../tools/deploy/cli.ts';
import {
  APP_ROLES,
  completeRegistration,
  type Directory,
  directoryOf,
  ensureRegistration,
} from '../../../tools/deploy/sign-in.ts';
import { fakeGraph, type Lag, NO_LAG } from './fake-graph.ts';

const DIRECTORY: Directory = {
  graph: 'https://graph.microsoft.com',
  exchange: 'api://AzureADTokenExchange',
  tenantId: '22222222-2222-4222-8222-222222222222',
  login: 'https://login.microsoftonline.com',
};
const AZURE_CLI = '04b07795-8ddb-461a-bbee-02f9e1bf7b46';
const SCOPE = '5f3d1f0e-6a1c-4a57-9d0e-0d1f5d0c7a03';

/** Microsoft Graph on a virtual clock, and what azd has stored. */
function simulator(lag: Partial<Lag> = {}) {
  let at = 0;
  const clock = {
    now: () => at,
    async sleep(ms: number) {
      at += ms;
    },
  };
  const graph = fakeGraph(clock.now, { ...NO_LAG, ...lag });
  const stored: string[] = [];
  const ports = { rest: graph.rest, clock };
  return {
    ...graph,
    stored,
    ports,
    /** In seconds. */
    waited: () => at / 1000,
    /** One run of the hook, with what azd remembers from the one before. */
    ensure: () =>
      ensureRegistration(ports, DIRECTORY, {
        environmentName: 'lockwatch',
        clientId: stored.at(-1),
        store: async (clientId) => stored.push(clientId),
      }),
  };
}

describe('the app registration', () => {
  it('is made with our roles, the command line’s way in, no secret, and a role demanded of everybody', async () => {
    const { ensure, directory, asked } = simulator();
    const clientId = await ensure();
    const [application] = directory.applications;
    assert.deepEqual(valueIn(application, 'body', 'identifierUris'), [`api://${clientId}`]);
    assert.deepEqual(
      listIn(application, 'body', 'appRoles').map((role) => textIn(role, 'value')),
      APP_ROLES.map(({ value }) => value),
    );
    assert.equal(textIn(listIn(application, 'body', 'api', 'oauth2PermissionScopes')[0], 'id'), SCOPE);
    assert.deepEqual(listIn(application, 'body', 'api', 'preAuthorizedApplications'), [
      { appId: AZURE_CLI, delegatedPermissionIds: [SCOPE] },
    ]);
    const [principal] = directory.servicePrincipals;
    assert.deepEqual(
      [valueIn(principal, 'body', 'appId'), valueIn(principal, 'body', 'appRoleAssignmentRequired')],
      [clientId, true],
    );
    assert.doesNotMatch(JSON.stringify(directory), /password|secret/i);
    assert.deepEqual(
      asked.filter((one) => one.startsWith('post')),
      ['post applications', 'post servicePrincipals'],
    );
  });

  it('can’t define a scope and authorise a client for it in one request: Microsoft Graph answers 400', async () => {
    const { rest } = simulator();
    const api = {
      oauth2PermissionScopes: [{ id: SCOPE, value: 'user_impersonation' }],
      preAuthorizedApplications: [{ appId: AZURE_CLI, delegatedPermissionIds: [SCOPE] }],
    };
    const words =
      /Bad Request\(\{"error":\{"code":"InvalidValue","message":"Property api\.preAuthorizedApplications\.delegatedPermissionIds has a Permission Id that cannot be found in the AppPermissions sets\."/;
    const applications = 'https://graph.microsoft.com/v1.0/applications';
    await assert.rejects(rest.send('post', applications, { displayName: 'x', api }), words);
    const id = textIn(await rest.send('post', applications, { displayName: 'x' }), 'id');
    await assert.rejects(rest.send('patch', `${applications}/${id}`, { api }), words);
  });

  const LAGS: Record<string, Partial<Lag>> = {
    'its object is not found': { found: 20 },
    'its scope is not known': { scopes: 30 },
    'no service principal may be made for it': { backing: 25 },
    'it is said to be in another tenant': { backing: 25, backingRefusal: 'forbidden' },
    'one after the other is missing': { found: 15, scopes: 40, backing: 55, listed: 300 },
  };
  for (const [words, lag] of Object.entries(LAGS))
    it(`is waited for while ${words}`, async () => {
      const { ensure, directory, waited } = simulator(lag);
      const clientId = await ensure();
      assert.equal(directory.applications.length, 1);
      assert.equal(listIn(directory.applications[0], 'body', 'api', 'preAuthorizedApplications').length, 1);
      assert.equal(valueIn(directory.servicePrincipals[0], 'body', 'appId'), clientId);
      const { found = 0, scopes = 0, backing = 0 } = lag;
      const longest = Math.max(found, scopes, backing);
      assert.ok(waited() >= longest && waited() < longest + 10, `${waited()} s`);
    });

  it('is not waited for longer than a minute, and the next run continues with it, though no list shows it', async () => {
    const { ensure, directory, stored, waited } = simulator({ scopes: 90, listed: 300 });
    await assert.rejects(ensure(), /AppPermissions sets.*after a minute.*Run the same command again/s);
    assert.ok(waited() >= 55 && waited() <= 60, `${waited()} s`);
    assert.deepEqual(stored, [directory.applications[0]?.body.appId], 'stored right after it was made');
    assert.equal(directory.servicePrincipals.length, 0);
    assert.equal(await ensure(), stored[0]);
    assert.equal(directory.applications.length, 1);
    assert.equal(directory.servicePrincipals.length, 1);
  });

  it('is continued where its service principal was made, and no list shows that yet', async () => {
    const { ensure, directory } = simulator({ listed: 300 });
    await ensure();
    delete directory.servicePrincipals[0]?.body.appRoleAssignmentRequired;
    await ensure();
    assert.equal(directory.servicePrincipals.length, 1);
    assert.equal(directory.servicePrincipals[0]?.body.appRoleAssignmentRequired, true);
  });

  it('is not waited for where Microsoft Graph refuses for another reason', async () => {
    const { ensure, directory, stored, waited } = simulator();
    directory.denied = 'post servicePrincipals';
    await assert.rejects(ensure(), /Insufficient privileges/);
    assert.equal(waited(), 0);
    assert.equal(stored.length, 1);
  });

  it('is not made twice', async () => {
    const { ensure, directory, stored, asked } = simulator();
    await ensure();
    stored.length = 0;
    asked.length = 0;
    assert.equal(await ensure(), directory.applications[0]?.body.appId);
    assert.deepEqual(
      asked.filter((one) => one.startsWith('post')),
      [],
    );
    assert.equal(listIn(directory.applications[0], 'body', 'api', 'preAuthorizedApplications').length, 1);
  });

  it('that a person brought is left as it is', async () => {
    const { ensure, directory, rest, stored, asked } = simulator();
    await rest.send('post', 'https://graph.microsoft.com/v1.0/applications', { displayName: 'Ours' });
    const before = JSON.stringify(directory);
    stored.push(String(directory.applications[0]?.body.appId));
    asked.length = 0;
    assert.equal(await ensure(), stored[0]);
    assert.equal(JSON.stringify(directory), before);
    assert.equal(asked.length, 1);
  });

  it('that was deleted is named, with what to do', async () => {
    const { ensure, stored } = simulator();
    stored.push('aaaaaaaa-0000-4000-8000-00000000dead');
    await assert.rejects(
      ensure(),
      /LOCKWATCH_ENTRA_CLIENT_ID names .*dead.*there is none.*azd env set LOCKWATCH_ENTRA_CLIENT_ID ""/,
    );
  });

  it('is not guessed where there are several of its name', async () => {
    const { ensure, rest } = simulator();
    for (const _ of [1, 2])
      await rest.send('post', 'https://graph.microsoft.com/v1.0/applications', {
        displayName: 'Lockwatch (lockwatch)',
      });
    await assert.rejects(ensure(), /azd env set LOCKWATCH_ENTRA_CLIENT_ID/);
  });
});

describe('once the app is there', () => {
  const known = (clientId: string) => ({
    clientId,
    url: 'https://app.example',
    identityPrincipalId: 'identity-1',
    deployerObjectId: 'person-1',
  });

  it('the registration sends people back to it and trusts its identity; whoever deploys becomes operator', async () => {
    const { ensure, ports, directory } = simulator({ found: 20 });
    await completeRegistration(ports, DIRECTORY, known(await ensure()));
    const [application] = directory.applications;
    assert.deepEqual(valueIn(application, 'body', 'web', 'redirectUris'), [
      'https://app.example/.auth/login/aad/callback',
    ]);
    assert.deepEqual(listIn(application, 'body', 'federatedIdentityCredentials'), [
      {
        name: 'lockwatch-identity-1',
        issuer: `${DIRECTORY.login}/${DIRECTORY.tenantId}/v2.0`,
        subject: 'identity-1',
        audiences: [DIRECTORY.exchange],
      },
    ]);
    const [principal] = directory.servicePrincipals;
    assert.deepEqual(listIn(principal, 'body', 'appRoleAssignedTo'), [
      { principalId: 'person-1', resourceId: principal?.body.id, appRoleId: APP_ROLES[1].id },
    ]);
  });

  it('nothing is granted or trusted twice', async () => {
    const { ensure, ports, asked } = simulator();
    const all = known(await ensure());
    await completeRegistration(ports, DIRECTORY, all);
    asked.length = 0;
    await completeRegistration(ports, DIRECTORY, all);
    assert.deepEqual(
      asked.filter((one) => one.startsWith('post')),
      [],
    );
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
