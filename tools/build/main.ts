import { cp, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { assertRegisters, EXPECTED } from './assert-registers.ts';
import { BUNDLE } from './bundle.ts';

/** Maximum bytes of the entry and of everything it loads before the first invocation. */
const ENTRY_BUDGET = 780_000;
const TOTAL_BUDGET = 6_000_000;

/**
 * `npm run build`: bundles the app into dist/, then loads the bundle from an empty folder, without
 * node_modules, and fails unless every expected function registers and the bundle is within its budget.
 */
const root = join(import.meta.dirname, '../..');
const dist = join(root, 'dist');
await rm(dist, { recursive: true, force: true });
const result = await build({
  entryPoints: { app: join(root, 'functions/app.ts') },
  outdir: dist,
  ...BUNDLE,
});

const empty = await mkdtemp(join(tmpdir(), 'lockwatch-build-'));
try {
  await cp(dist, join(empty, 'dist'), { recursive: true });
  for (const file of ['package.json', 'host.json']) await cp(join(root, file), join(empty, file));
  await assertRegisters(empty);
} finally {
  await rm(empty, { recursive: true, force: true });
}

const outputs = Object.entries(result.metafile.outputs);
const entryBytes = bytesAtStart(outputs.find(([name]) => name.endsWith('app.mjs'))?.[0] ?? '');
let totalBytes = 0;
for (const file of await readdir(dist)) totalBytes += (await stat(join(dist, file))).size;
console.log(
  `Built dist/: ${EXPECTED.length} functions, ${kb(entryBytes)} at start, ${kb(totalBytes)} in all.`,
);
if (entryBytes > ENTRY_BUDGET)
  throw new Error(`The entry loads ${kb(entryBytes)} at start; its budget is ${kb(ENTRY_BUDGET)}.`);
if (totalBytes > TOTAL_BUDGET)
  throw new Error(`dist/ has ${kb(totalBytes)}; its budget is ${kb(TOTAL_BUDGET)}.`);

/** The file and all it imports statically. */
function bytesAtStart(entry: string, seen = new Set<string>()): number {
  if (seen.has(entry)) return 0;
  seen.add(entry);
  const output = result.metafile.outputs[entry];
  if (!output) return 0;
  const imports = output.imports.filter(({ kind, external }) => kind === 'import-statement' && !external);
  return output.bytes + imports.reduce((sum, { path }) => sum + bytesAtStart(path, seen), 0);
}

function kb(bytes: number): string {
  return `${Math.round(bytes / 1000)} KB`;
}
