import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

const read = (file: string) => readFileSync(join(import.meta.dirname, '../../..', file), 'utf8');
const YAML = read('azure.yaml');
const PARAMETERS = read('infra/main.bicepparam');
const WORKFLOW = read('.github/workflows/azure-dev.yml');
const HOOKS = ['preprovision', 'postprovision', 'postdeploy', 'predown'];

const namesIn = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, name]) => name ?? '');
const passedOn = namesIn(YAML, /^ {4}- (LOCKWATCH_\w+)$/gm);
/** What the hooks find out by themselves, in the pipeline too. */
const FOUND = ['LOCKWATCH_EXISTING_TOPICS', 'LOCKWATCH_DEPLOYER_OBJECT_ID'];

describe('azure.yaml', () => {
  it('runs each hook on every system by the same npm script', () => {
    for (const hook of HOOKS)
      assert.equal(namesIn(YAML, new RegExp(`(deploy:hook -- ${hook})\\b`, 'g')).length, 2, hook);
    const { scripts } = JSON.parse(read('package.json'));
    assert.equal(scripts['deploy:hook'], 'node tools/deploy/main.ts');
    for (const script of ['package', 'bicep', 'infra:check']) assert.ok(scripts[script], script);
  });

  it('provisions and packages one after the other: both install packages', () => {
    assert.match(YAML, /^workflows:\n {2}up:\n {4}steps:\n {6}- azd: provision\n {6}- azd: deploy --all\n/m);
  });

  it('lets a hook that fails fail the deployment', () => {
    assert.doesNotMatch(YAML, /continueOnError/);
    for (const line of YAML.split('\n')
      .filter((one) => /shell: pwsh/.test(one))
      .map((_, index) => index))
      assert.match(namesIn(YAML, /shell: pwsh\n\s+run: (.*)/g)[line] ?? '', /exit \$LASTEXITCODE$/);
  });

  it('hands the pipeline every variable that the parameters read', () => {
    const asked = namesIn(PARAMETERS, /readEnvironmentVariable\(\s*'(LOCKWATCH_\w+)'/g).filter(
      (name) => !FOUND.includes(name),
    );
    assert.deepEqual(
      [...passedOn].filter((name) => name !== 'LOCKWATCH_MANAGEMENT_GROUP').sort(),
      asked.sort(),
    );
    for (const name of passedOn)
      assert.match(WORKFLOW, new RegExp(`^ {6}${name}: \\$\\{\\{ (vars|secrets)\\.${name} }}$`, 'm'));
  });

  it('takes a variable that the pipeline has not set for none at all', {
    skip: process.platform === 'win32',
  }, () => {
    const [loop = ''] = namesIn(WORKFLOW, /^ +(for name in \$\(compgen .*)$/gm);
    const env = { PATH: process.env.PATH, LOCKWATCH_CLOUD: '', LOCKWATCH_TEAMS: 'false', AZURE_LOCATION: '' };
    const left = execFileSync('bash', ['-e', '-c', `${loop}\nenv`], { env, encoding: 'utf8' });
    assert.deepEqual(namesIn(left, /^(LOCKWATCH_\w+|AZURE_\w+)=/gm).sort(), [
      'AZURE_LOCATION',
      'LOCKWATCH_TEAMS',
    ]);
  });

  it('keeps secrets among the secrets', () => {
    for (const name of namesIn(WORKFLOW, /^ {6}(LOCKWATCH_\w+): \$\{\{ vars\./gm))
      assert.doesNotMatch(name, /_URL$|SECRET$|KEY$/);
  });
});
