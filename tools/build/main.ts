import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertRegisters, EXPECTED } from './assert-registers.ts';
import { BUNDLE } from './bundle.ts';
import { bundleWithOneCore } from './one-core.ts';

/** Maximum bytes of the entry, which is all that is loaded before the first invocation. */
const ENTRY_BUDGET = 760_000;
const TOTAL_BUDGET = 6_000_000;

/**
 * `npm run build`: bundles the app into dist/, then loads the bundle from an empty folder, without
 * node_modules, and fails unless every expected function registers and the bundle is within its budget.
 */
const root = join(import.meta.dirname, '../..');
const dist = join(root, 'dist');
await rm(dist, { recursive: true, force: true });
await mkdir(dist);
const files = await bundleWithOneCore(
  { entryPoints: { app: join(root, 'functions/app.ts') }, outdir: dist, ...BUNDLE },
  'app',
);
await Promise.all([...files].map(([name, text]) => writeFile(join(dist, name), text)));

const empty = await mkdtemp(join(tmpdir(), 'lockwatch-build-'));
try {
  await cp(dist, join(empty, 'dist'), { recursive: true });
  for (const file of ['package.json', 'host.json']) await cp(join(root, file), join(empty, file));
  await assertRegisters(empty);
} finally {
  await rm(empty, { recursive: true, force: true });
}

const sizes = [...files.values()].map((text) => Buffer.byteLength(text));
const entryBytes = sizes[0] ?? 0;
const totalBytes = sizes.reduce((sum, one) => sum + one, 0);
console.log(
  `Built dist/: ${EXPECTED.length} functions, ${kb(entryBytes)} at start, ${kb(totalBytes)} in all.`,
);
if (entryBytes > ENTRY_BUDGET)
  throw new Error(`The entry loads ${kb(entryBytes)} at start; its budget is ${kb(ENTRY_BUDGET)}.`);
if (totalBytes > TOTAL_BUDGET)
  throw new Error(`dist/ has ${kb(totalBytes)}; its budget is ${kb(TOTAL_BUDGET)}.`);

function kb(bytes: number): string {
  return `${Math.round(bytes / 1000)} KB`;
}
