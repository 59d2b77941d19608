import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/** How the tree is built is read from its files; nothing is loaded. */
const ROOT = join(import.meta.dirname, '../..');

/** One TypeScript file of the tree, by its path from the root, with what it imports and exports. */
export interface Module {
  path: string;
  imports: { path: string; isType: boolean }[];
  exports: string[];
  packages: string[];
  lines: number;
}

/** Every TypeScript file under these folders. */
export function modulesUnder(...folders: readonly string[]): Module[] {
  return folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .map((file) => posix.join(folder, file.replaceAll('\\', '/')))
      .filter((path) => path.endsWith('.ts'))
      .sort()
      .map((path) => moduleFrom(path, readFileSync(join(ROOT, path), 'utf8'))),
  );
}

/** Biome formats every file alike, so each statement begins at the start of a line. */
export function moduleFrom(path: string, text: string): Module {
  const relative = [
    ...text.matchAll(/^(?:import|export)\s+(type\s+)?[^'";]*?from '(\.[^']+)';$/gm),
    ...text.matchAll(/()\bimport\('(\.[^']+)'\)/g),
    ...text.matchAll(/^import ()'(\.[^']+)';$/gm),
  ];
  return {
    path,
    imports: relative.map(([, type, target = '']) => ({
      path: posix.join(posix.dirname(path), target),
      isType: (type ?? '') !== '',
    })),
    exports: [
      ...text.matchAll(/^export (?:declare )?(?:async )?(?:function|const|class|interface|type|let) (\w+)/gm),
    ].map(([, name = '']) => name),
    packages: [...text.matchAll(/^(?:import|export) (?!type)[^'";]*?from '([^.'][^']*)';$/gm)].map(
      ([, name = '']) => name,
    ),
    lines: text.split('\n').length - 1,
  };
}
