import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertRegisters } from '../build/assert-registers.ts';
import { billOfMaterials } from './bill.ts';
import { copyTemplates } from './copy-templates.ts';
import { unzip } from './unzip.ts';
import { zipOf } from './zip.ts';

/** Maximum bytes of the deployed zip. */
const BUDGET = 2_500_000;

/**
 * `npm run package`: what is deployed, as one zip in out/ (the entry, its chunks, host.json, package.json;
 * nothing else), beside its software bill of materials and the files for a deployment without azd. The same
 * commit gives the same bytes: every time in them is the commit's.
 */
const root = join(import.meta.dirname, '../..');
const out = join(root, 'out');
const manifest: { name: string; version: string; main: string } = JSON.parse(
  await readFile(join(root, 'package.json'), 'utf8'),
);
execFileSync(process.execPath, ['tools/build/main.ts'], { cwd: root, stdio: 'inherit' });

const { name, version, main } = manifest;
const files = new Map<string, Buffer>([
  ['host.json', await readFile(join(root, 'host.json'))],
  // The fields that the host needs to find the entry; the packages themselves are in the bundle.
  ['package.json', Buffer.from(`${JSON.stringify({ name, version, type: 'module', main }, undefined, 2)}\n`)],
]);
for (const file of await readdir(join(root, 'dist')))
  files.set(`dist/${file}`, await readFile(join(root, 'dist', file)));

const at = commitTime();
const zip = await zipOf(files, at);
const bill = await billOfMaterials(root, at);
await rm(out, { recursive: true, force: true });
await mkdir(out);
await writeFile(join(out, `${name}-${version}.zip`), zip);
await writeFile(join(out, `${name}-${version}.cdx.json`), bill.text);
console.log(
  `Packaged out/${name}-${version}.zip: ${files.size} files, ${Math.round(zip.length / 1000)} KB (budget ${BUDGET / 1000} KB), SHA-256 ${createHash('sha256').update(zip).digest('hex')}`,
);
console.log(`Its bill of materials: out/${name}-${version}.cdx.json, ${bill.components} packages.`);
const templates = await copyTemplates(root, out);
console.log(`For a deployment without azd: ${templates.map((file) => `out/${file}`).join(', ')}.`);
// As it will be used: unpacked into an otherwise empty folder.
const empty = await mkdtemp(join(tmpdir(), 'lockwatch-package-'));
try {
  const unpacked = await unzip(zip, empty);
  if (unpacked.length !== files.size)
    throw new Error(`The zip holds ${unpacked.length} files of ${files.size}.`);
  await assertRegisters(empty);
  console.log('Unpacked in an empty folder, it registers every function.');
} finally {
  await rm(empty, { recursive: true, force: true });
}
if (zip.length > BUDGET) throw new Error('The package is over its budget.');

/** The commit's own time; outside a clone, SOURCE_DATE_EPOCH (reproducible-builds.org), or 1980. */
function commitTime(): Date {
  if (process.env.SOURCE_DATE_EPOCH) return new Date(Number(process.env.SOURCE_DATE_EPOCH) * 1000);
  try {
    const seconds = execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: root, stdio: 'pipe' });
    return new Date(Number(seconds.toString().trim()) * 1000);
  } catch {
    console.warn('No commit found: the times in the package are those of 1980.');
    return new Date('1980-01-02T00:00:00Z');
  }
}
