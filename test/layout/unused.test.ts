import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFile, cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

const ROOT = join(import.meta.dirname, '../..');
const PARTS = ['functions', 'shared', 'dev', 'tools', 'test', 'package.json', 'tsconfig.json', 'knip.jsonc'];

// `npm run check` runs knip. A configuration that no longer matches the tree would find nothing, so faults are
// planted in a copy of it.
describe('knip', () => {
  let copy: string;
  let output: string;
  before(async () => {
    copy = await mkdtemp(join(tmpdir(), 'lockwatch-unused-'));
    await Promise.all(PARTS.map((part) => cp(join(ROOT, part), join(copy, part), { recursive: true })));
    await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    await appendFile(join(copy, 'shared/azure/deadline.ts'), '\nexport const plantedInShared = 1;\n');
    await appendFile(join(copy, 'dev/azure-simulator/state.ts'), '\nexport const plantedInDev = 1;\n');
    await appendFile(join(copy, 'tools/doctor/text.ts'), '\nexport const plantedInTools = 1;\n');
    await appendFile(join(copy, 'test/pipeline/a-world.ts'), '\nexport const plantedInTest = 1;\n');
    await writeFile(join(copy, 'shared/planted-file.ts'), 'export {};\n');
    const knip = join(ROOT, 'node_modules/knip/bin/knip.js');
    const run = spawnSync(process.execPath, [knip, '--no-progress'], { cwd: copy, encoding: 'utf8' });
    output = `${run.status}\n${run.stdout}${run.stderr}`;
  });
  after(() => rm(copy, { recursive: true, force: true }));

  for (const planted of ['InShared', 'InDev', 'InTools', 'InTest'])
    test(`finds an unused export: planted${planted}`, () =>
      assert.match(output, new RegExp(`planted${planted}`)));
  test('finds an unused file, and fails', () => {
    assert.match(output, /shared\/planted-file\.ts/);
    assert.match(output, /^1\n/);
  });
});
