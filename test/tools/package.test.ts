import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { billOfMaterials } from '../../tools/package/bill.ts';
import { copyTemplates } from '../../tools/package/copy-templates.ts';
import { unzip } from '../../tools/package/unzip.ts';
import { zipOf } from '../../tools/package/zip.ts';

const AT = new Date('2026-11-23T12:34:56Z');
const FILES = new Map([
  ['host.json', Buffer.from('{}')],
  ['dist/app.mjs', Buffer.from('export {};'.repeat(1000))],
]);
const root = join(import.meta.dirname, '../..');

test('the same files and the same commit give the same bytes, in any order and any time zone', async () => {
  const zip = await zipOf(FILES, AT);
  assert.deepEqual(await zipOf(new Map([...FILES].reverse()), AT), zip);
  const elsewhere = execFileSync(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import { zipOf } from ${JSON.stringify(join(root, 'tools/package/zip.ts'))};
       const files = new Map([['host.json', Buffer.from('{}')], ['dist/app.mjs', Buffer.from('export {};'.repeat(1000))]]);
       process.stdout.write((await zipOf(files, new Date('${AT.toISOString()}'))).toString('hex'));`,
    ],
    { env: { ...process.env, TZ: 'Asia/Tokyo' } },
  );
  assert.equal(elsewhere.toString(), zip.toString('hex'));
});

test('what is packed is what is unpacked', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'lockwatch-unzip-'));
  try {
    assert.deepEqual(await unzip(await zipOf(FILES, AT), directory), ['dist/app.mjs', 'host.json']);
    for (const [path, content] of FILES) assert.deepEqual(await readFile(join(directory, path)), content);
    await assert.rejects(unzip(Buffer.from('no zip'), directory));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

test('another content gives other bytes', async () => {
  const other = new Map(FILES).set('host.json', Buffer.from('{"version":"2.0"}'));
  assert.notDeepEqual(await zipOf(other, AT), await zipOf(FILES, AT));
});

test('the bill of materials names every production package and none of the tools, the same each time', async () => {
  const { text, components } = await billOfMaterials(root, AT);
  const names: string[] = JSON.parse(text).components.map(
    ({ name, group }: { name: string; group?: string }) => (group ? `${group}/${name}` : name),
  );
  assert.equal(names.length, components);
  for (const wanted of ['nodemailer', 'zod', 'hono'])
    assert.ok(names.includes(wanted), `${wanted} is not in it`);
  assert.ok(names.some((name) => name.endsWith('data-tables')));
  for (const tool of ['esbuild', 'azurite', 'typescript', 'playwright-core'])
    assert.ok(!names.includes(tool));
  assert.equal((await billOfMaterials(root, AT)).text, text);
  assert.ok(!text.includes(root), 'no path of the machine that made it');
});

test('the template and its form for the portal lie beside the package as they were committed, without a compiler', async () => {
  const out = await mkdtemp(join(tmpdir(), 'lockwatch-out-'));
  try {
    assert.deepEqual(await copyTemplates(root, out), ['azuredeploy.json', 'createUiDefinition.json']);
    for (const name of await copyTemplates(root, out))
      assert.deepEqual(await readFile(join(out, name)), await readFile(join(root, 'infra', name)), name);
  } finally {
    await rm(out, { recursive: true, force: true });
  }
});
