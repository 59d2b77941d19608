import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';

const SCENARIOS = join(import.meta.dirname, '../../infra/scenarios');

const resourceSchema = z.looseObject({
  id: z.string(),
  type: z.string(),
  name: z.string(),
  location: z.string().optional(),
  /** Only where the deployment itself decides whether the resource is created. */
  condition: z.string().optional(),
  properties: z.record(z.string(), z.unknown()).default({}),
});
export type SnapshotResource = z.infer<typeof resourceSchema>;
const snapshotSchema = z.object({
  predictedResources: z.array(resourceSchema),
  diagnostics: z.array(z.unknown()),
  outputs: z.record(z.string(), z.unknown()),
});

/** The reviewed snapshot of one scenario: the resources that would be deployed. */
export interface Snapshot {
  name: string;
  text: string;
  diagnostics: unknown[];
  outputs: Record<string, unknown>;
  resources: SnapshotResource[];
  /** Those of one type, compared case-insensitively. */
  of(type: string): SnapshotResource[];
  /** The only one of its type. Throws where there are more, or none. */
  one(type: string): SnapshotResource;
}

/**
 * Reads infra/scenarios/<name>.snapshot.json. Needs no compiler. Throws where it is missing, or not in its
 * schema.
 */
export function readSnapshot(name: string): Snapshot {
  return parseSnapshot(name, readFileSync(join(SCENARIOS, `${name}.snapshot.json`), 'utf8'));
}

/** A snapshot from its text. Throws where it is not in its schema. */
export function parseSnapshot(name: string, text: string): Snapshot {
  const { predictedResources: resources, diagnostics, outputs } = snapshotSchema.parse(JSON.parse(text));
  const of = (type: string) => resources.filter((one) => one.type.toLowerCase() === type.toLowerCase());
  return {
    name,
    text,
    diagnostics,
    outputs,
    resources,
    of,
    one(type) {
      const [first, ...others] = of(type);
      if (first === undefined || others.length > 0)
        throw new Error(
          `${name}: ${others.length + (first ? 1 : 0)} resources of ${type}, one was expected.`,
        );
      return first;
    },
  };
}

/** The value at that path of a resource, at any depth; undefined where the path ends earlier. */
export function at(value: unknown, ...path: (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  );
}

export function listAt(value: unknown, ...path: (string | number)[]): unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

export function textAt(value: unknown, ...path: (string | number)[]): string {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : '';
}

/** The app settings as Bicep writes them. */
export function snapshotSettings({ one }: Pick<Snapshot, 'one'>): Record<string, string> {
  const settings = listAt(one('Microsoft.Web/sites'), 'properties', 'siteConfig', 'appSettings');
  return Object.fromEntries(settings.map((setting) => [textAt(setting, 'name'), textAt(setting, 'value')]));
}
