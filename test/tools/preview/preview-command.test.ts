import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { previewCommand } from '../../../tools/preview/preview-command.ts';
import {
  aChain,
  aPlan,
  deleted,
  GRANT_VALUES,
  GROUP_ID,
  KEY_VALUES,
  planned,
  updated,
  VAULT_VALUES,
} from '../../preview/plan-examples.ts';
import { NOW, VAULT_ID } from '../../triggers/a-reading.ts';
import { nastyNames } from './nasty-names.ts';

let directory = '';
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lockwatch-preview-'));
});
after(() => rm(directory, { recursive: true, force: true }));

async function file(name: string, content: string | Buffer): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, content);
  return path;
}
const factsOf = (chains: object[] = [aChain()]) =>
  JSON.stringify({
    kind: 'lockwatchFacts',
    networkReading: 'trustedService',
    answeredAt: NOW,
    asOf: NOW,
    chains,
  });

// biome-ignore lint/suspicious/noExplicitAny: JSON that a test damages.
const damaged = (): any => JSON.parse(JSON.stringify(aChain()));

async function run(plan: object, ...args: string[]) {
  const [plans, facts] = [await file('plan.json', JSON.stringify(plan)), await file('facts.json', factsOf())];
  return previewCommand([plans, '--facts', facts, ...args], {}, NOW);
}

describe('npm run preview, without a connection', () => {
  test('ends with 0, 2, 3 or 4, and 2 wins over 3', async () => {
    const gone = deleted('azurerm_key_vault', VAULT_VALUES);
    const unclear = updated('azurerm_key_vault_key', KEY_VALUES, {}, { key_opts: true });
    const cases: [object[], number][] = [
      [[], 0],
      [[updated('azurerm_key_vault', VAULT_VALUES, { tags: {} })], 0],
      [[gone], 2],
      [[unclear], 3],
      [[gone, unclear], 2],
      [[deleted('azurerm_subscription', { id: GROUP_ID.split('/').slice(0, 3).join('/') })], 3],
    ];
    for (const [resources, code] of cases) assert.equal((await run(aPlan(resources))).code, code);
    assert.equal((await run({ a: 1 })).code, 4);
    assert.equal((await run(aPlan([], { errored: true }))).code, 3);
  });

  test('the table names policy, trigger, address and environments', async () => {
    const { out, err } = await run(
      aPlan([deleted('azurerm_key_vault', VAULT_VALUES, { address: 'module.a.azurerm_key_vault.x' })]),
    );
    assert.equal(err, '');
    assert.match(out, /^This change takes down 2 environments of 1 policy\./);
    assert.match(out, /cmk-eu: goes down \(clear -> revoked\)/);
    assert.match(out, /at once: vault-deleted \(revoked\)/);
    assert.match(out, /by module\.a\.azurerm_key_vault\.x/);
    assert.match(out, /Environment e1 +Production +europe/);
  });

  test('JSON, Markdown and SARIF say the same', async () => {
    const plan = aPlan([deleted('azurerm_role_assignment', GRANT_VALUES)]);
    const json = JSON.parse((await run(plan, '--json')).out);
    assert.equal(json.outcome, 'goesDown');
    const markdown = (await run(plan, '--markdown')).out;
    assert.match(markdown, /^### Lockwatch: This change takes down 2 environments of 1 policy\./);
    assert.match(markdown, /\| `cmk-eu` \| \*\*goes down\*\* \| 2 \|.*`azurerm_role_assignment\.main` \|/);
    const sarif = JSON.parse((await run(plan, '--sarif')).out);
    const [one] = sarif.runs[0].results;
    assert.deepEqual([sarif.version, one.ruleId, one.level], ['2.1.0', 'permissions-revoked', 'error']);
    assert.equal(one.locations[0].logicalLocations[0].fullyQualifiedName, 'azurerm_role_assignment.main');
    assert.ok(sarif.runs[0].tool.driver.rules.some(({ id }: { id: string }) => id === one.ruleId));
  });

  test('names and addresses of others do not break the table of a pull request', async () => {
    for (const name of nastyNames) {
      const address = `azurerm_key_vault.main["${name}"]`;
      const plan = aPlan([deleted('azurerm_key_vault', VAULT_VALUES, { address })]);
      const { out } = await run(plan, '--markdown');
      const row = out.split('\n').find((line) => line.startsWith('| `cmk-eu`'));
      assert.equal((row?.match(/(?<!\\)\|/g) ?? []).length, 6, row);
      assert.doesNotMatch(out.replaceAll(/`[^`]*`/g, ''), /<script|@everyone|<img/);
      assert.equal((await run(plan)).out.includes('\u001b'), false);
    }
  });

  test('files of Windows PowerShell, in UTF-16, are read', async () => {
    const text = JSON.stringify(aPlan([deleted('azurerm_key_vault', VAULT_VALUES)]));
    const path = await file(
      'utf16.json',
      Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]),
    );
    const facts = await file('facts.json', factsOf());
    assert.equal((await previewCommand([path, '--facts', facts], {}, NOW)).code, 2);
  });

  test('facts that compare nothing, or that are a day old, judge nothing', async () => {
    const harmless = JSON.stringify({
      operations: [{ what: 'keySet', vaultId: VAULT_ID, keyName: 'cmk', set: { enabled: true } }],
    });
    const after = (hours: number) => new Date(Date.parse(NOW) + hours * 3_600_000).toISOString();
    const ask = async (now: string, facts: string, ...args: string[]) =>
      previewCommand(
        [await file('operations.json', harmless), '--facts', await file('facts.json', facts), ...args],
        {},
        now,
      );
    assert.equal((await ask(after(23), factsOf())).code, 0);
    const old = await ask(after(25), factsOf());
    assert.equal(old.code, 3);
    assert.match(old.out, /The saved facts are 25 hours old/);
    assert.equal((await ask(after(25), factsOf(), '--max-age', '48')).code, 0);
    assert.equal((await ask(after(49), factsOf(), '--max-age', '48')).code, 3);
    const empty = await ask(NOW, factsOf([]));
    assert.equal(empty.code, 3);
    assert.match(empty.out, /no policy to compare/);
    const gone = aPlan([deleted('azurerm_key_vault', VAULT_VALUES)]);
    const [plan, facts] = [await file('p.json', JSON.stringify(gone)), await file('f.json', factsOf())];
    assert.equal((await previewCommand([plan, '--facts', facts], {}, after(25))).code, 2);
  });

  test('a damaged file of facts is refused in one line that names the place', async () => {
    const plan = await file(
      'plan.json',
      JSON.stringify(aPlan([deleted('azurerm_role_assignment', GRANT_VALUES)])),
    );
    const damages: [string, (chain: ReturnType<typeof damaged>) => void][] = [
      ['permission', ({ facts }) => delete facts.permission.value],
      ['vault', ({ facts }) => delete facts.vault.value.network],
      ['key', ({ facts }) => Object.assign(facts.key.value, { versions: [] })],
      ['readAt', ({ facts }) => Object.assign(facts, { readAt: 'yesterday' })],
      ['environments', ({ facts }) => delete facts.environments.value.environments],
      ['history', ({ history }) => Object.assign(history, { key: { name: 'cmk' } })],
      ['otherModel', (chain) => Object.assign(chain, { otherModel: { state: 'known', readAt: NOW } })],
    ];
    for (const [place, damage] of damages) {
      const chain = damaged();
      damage(chain);
      const facts = await file('damaged.json', factsOf([chain]));
      const { code, err } = await previewCommand([plan, '--facts', facts], {}, NOW);
      assert.equal(code, 4, place);
      assert.match(err, new RegExp(`^[^\\n]*damaged \\([^)]*${place}[^\\n]*\\n$`));
    }
  });

  test('options and files that can not be used are refused in words', async () => {
    const plan = await file('plan.json', JSON.stringify(aPlan([])));
    const cases: [string[], RegExp][] = [
      [[], /Name one file/],
      [[plan], /either --url or --facts/],
      [[plan, '--facts', 'x', '--url', 'y'], /either --url or --facts/],
      [[plan, '--facts', plan], /no answer of GET \/api\/facts/],
      [[join(directory, 'nothing'), '--facts', plan], /can't be read \(ENOENT\)/],
      [[plan, '--url', 'http://lockwatch.example.com'], /https/],
      [[plan, '--facts', plan, '--json', '--sarif'], /Choose one/],
      [[plan, '--wrong'], /--wrong/],
      [[plan, '--facts', plan, '--max-age', 'long'], /number of hours/],
      [[plan, '--facts', plan, '--max-age', '-1'], /--max-age/],
      [[plan, '--url', 'https://x.example.com', '--max-age', '48'], /about the file of --facts/],
    ];
    for (const [args, message] of cases) {
      const { code, err, out } = await previewCommand(args, {});
      assert.deepEqual([code, out], [4, ''], args.join(' '));
      assert.match(err, message);
    }
    assert.match((await previewCommand(['--help'], {})).out, /npm run preview/);
  });
});

describe('npm run preview, against an app', () => {
  const asked: { headers: Record<string, unknown>; body: string }[] = [];
  let status = 200;
  let answer: unknown = {
    outcome: 'fine',
    policies: [],
    cannotJudge: [],
    changes: 0,
    policiesCompared: 0,
    asOf: null,
  };
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    asked.push({ headers: request.headers, body });
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  let url = '';
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const ask = async (environment: Record<string, string>) => {
    const secret = { ...VAULT_VALUES, tags: { password: 'S3cr3t=' } };
    const unrelated = planned('azurerm_key_vault_secret', ['create'], { after: { value: 'S3cr3t=' } });
    const plan = await file(
      'plan.json',
      JSON.stringify(aPlan([deleted('azurerm_key_vault', secret), unrelated])),
    );
    return previewCommand([plan, '--url', url], environment);
  };

  test('sends the reduced plan and the credential, and nothing else of the file', async () => {
    assert.equal((await ask({ LOCKWATCH_PREVIEW_KEY: 'k1' })).code, 0);
    const [{ headers, body } = { headers: {}, body: '' }] = asked;
    assert.equal(headers['x-functions-key'], 'k1');
    assert.ok(!body.includes('S3cr3t'));
    assert.deepEqual(
      JSON.parse(body).changes.map(({ vaultId }: { vaultId: string }) => vaultId),
      [VAULT_ID],
    );
    await ask({ LOCKWATCH_PREVIEW_TOKEN: 't1' });
    assert.equal(asked.at(-1)?.headers.authorization, 'Bearer t1');
  });

  test('an app that refuses or is not there judges nothing', async () => {
    for (const [code, ends] of [
      [401, 3],
      [403, 3],
      [503, 3],
      [400, 4],
      [413, 4],
    ] as const) {
      status = code;
      answer = { detail: 'Not signed in.' };
      const { code: ended, err } = await ask({});
      assert.equal(ended, ends, String(code));
      assert.match(err, /Not signed in/);
    }
    status = 200;
    answer = '<html>';
    assert.equal((await ask({})).code, 3);
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const plan = await file('plan.json', JSON.stringify(aPlan([])));
    const nobody = await previewCommand([plan, '--url', `http://127.0.0.1:${port}`], {
      LOCKWATCH_PREVIEW_KEY: 'k1',
    });
    assert.equal(nobody.code, 3);
    assert.ok(!nobody.err.includes('k1'));
  });
});
