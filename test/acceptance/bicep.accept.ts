import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { HOST_SUBSCRIPTION } from '../../dev/expected-deployment/scenario-ids.ts';
import { at, parseSnapshot } from '../../dev/expected-deployment/snapshot.ts';
import { findBicep, restoreBicep } from '../../tools/bicep/program.ts';
import {
  type Compiled,
  committed,
  compileBy,
  INFRA,
  refusalsOf,
  scenarioNames,
  snapshotAzd,
  startBicepOfAzd,
} from '../../tools/bicep/snapshots.ts';

const isRequired = process.env.CI === 'true' || process.env.LOCKWATCH_LOCAL_REQUIRE_BICEP === '1';
const program = isRequired ? await restoreBicep() : await findBicep();
const skip = program === undefined && 'The Bicep compiler is not here. Fetch it: npm run bicep -- restore';

const vault = `/subscriptions/${HOST_SUBSCRIPTION}/resourceGroups/rg-keys/providers/Microsoft.KeyVault/vaults/kv-contoso`;
/** One compiler for all that is asked here: that what azd sets changes no scenario is thereby shown as well. */
const server =
  program === undefined
    ? undefined
    : startBicepOfAzd(program, {
        AZURE_ENV_NAME: 'lockwatch',
        AZURE_LOCATION: 'westeurope',
        AZURE_SUBSCRIPTION_ID: HOST_SUBSCRIPTION,
        LOCKWATCH_ENTRA_CLIENT_ID: 'aaaaaaaa-0000-4000-8000-000000000001',
        LOCKWATCH_DELIVERY: 'push',
        LOCKWATCH_TAGS: JSON.stringify({ 'cost-center': '42' }),
        LOCKWATCH_WATCHED_VAULTS: JSON.stringify([{ id: vault, location: 'westeurope' }]),
      });
const compiler = () => server ?? assert.fail('it was skipped');
after(() => server?.stop());

describe('the real compiler', { skip }, () => {
  let compiled: Compiled;
  before(async () => {
    compiled = await compileBy(compiler());
  });

  it('compiles and lints every file without a warning', () => assert.equal(compiled.output, ''));

  it('would format no file otherwise (else: npm run bicep -- format)', () =>
    assert.deepEqual(compiled.unformatted, []));

  it('evaluates every scenario', async () =>
    assert.deepEqual([...compiled.expected.keys()], await scenarioNames()));

  it('evaluates each to what was reviewed (else: npm run bicep -- snapshot, and look at the difference)', async () => {
    const drifted: string[] = [];
    for (const [name, text] of compiled.expected) if ((await committed(name)) !== text) drifted.push(name);
    assert.deepEqual(drifted, []);
  });
});

describe('what azd deploys', { skip }, () => {
  let azd: string;
  before(async () => {
    azd = await snapshotAzd(compiler());
  });

  it('is what its variables say, lists and objects as JSON; what is not set is as in the smallest scenario', async () => {
    assert.match(await readFile(join(INFRA, 'main.bicepparam'), 'utf8'), /\('LOCKWATCH_TAGS', '\{\}'\)/);
    const untagged = JSON.parse(azd, (key, value) => {
      if (key !== 'tags') return value;
      const { 'cost-center': _, ...others } = value;
      return others;
    });
    assert.equal(`${JSON.stringify(untagged, null, 2)}\n`, await committed('push'));
  });

  it('carries the tags that a policy of the organisation demands, on every group and resource', () => {
    const { resources } = parseSnapshot('tagged', azd);
    const tagged = resources.filter((one) => at(one, 'tags') !== undefined);
    assert.ok(tagged.filter(({ type }) => type === 'Microsoft.Resources/resourceGroups').length === 2);
    for (const one of tagged) assert.equal(at(one, 'tags', 'cost-center'), '42', one.id);
    for (const { id, type, location, tags } of resources)
      if (location !== undefined) assert.ok(tags, `${type} ${id} has a place and no tags`);
  });
});

describe('a deployment that could not work', { skip }, () => {
  const CASES: Readonly<Record<string, RegExp>> = {
    'no-registration': /entraClientId is empty.*set access to keys/,
    'push-to-a-closed-app': /appPublicAccess is Disabled.*Set delivery to queue/,
  };
  it('is refused before anything is made, with what to do', async () => {
    const paths = Object.keys(CASES).map((name) =>
      join(import.meta.dirname, `../infra/refused/${name}.bicepparam`),
    );
    const refusals = await refusalsOf(compiler(), paths);
    for (const [index, words] of Object.values(CASES).entries())
      assert.match(refusals[index] ?? 'not refused', words);
  });
});
