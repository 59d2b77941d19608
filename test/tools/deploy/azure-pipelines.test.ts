import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

const read = (file: string) => readFileSync(join(import.meta.dirname, '../../..', file), 'utf8');
const PIPELINE = read('.azdo/pipelines/azure-dev.yml');
const YAML = read('azure.yaml');
const namesIn = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, name]) => name ?? '');

describe('the pipeline of Azure DevOps', () => {
  it('names every secret of azure.yaml, which is in no environment by itself, and no other', () => {
    const [, secrets = ''] = YAML.split(/^ {2}secrets:\n/m);
    assert.deepEqual(
      namesIn(PIPELINE, /^ {6}(LOCKWATCH_\w+): \$\(\1\)$/gm).sort(),
      namesIn(secrets, /^ {4}- (LOCKWATCH_\w+)$/gm).sort(),
    );
  });

  it('takes a variable that nobody has set for none at all', { skip: process.platform === 'win32' }, () => {
    const [loop = ''] = namesIn(PIPELINE, /^ +(for name in \$\(compgen .*)$/gm);
    const env = {
      PATH: process.env.PATH,
      LOCKWATCH_CLOUD: '',
      LOCKWATCH_SMTP_URL: '$(LOCKWATCH_SMTP_URL)',
      LOCKWATCH_TEAMS: 'false',
    };
    const left = execFileSync('bash', ['-e', '-c', `${loop}\nenv`], { env, encoding: 'utf8' });
    assert.deepEqual(namesIn(left, /^(LOCKWATCH_\w+)=/gm), ['LOCKWATCH_TEAMS']);
  });

  it('deploys by the commands of the pipeline of GitHub, and stores no credential', () => {
    for (const command of ['azd provision --no-state --no-prompt', 'azd deploy --no-prompt']) {
      assert.ok(PIPELINE.includes(command));
      assert.ok(read('.github/workflows/azure-dev.yml').includes(command));
    }
    assert.match(PIPELINE, /auth\.useAzCliAuth true/);
    assert.doesNotMatch(PIPELINE, /client-secret|AZURE_CLIENT_SECRET|password/i);
  });
});
