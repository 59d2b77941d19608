import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { BUNDLE } from '../../../tools/build/bundle.ts';
import { bundleWithOneCore, type Files } from '../../../tools/build/one-core.ts';

/** The entry and two lazy parts share `counter`; the lazy parts alone share `lazyShared`. */
const SOURCES = {
  'app.ts': `import { count } from './counter.ts';
    import './side-effect.ts';
    export const run = async () => {
      const [one, two] = await Promise.all([import('./one.ts'), import('./two.ts')]);
      return [count(), one.countInOne(), two.countInTwo(), one.status()];
    };`,
  'counter.ts': `import { STATUS_CODES } from 'node:http';
    let n = 0;
    export const count = () => { n += 1; return n; };
    export const ok = () => STATUS_CODES[200];`,
  'side-effect.ts': `Object.assign(globalThis, { sideEffects: (globalThis.sideEffects ?? 0) + 1 });`,
  'lazy-shared.ts': `import { count } from './counter.ts'; export const again = () => count();`,
  'one.ts': `import { count, ok } from './counter.ts'; import { again } from './lazy-shared.ts';
    import './side-effect.ts';
    export const countInOne = () => count() * 10 + again(); export const status = () => ok();`,
  'two.ts': `import { again } from './lazy-shared.ts'; export const countInTwo = () => again();`,
};

describe('the bundle with one core', () => {
  let directory: string;
  let files: Files;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lockwatch-one-core-'));
    for (const [name, text] of Object.entries(SOURCES)) await writeFile(join(directory, name), text);
    const options = {
      ...BUNDLE,
      entryPoints: { app: join(directory, 'app.ts') },
      outdir: join(directory, 'out'),
    };
    files = await bundleWithOneCore(options, 'app');
  });
  after(() => rm(directory, { recursive: true, force: true }));

  it('is the entry with all that it imports, and a file for each lazy part', () => {
    const [first, ...lazy] = [...files.keys()];
    assert.equal(first, 'app.mjs');
    assert.equal(lazy.filter((name) => /^(?:one|two)-/.test(name)).length, 2);
    assert.doesNotMatch(
      files.get('app.mjs') ?? '',
      /from"\.\//,
      'the entry imports no other file at its start',
    );
  });

  it('has each module once: lazy parts share the state of the entry', async () => {
    for (const [name, text] of files) await writeFile(join(directory, name), text);
    const { run } = await import(pathToFileURL(join(directory, 'app.mjs')).href);
    assert.deepEqual(await run(), [1, 23, 4, 'OK']);
    assert.equal((globalThis as { sideEffects?: number }).sideEffects, 1);
  });

  it('does not import node:http, which would load undici', () => {
    for (const text of files.values()) assert.doesNotMatch(text, /from"(?:node:)?http"/);
  });
});
