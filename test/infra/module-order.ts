import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const MAIN_BICEP = readFileSync(join(import.meta.dirname, '../../infra/main.bicep'), 'utf8');

/** The modules of a Bicep file, each with all that must be there before it: what it names, and what those name. */
export type ModuleOrder = ReadonlyMap<string, ReadonlySet<string>>;

/** Reads the order of deployment from Bicep's text: `dependsOn`, and every output that a module takes from another. */
export function moduleOrder(text: string): ModuleOrder {
  const blocks = [...text.matchAll(/^module (\w+) '[^']+' = [\s\S]*?^[}\]]$/gm)].map(
    ([block, name = '']) => [name, block] as const,
  );
  const names = blocks.map(([name]) => name);
  const direct = new Map(
    blocks.map(([name, block]) => {
      const [, listed = ''] = /dependsOn: \[([^\]]*)\]/.exec(block) ?? [];
      const isNamed = (other: string) =>
        new RegExp(`\\b${other}(!|\\[[^\\]]*\\])?\\.outputs\\b`).test(block) ||
        new RegExp(`\\b${other}\\b`).test(listed);
      return [name, names.filter((other) => other !== name && isNamed(other))] as const;
    }),
  );
  const all = (name: string): string[] => (direct.get(name) ?? []).flatMap((one) => [one, ...all(one)]);
  return new Map(names.map((name) => [name, new Set(all(name))]));
}
