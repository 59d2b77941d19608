import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';

const ROOT = join(import.meta.dirname, '../../..');
const FUNCIGNORE = readFileSync(join(ROOT, '.funcignore'), 'utf8');
const YAML = readFileSync(join(ROOT, 'azure.yaml'), 'utf8');

/** A clone after `npm ci && npm run package`, as azd finds it. */
const CLONE = [
  '.azure/lockwatch/.env',
  '.env',
  '.funcignore',
  '.git-blame-ignore-revs',
  'azure.yaml',
  'dist/app.mjs',
  'dist/chunks/chunk-1.mjs',
  'host.json',
  'infra/main.bicep',
  'local.settings.json',
  'local/deploy/dist/app.mjs',
  'node_modules/.bin/tsc',
  'node_modules/.package-lock.json',
  'node_modules/dist/app.mjs',
  'node_modules/host.json',
  'node_modules/package.json',
  'node_modules/zod/dist/index.js',
  'node_modules/zod/package.json',
  'out/lockwatch-0.1.0.zip',
  'package-lock.json',
  'package.json',
  'test/fixtures/host.json',
];

/** Runs with a clone in which git, whose rules azd follows, takes the ignore file for its own. */
function inClone<T>(
  funcignore: string,
  use: (git: (...args: string[]) => string, directory: string) => T,
): T {
  const directory = mkdtempSync(join(tmpdir(), 'lockwatch-azd-'));
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'core.excludesFile=', ...args], {
      cwd: directory,
      encoding: 'utf8',
      stdio: 'pipe',
      // Neither a hook's repository nor a person's configuration.
      env: { PATH: process.env.PATH, GIT_CONFIG_NOSYSTEM: '1', HOME: directory },
    });
  try {
    git('init', '--quiet');
    for (const file of CLONE) {
      mkdirSync(dirname(join(directory, file)), { recursive: true });
      writeFileSync(join(directory, file), '');
    }
    writeFileSync(join(directory, '.git/info/exclude'), funcignore);
    return use(git, directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * What azd says to `remoteBuild: false` (Azure/azure-dev, `resolveFunctionAppRemoteBuild` in
 * cli/azd/pkg/project/service_target_functionapp.go, since 1.23.12): of a service in JavaScript or TypeScript it asks one
 * thing, whether the ignore file excludes the directory `node_modules` of the service's folder. The last pattern that
 * matches decides. Patterns for what is inside are not looked at.
 */
function azdRefusal(funcignore: string): string | undefined {
  const excluded = inClone(
    funcignore,
    (_, directory) =>
      spawnSync(
        'git',
        ['-c', 'core.excludesFile=', 'check-ignore', '--quiet', '--no-index', 'node_modules'],
        {
          cwd: directory,
          env: { PATH: process.env.PATH, GIT_CONFIG_NOSYSTEM: '1', HOME: directory },
        },
      ).status === 0,
  );
  return excluded
    ? "'remoteBuild: false' cannot be used when '.funcignore' excludes node_modules"
    : undefined;
}

/**
 * What azd packages (`createDeployableZip` in project_utils.go): it walks the folder, leaves out what the ignore file
 * excludes and does not enter an excluded directory, as git does; never the ignore file itself, `.azure` and
 * local.settings.json.
 */
function packaged(funcignore: string): string[] {
  return inClone(funcignore, (git) =>
    git('ls-files', '--others', '--exclude-standard')
      .split('\n')
      .filter((file) => file !== '' && !/^(\.funcignore|local\.settings\.json|\.azure\/.*)$/.test(file))
      .sort(),
  );
}

const noGit = spawnSync('git', ['--version']).status !== 0 && 'git is not here';

describe('the package that azd uploads', { skip: noGit }, () => {
  it('is accepted with remoteBuild: false', () => {
    assert.match(YAML, /^ {4}remoteBuild: false$/m);
    assert.equal(azdRefusal(FUNCIGNORE), undefined);
  });

  it('holds the bundle, host.json and package.json, and nothing of node_modules', () => {
    assert.deepEqual(packaged(FUNCIGNORE), [
      'dist/app.mjs',
      'dist/chunks/chunk-1.mjs',
      'host.json',
      'package.json',
    ]);
  });

  it('would be refused where node_modules is excluded in any way', () => {
    for (const pattern of [
      '*\n',
      'node_modules\n',
      'node_modules/\n',
      '/node_modules\n',
      '!/node_modules/\n*\n',
    ])
      assert.match(azdRefusal(pattern) ?? 'accepted', /cannot be used when '\.funcignore' excludes/, pattern);
    for (const pattern of ['\n', 'dist\n', '/node_modules/*\n', '*\n!/node_modules/\n'])
      assert.equal(azdRefusal(pattern), undefined, pattern);
  });

  it('would hold packages where what is inside node_modules is not excluded last', () => {
    const lines = FUNCIGNORE.split('\n').filter((line) => !line.startsWith('/node_modules/*'));
    assert.deepEqual(
      packaged(['/node_modules/*', ...lines].join('\n')).filter((file) => file.startsWith('node_modules/')),
      ['node_modules/host.json', 'node_modules/package.json'],
    );
  });

  it('is made by an azd that keeps to remoteBuild and to exceptions in .funcignore', () => {
    // 1.23.4 and older: no remoteBuild, JavaScript is always built remotely. Up to 1.23.12 createDeployableZip leaves out
    // whatever any pattern matches, one with "!" too: of this file nothing would be left.
    assert.match(YAML, /^requiredVersions:\n {2}azd: '>= 1\.23\.13'$/m);
  });
});
