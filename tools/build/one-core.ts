import { basename } from 'node:path';
import { type BuildOptions, type BuildResult, build, type Plugin } from 'esbuild';

/** Files by name, all in one folder. */
export type Files = ReadonlyMap<string, string>;

type Metafile = NonNullable<BuildResult['metafile']>;

/**
 * Splitting makes a file of every set of modules that the same lazy parts share: sixty of them at the start, and Node
 * takes longer to find and open each than to compile it. Here the entry and all that it imports statically become one
 * file, from which the lazy ones import. `entry`: its output without the extension.
 */
export async function bundleWithOneCore(options: BuildOptions, entry: string): Promise<Files> {
  const { banner, ...rest } = options;
  // Once for each of the final files.
  const split = await build({ ...rest, metafile: true, write: false });
  const name = `${entry}.mjs`;
  const files = new Map(split.outputFiles.map(({ path, text }) => [basename(path), text]));
  const core = staticallyFrom(name, split.metafile);
  const used = new Map<string, string>();
  const lazy = [...files]
    .filter(([file]) => !core.has(file))
    .map(([file, text]) => [file, `${banner?.js ?? ''}${importingFrom(core, name, text, used)}`] as const);
  const merged = await build({
    stdin: { contents: coreEntry(name, used), resolveDir: '/' },
    bundle: true,
    minify: options.minify,
    format: options.format,
    platform: options.platform,
    target: options.target,
    legalComments: options.legalComments,
    logLevel: options.logLevel,
    banner,
    plugins: [fromMemory(files, core)],
    write: false,
  });
  return new Map([[name, merged.outputFiles[0]?.text ?? ''], ...lazy]);
}

function staticallyFrom(name: string, { outputs }: Metafile, seen = new Set<string>()): Set<string> {
  if (seen.has(name)) return seen;
  seen.add(name);
  const output = Object.entries(outputs).find(([path]) => basename(path) === name)?.[1];
  for (const { path, kind, external } of output?.imports ?? [])
    if (kind === 'import-statement' && !external)
      staticallyFrom(basename(path), { inputs: {}, outputs }, seen);
  return seen;
}

/** The text of a lazy file that imports from the core instead of from its parts. `used` learns of the names. */
function importingFrom(
  core: ReadonlySet<string>,
  name: string,
  text: string,
  used: Map<string, string>,
): string {
  const rewritten = text.replaceAll(
    /\bimport\s*(?:\{([^}]*)\}\s*from\s*)?"\.\/([^"]+)"/g,
    (whole, names: string | undefined, file: string) => {
      if (!core.has(file)) return whole;
      if (names === undefined) return `import"./${name}"`;
      const own = names.split(',').map((one) => {
        const [exported = '', local = exported] = one.trim().split(' as ');
        return `${nameInCore(file, exported, used)} as ${local}`;
      });
      return `import{${own.join(',')}}from"./${name}"`;
    },
  );
  for (const file of core)
    if (file !== name && rewritten.includes(`"./${file}"`))
      throw new Error(`A lazy file still refers to ${file}, which is a part of ${name}.`);
  return rewritten;
}

function nameInCore(file: string, exported: string, used: Map<string, string>): string {
  const key = `${file} ${exported}`;
  const known = used.get(key) ?? `c${used.size}`;
  used.set(key, known);
  return known;
}

function coreEntry(name: string, used: ReadonlyMap<string, string>): string {
  const lines = [...used].map(([key, own]) => {
    const [file, exported] = key.split(' ');
    return `export { ${exported} as ${own} } from './${file}';`;
  });
  return [`export * from './${name}';`, ...lines].join('\n');
}

function fromMemory(files: Files, core: ReadonlySet<string>): Plugin {
  return {
    name: 'from-memory',
    setup(build) {
      build.onResolve({ filter: /^/ }, ({ path }) =>
        core.has(basename(path)) && path.startsWith('./')
          ? { path: basename(path), namespace: 'core' }
          : { path, external: true },
      );
      build.onLoad({ filter: /^/, namespace: 'core' }, ({ path }) => ({
        contents: files.get(path) ?? '',
        loader: 'js',
      }));
    },
  };
}
