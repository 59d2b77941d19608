import { spawnSync } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** Builds dist/ where it is missing or older than its sources. Throws when the build fails. */
export async function ensureBuilt(options: { quiet: boolean }): Promise<void> {
  const builtMs = await builtAtMs();
  if (builtMs !== undefined && builtMs > (await newestSource())) return;
  const result = spawnSync(process.execPath, [join(ROOT, 'tools/build/main.ts')], {
    stdio: ['ignore', options.quiet ? 'pipe' : 'inherit', options.quiet ? 'pipe' : 'inherit'],
    encoding: 'utf8',
  });
  if (result.status !== 0) throw new Error(`The build failed.\n${result.stderr ?? ''}`);
}

/** Undefined: there is no build yet. */
async function builtAtMs(): Promise<number | undefined> {
  try {
    return (await stat(join(ROOT, 'dist/app.mjs'))).mtimeMs;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
}

async function newestSource(): Promise<number> {
  const files = ['package-lock.json', 'host.json', 'tools/build/main.ts', 'tools/build/bundle.ts'].map(
    (file) => join(ROOT, file),
  );
  for (const folder of ['functions', 'shared'])
    for (const entry of await readdir(join(ROOT, folder), { recursive: true, withFileTypes: true }))
      if (entry.isFile()) files.push(join(entry.parentPath, entry.name));
  const times = await Promise.all(files.map(async (file) => (await stat(file)).mtimeMs));
  return Math.max(...times);
}
