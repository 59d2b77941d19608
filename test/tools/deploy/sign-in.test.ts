import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { listIn, type Rest, textIn, valueIn } from '../../../tools/deploy/cli.ts';
import { deployedNeeds } from '../../../tools/deploy/deployed-needs.ts';
import { type Directory, directoryOf } from '../../../tools/deploy/directory.ts';
import { APP_ROLES, registrationNeeds } from '../../../tools/deploy/registration-needs.ts';
import { completeRegistration, ensureRegistration } from '../../../tools/deploy/sign-in.ts';
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
  const printed: string[] = [];
  const ports = { rest: graph.rest, clock, print: (line: string) => printed.push(line) };
  return {
    ...graph,
    stored,
    printed,
    ports,
    /** In seconds. */
    waited: () => at / 1000,
    /** One run of the hook, with what azd remembers from the one before. */
    ensure: () =>
      ensureRegistration(ports, DIRECTORY, {
        environmentName: 'lockwatch',
        hostSubscription: '11111111-1111-4111-8111-111111111111',
        clientId: stored.at(-1),
        store: async (clientId) => stored.push(clientId),
      }),
  };
}

const known = (clientId: string) => ({
  clientId,
  url: 'https://app.example',
  identityPrincipalId: 'identity-1',
  deployerObjectId: 'person-1',
});

/** Runs what was printed, as a POSIX shell reads it. */
async function runCommand(line: string, rest: Rest): Promise<void> {
  const [, method, url = '', json = ''] =
    /^ {2}az rest --method (patch|post) --url "([^"]+)" --headers \S+ --body '(.*)'$/s.exec(line) ?? [];
  assert.ok(method === 'patch' || method === 'post', line);
  await rest.send(method, url, JSON.parse(json.replaceAll("'\\''", "'")));
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
      ['post servicePrincipals'],
    );
  });

  const GRAPH = 'https://graph.microsoft.com/v1.0';
  const OTHER = { appId: 'another-client', delegatedPermissionIds: ['another-scope'] };

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
    await assert.rejects(ensure(), /AppPermissions sets.*after a minute/s);
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

  it('is not waited for where the deployer may not make its service principal: that is printed, and the deployment goes on', async () => {
    const { ensure, directory, stored, waited, printed } = simulator();
    directory.denied = ['post servicePrincipals'];
    assert.equal(await ensure(), stored[0]);
    assert.equal(waited(), 0);
    const [words = '', command = ''] = printed;
    assert.match(words, /lacks: an enterprise application that requires an assignment\./);
    assert.ok(command.includes(`az rest --method post --url "${GRAPH}/servicePrincipals"`), command);
    assert.equal(printed.length, 3);
  });

  it('is not made twice', async () => {
    const { ensure, directory, stored, asked } = simulator();
    await ensure();
    asked.length = 0;
    assert.equal(await ensure(), directory.applications[0]?.body.appId);
    assert.deepEqual(
      asked.filter((one) => /^(post|patch)/.test(one)),
      [],
      'a second run has nothing to change',
    );
    assert.equal(stored.length, 1);
  });

  for (const [words, lag] of [
    ['nothing shows it for 30 seconds', { listed: 30, found: 30 }],
    ['no list shows it for five minutes', { listed: 300 }],
    ['it is found at once', {}],
  ] as const)
    it(`is not made twice where the first run ended before its id was stored, and ${words}`, async () => {
      const { ensure, directory, stored } = simulator(lag);
      await ensure();
      for (const _ of [1, 2]) {
        stored.length = 0;
        assert.equal(await ensure(), directory.applications[0]?.body.appId);
        assert.deepEqual(stored, [directory.applications[0]?.body.appId]);
      }
      assert.equal(directory.applications.length, 1);
      assert.equal(directory.servicePrincipals.length, 1);
    });

  it('of an environment of the same name in another subscription is another one', async () => {
    const { ensure, ports, directory } = simulator();
    const first = await ensure();
    const second = await ensureRegistration(ports, DIRECTORY, {
      environmentName: 'lockwatch',
      hostSubscription: '22222222-2222-4222-8222-222222222222',
      store: async () => undefined,
    });
    assert.notEqual(second, first);
    assert.equal(directory.applications.length, 2);
  });

  it('that was deleted and keeps its key is named, with the commands that restore or remove it', async () => {
    const { ensure, directory, stored } = simulator();
    await ensure();
    stored.length = 0;
    directory.deleted = directory.applications.splice(0);
    await assert.rejects(
      ensure(),
      /was deleted less than 30 days ago and keeps its name.*az rest --method post --url .*deletedItems\/[0-9a-f-]{36}\/restore.*--method delete/,
    );
    assert.equal(directory.applications.length, 0);
  });

  it('that the deployer may not make ends in the commands for the identity team', async () => {
    const { ensure, directory } = simulator();
    directory.denied = ['patch applications'];
    await assert.rejects(
      ensure(),
      /You may not make app registrations.*azd env set LOCKWATCH_ENTRA_CLIENT_ID.*Prefer=create-if-missing.*appRoles.*user_impersonation.*preAuthorizedApplications.*appRoleAssignmentRequired/s,
    );
    assert.equal(directory.applications.length, 0);
  });

  it('that an identity team made is left as it is, and what it lacks is printed as commands that complete it', async () => {
    const { ensure, directory, rest, stored, printed, ports } = simulator();
    const made = await rest.send('post', `${GRAPH}/applications`, {
      displayName: 'Ours',
      appRoles: [{ id: 'role-1', value: 'Lockwatch.Reader', isEnabled: true }],
      api: { oauth2PermissionScopes: [{ id: 'another-scope', value: 'read', isEnabled: true }] },
    });
    const clientId = textIn(made, 'appId') ?? '';
    await rest.send('patch', `${GRAPH}/applications(appId='${clientId}')`, {
      api: {
        ...Object(valueIn(directory.applications[0], 'body', 'api')),
        preAuthorizedApplications: [OTHER],
      },
    });
    const before = JSON.stringify(directory);
    stored.push(clientId);
    assert.equal(await ensure(), clientId);
    assert.equal(JSON.stringify(directory), before, 'nothing is changed');
    assert.match(
      printed[0] ?? '',
      /lacks: the app roles .*; the scope user_impersonation.*; the address api:.*; an enterprise application/,
    );
    for (const line of printed.filter((one) => one.startsWith('  az rest'))) await runCommand(line, rest);
    const [application] = directory.applications;
    assert.deepEqual(
      listIn(application, 'body', 'appRoles').map((role) => [textIn(role, 'id'), textIn(role, 'value')]),
      [
        ['role-1', 'Lockwatch.Reader'],
        [APP_ROLES[1].id, APP_ROLES[1].value],
      ],
    );
    assert.deepEqual(listIn(application, 'body', 'api', 'preAuthorizedApplications')[0], OTHER);
    printed.length = 0;
    await ensure();
    assert.equal(printed.length, 0, 'now it lacks nothing');
    directory.denied = ['patch', 'post'];
    await completeRegistration(ports, DIRECTORY, known(clientId));
    assert.match(
      printed[0] ?? '',
      /lacks: the redirect address .*; a federated credential .*; the role Lockwatch\.Operator/,
    );
    directory.denied = [];
    for (const line of printed.filter((one) => one.startsWith('  az rest'))) await runCommand(line, rest);
    printed.length = 0;
    await completeRegistration(ports, DIRECTORY, known(clientId));
    assert.equal(printed.length, 0);
  });

  it('keeps the redirect addresses that others use', async () => {
    const { ensure, ports, directory } = simulator();
    const clientId = await ensure();
    Object.assign(directory.applications[0]?.body ?? {}, {
      web: { homePageUrl: 'https://intranet.example', redirectUris: ['https://other.example/callback'] },
    });
    await completeRegistration(ports, DIRECTORY, known(clientId));
    assert.deepEqual(valueIn(directory.applications[0], 'body', 'web'), {
      homePageUrl: 'https://intranet.example',
      redirectUris: ['https://other.example/callback', 'https://app.example/.auth/login/aad/callback'],
      implicitGrantSettings: { enableIdTokenIssuance: true },
    });
  });

  it('that can not be read is described in full, and the deployment goes on', async () => {
    const { ensure, directory, stored, printed } = simulator();
    stored.push('aaaaaaaa-0000-4000-8000-00000000beef');
    directory.denied = ['get', 'patch', 'post'];
    assert.equal(await ensure(), stored[0]);
    assert.equal(printed.filter((one) => one.startsWith('  az rest')).length, 4);
  });

  it('that was deleted is named, with what to do', async () => {
    const { ensure, stored } = simulator();
    stored.push('aaaaaaaa-0000-4000-8000-00000000dead');
    await assert.rejects(
      ensure(),
      /LOCKWATCH_ENTRA_CLIENT_ID names .*dead.*there is none.*azd env set LOCKWATCH_ENTRA_CLIENT_ID ""/,
    );
  });
});

describe('once the app is there', () => {
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

  it('nothing is granted or trusted twice, though no list shows it yet', async () => {
    const { ensure, ports, directory } = simulator({ listed: 300 });
    const all = known(await ensure());
    await completeRegistration(ports, DIRECTORY, all);
    await completeRegistration(ports, DIRECTORY, all);
    assert.equal(listIn(directory.applications[0], 'body', 'federatedIdentityCredentials').length, 1);
    assert.equal(listIn(directory.servicePrincipals[0], 'body', 'appRoleAssignedTo').length, 1);
  });

  it('nothing is asked for that is there', async () => {
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

describe('what a registration of somebody else needs', () => {
  it('is listed in docs/deploy.md, point by point', () => {
    const nothing = { application: {}, principal: undefined, credentials: [], assignments: [] };
    const app = { ...known('c'), issuer: 'i', audience: 'a' };
    const needs = [
      ...registrationNeeds('https://graph', 'c', nothing),
      ...deployedNeeds('https://graph', 'c', app, nothing),
    ];
    const docs = readFileSync(join(import.meta.dirname, '../../../docs/deploy.md'), 'utf8').replaceAll(
      '`',
      '',
    );
    assert.ok(needs.length >= 7);
    for (const { what } of needs) {
      const row = what.replace('https://app.example', 'https://<app>').replace(' identity-1', '');
      assert.ok(docs.includes(`\n| ${row} |`), row);
    }
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
