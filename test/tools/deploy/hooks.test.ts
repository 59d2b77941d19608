import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { listIn } from '../../../tools/deploy/cli.ts';
import type { Directory } from './fake-graph.ts';

const ROOT = join(import.meta.dirname, '../../..');
const SUBSCRIPTION = '11111111-1111-4111-8111-111111111111';
const ends: (() => Promise<void>)[] = [];
after(async () => {
  for (const end of ends.reverse()) await end();
});

/** Answers of the command lines, by a part of what they are asked. */
type Answers = Record<string, unknown>;

/**
 * Runs a hook with command lines that only answer from a table, and write down what they were asked. Where the file of
 * a directory is given, Microsoft Graph answers from it and keeps it there.
 */
async function runHook(
  hook: string,
  answers: Answers,
  environment: Record<string, string> = {},
  graph?: string,
) {
  const directory = await temporary();
  const said = join(directory, 'asked');
  await writeFile(said, '');
  for (const program of ['az', 'azd']) {
    const file = join(directory, program);
    await writeFile(file, await commandLine(program, said, answers, graph));
    await chmod(file, 0o755);
  }
  const child = spawn(process.execPath, ['tools/deploy/main.ts', hook], {
    cwd: ROOT,
    env: {
      PATH: `${directory}${delimiter}${process.env.PATH}`,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      AZURE_ENV_NAME: 'lockwatch',
      AZURE_SUBSCRIPTION_ID: SUBSCRIPTION,
      ...environment,
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  const asked = (await readFile(said, 'utf8')).split(CALL_END).filter(Boolean);
  const set = Object.fromEntries(
    asked
      .map((call) => call.split(WORD_END))
      .flatMap(([program, , verb, key, value]) =>
        program === 'azd' && verb === 'set' ? [[key, value]] : [],
      ),
  );
  return { code, output, set, asked };
}

async function temporary(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'lockwatch-hooks-'));
  ends.push(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

const CALL_END = '\u001e';
const WORD_END = '\u001f';
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** In the shell, which starts in a fraction of the time that Node takes: a hook asks up to ten times. */
async function commandLine(program: string, said: string, answers: Answers, graph?: string): Promise<string> {
  const answering = ([part, answer]: [string, unknown]) => {
    const refused = (answer as { refused?: string }).refused;
    const told =
      refused === undefined
        ? `printf '%s\\n' ${quoted(JSON.stringify(answer))}`
        : `printf '%s\\n' ${quoted(refused)} >&2; exit 1`;
    return `*${quoted(part)}*) ${told} ;;`;
  };
  const ofGraph =
    graph === undefined
      ? ''
      : `rest*--url\\ https://graph.microsoft.com*) exec ${await graphProgram(graph)} "$@" ;;`;
  const otherwise = program === 'az' ? `*) echo 'ERROR: Please run az login' >&2; exit 1 ;;` : '';
  return `#!/bin/sh
call=${program}
for word in "$@"; do call="$call${WORD_END}$word"; done
printf '%s${CALL_END}' "$call" >> ${quoted(said)}
case "$*" in
${ofGraph}
${Object.entries(answers).map(answering).join('\n')}
${otherwise}
esac
`;
}

/** The command that answers for Microsoft Graph, and keeps the directory in its file. */
async function graphProgram(graph: string): Promise<string> {
  const file = join(await temporary(), 'graph.cjs');
  await writeFile(
    file,
    `
const { readFileSync, writeFileSync } = require('node:fs');
const { fakeGraph, NO_LAG } = require(${JSON.stringify(join(import.meta.dirname, 'fake-graph.ts'))});
const asked = process.argv.slice(2);
const after = (name) => asked[asked.indexOf(name) + 1];
const directory = JSON.parse(readFileSync(${JSON.stringify(graph)}, 'utf8'));
const body = asked.includes('--body') ? JSON.parse(readFileSync(after('--body').slice(1), 'utf8')) : undefined;
try {
  const createIfMissing = asked.includes('Prefer=create-if-missing');
  const graph = fakeGraph(Date.now, NO_LAG, directory);
  const answer = graph.answer(after('--method'), after('--url'), body, createIfMissing);
  if (answer !== undefined) console.log(JSON.stringify(answer));
} catch (error) {
  console.error('ERROR: ' + error.message);
  process.exitCode = 1;
}
writeFileSync(${JSON.stringify(graph)}, JSON.stringify(directory));
`,
  );
  return `${quoted(process.execPath)} ${quoted(file)}`;
}

/** What is asked before anything is made: nothing stands in the way. */
const CLEAR = {
  'list-flexconsumption-locations': [],
  '/deletedVaults?': { value: [] },
  '/validate?': {},
  '/providerOperations/': { operations: [] },
  '/providers/Microsoft.EventGrid?': { registrationState: 'Registered' },
  '/providers/Microsoft.PowerPlatform?': { registrationState: 'Registered' },
};
const SIGNED_IN = {
  ...CLEAR,
  'account show': { environmentName: 'AzureCloud', tenantId: 'tenant-1', user: { type: 'user' } },
  'cloud show': { endpoints: { activeDirectory: 'https://login.microsoftonline.com' } },
  'signed-in-user show': { id: 'aaaaaaaa-0000-4000-8000-00000000000a' },
};
const TOPIC = {
  id: `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.EventGrid/systemTopics/there`,
  identity: { type: 'SystemAssigned' },
  properties: { source: `/subscriptions/${SUBSCRIPTION}` },
};

describe('before the deployment', { skip: process.platform === 'win32' }, () => {
  it('finds the topics, the deployer and the registration, and tells azd', async () => {
    const graph = join(await temporary(), 'directory.json');
    await writeFile(graph, JSON.stringify({ applications: [], servicePrincipals: [] }));
    const answers = { ...SIGNED_IN, 'Microsoft.EventGrid/systemTopics': { value: [TOPIC] } };
    const { code, output, set } = await runHook('preprovision', answers, {}, graph);
    assert.equal(code, 0, output);
    const made: Directory = JSON.parse(await readFile(graph, 'utf8'));
    assert.deepEqual(set, {
      LOCKWATCH_WATCHED_SUBSCRIPTIONS: JSON.stringify([SUBSCRIPTION]),
      LOCKWATCH_EXISTING_TOPICS: JSON.stringify({ [`/subscriptions/${SUBSCRIPTION}`]: TOPIC.id }),
      LOCKWATCH_DEPLOYER_OBJECT_ID: 'aaaaaaaa-0000-4000-8000-00000000000a',
      LOCKWATCH_ENTRA_CLIENT_ID: made.applications[0]?.body.appId,
    });
  });

  it('takes the subscriptions of a management group, and makes no registration where keys guard the app', async () => {
    const { code, output, set, asked } = await runHook(
      'preprovision',
      {
        ...SIGNED_IN,
        '/descendants': { value: [{ type: '/subscriptions', name: SUBSCRIPTION }] },
        'Microsoft.EventGrid/systemTopics': { value: [] },
      },
      { LOCKWATCH_MANAGEMENT_GROUP: 'contoso', LOCKWATCH_ACCESS: 'keys' },
    );
    assert.equal(code, 0, output);
    assert.equal(set.LOCKWATCH_WATCHED_SUBSCRIPTIONS, JSON.stringify([SUBSCRIPTION]));
    assert.equal(set.LOCKWATCH_ENTRA_CLIENT_ID, undefined);
    assert.ok(!asked.join().includes('graph.microsoft.com'));
  });

  it('makes the registration as far as the deployer may, prints the rest, and continues with it in the next run', async () => {
    const graph = join(await temporary(), 'directory.json');
    const before: Directory = {
      applications: [],
      servicePrincipals: [],
      denied: ['post servicePrincipals'],
    };
    await writeFile(graph, JSON.stringify(before));
    const answers = { ...SIGNED_IN, 'Microsoft.EventGrid/systemTopics': { value: [] } };
    const cutOff = await runHook('preprovision', answers, {}, graph);
    assert.equal(cutOff.code, 0, cutOff.output);
    assert.match(
      cutOff.output,
      /lacks: an enterprise application.*az rest --method post.*The deployment goes on/s,
    );
    const clientId = cutOff.set.LOCKWATCH_ENTRA_CLIENT_ID ?? assert.fail('the client id is not stored');

    const meanwhile: Directory = JSON.parse(await readFile(graph, 'utf8'));
    await writeFile(graph, JSON.stringify({ ...meanwhile, denied: undefined }));
    const again = await runHook('preprovision', answers, { LOCKWATCH_ENTRA_CLIENT_ID: clientId }, graph);
    assert.equal(again.code, 0, again.output);
    const after: Directory = JSON.parse(await readFile(graph, 'utf8'));
    for (const kind of ['applications', 'servicePrincipals'] as const)
      assert.deepEqual(
        after[kind].map(({ body }) => body.appId),
        [clientId],
        kind,
      );
    assert.equal(listIn(after.applications[0], 'body', 'api', 'preAuthorizedApplications').length, 1);
  });

  it('stops where a topic that must be reused has no identity, with the command', async () => {
    const { code, output } = await runHook('preprovision', {
      ...SIGNED_IN,
      'Microsoft.EventGrid/systemTopics': { value: [{ ...TOPIC, identity: null }] },
    });
    assert.equal(code, 1);
    assert.match(output, /az eventgrid system-topic update --ids .* --mi-system-assigned/);
  });

  it('finds no topic in a subscription where nobody has used Event Grid yet, and goes on', async () => {
    const { code, output, set } = await runHook(
      'preprovision',
      {
        ...SIGNED_IN,
        'Microsoft.EventGrid/systemTopics': {
          refused: 'ERROR: Conflict({"error":{"code":"MissingSubscriptionRegistration","message":"…"}})',
        },
      },
      { LOCKWATCH_ACCESS: 'keys' },
    );
    assert.equal(code, 0, output);
    assert.equal(set.LOCKWATCH_EXISTING_TOPICS, '{}');
  });

  it('stops where the topics can not be listed for another reason', async () => {
    const { code, output } = await runHook('preprovision', {
      ...SIGNED_IN,
      'Microsoft.EventGrid/systemTopics': {
        refused: 'ERROR: Forbidden({"error":{"code":"AuthorizationFailed"}})',
      },
    });
    assert.equal(code, 1);
    assert.match(output, /^Lockwatch: You lack the right that this step needs\. Ask its owner for a role/m);
    assert.match(output, /AuthorizationFailed/, 'the answer itself, for whoever asks Microsoft');
  });

  it('makes no registration for a pipeline, and says what to hand on', async () => {
    const { code, output, asked } = await runHook('preprovision', {
      'account show': { ...SIGNED_IN['account show'], user: { type: 'servicePrincipal' } },
      'Microsoft.EventGrid/systemTopics': { value: [] },
    });
    assert.equal(code, 1);
    assert.match(output, /LOCKWATCH_ENTRA_CLIENT_ID/);
    assert.ok(!asked.join().includes('graph.microsoft.com'));
  });

  it('says what the command line said where nobody is signed in', async () => {
    const { code, output } = await runHook('preprovision', {});
    assert.equal(code, 1);
    assert.match(
      output,
      /^Lockwatch: Your sign-in to the Azure CLI is missing or has ended\. Run: az login/m,
    );
  });
});

describe('after the deployment', { skip: process.platform === 'win32' }, () => {
  it('asks the app with the deployer’s token, and says what is missing', async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(`${request.url} ${request.headers.authorization}`);
      response.writeHead(200, { 'content-type': 'application/json' });
      const body =
        request.url === '/api/health'
          ? { policies: 1, sweep: {} }
          : { detectionSources: { event: { configured: false } } };
      response.end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ends.push(async () => void server.close());
    const { code, output, set } = await runHook(
      'postdeploy',
      {
        'get-access-token --resource api://aaaaaaaa-0000-4000-8000-00000000000c': {
          accessToken: 'token-of-the-deployer',
        },
      },
      {
        LOCKWATCH_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        LOCKWATCH_ENTRA_CLIENT_ID: 'aaaaaaaa-0000-4000-8000-00000000000c',
        LOCKWATCH_HEARTBEAT_ALERT_ID: '/subscriptions/s/alert',
      },
    );
    assert.equal(code, 0, output);
    assert.equal(set.LOCKWATCH_CODE_DEPLOYED, 'true', 'the alert on the timer stays on from now on');
    assert.match(output, /heartbeat-missing could not be switched on.*azd provision/);
    assert.deepEqual(asked, [
      '/api/health Bearer token-of-the-deployer',
      '/api/coverage Bearer token-of-the-deployer',
    ]);
    assert.match(output, /1 enterprise policy watched/);
    assert.match(output, /Events are not wired/);
    assert.doesNotMatch(output, /token-of/);
  });

  it('names the role where no token is to be had, and leaves the deployment standing', async () => {
    const known = {
      LOCKWATCH_URL: 'http://127.0.0.1:9',
      LOCKWATCH_ENTRA_CLIENT_ID: 'aaaaaaaa-0000-4000-8000-00000000000c',
    };
    const { code, output } = await runHook('postdeploy', {}, known);
    assert.equal(code, 0, output);
    assert.match(output, /Lockwatch\.Reader or Lockwatch\.Operator/);
  });
});

describe('taking it down', { skip: process.platform === 'win32' }, () => {
  it('is refused, with the commands that delete nothing but its own groups', async () => {
    const other = '22222222-2222-4222-8222-222222222222';
    const { code, output, asked } = await runHook(
      'predown',
      {},
      {
        AZURE_RESOURCE_GROUP: 'rg-lockwatch',
        LOCKWATCH_WATCHED_SUBSCRIPTIONS: JSON.stringify([SUBSCRIPTION, other]),
      },
    );
    assert.equal(code, 1);
    assert.deepEqual(asked, []);
    assert.deepEqual(
      output.split('\n').flatMap((line) => /^ {2}(az .*)$/.exec(line)?.[1] ?? []),
      [
        `az group delete --subscription ${SUBSCRIPTION} --name rg-lockwatch`,
        `az group delete --subscription ${SUBSCRIPTION} --name rg-lockwatch-events`,
        `az group delete --subscription ${other} --name rg-lockwatch-events`,
      ],
    );
  });
});
