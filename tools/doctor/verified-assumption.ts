import type { VerifiedAssumption } from './report.ts';

/** `holds`: undefined where this tenant does not show it. */
export function verified(
  point: string,
  assumed: string,
  holds: boolean | undefined,
  found: string,
): VerifiedAssumption {
  const outcome = holds === undefined ? "can't tell here" : holds ? 'as assumed' : 'otherwise';
  return { point, assumed, found, outcome };
}

/** The value at a path of an unchecked answer. */
export function evidenceAt(value: unknown, ...path: readonly string[]): unknown {
  let inner = value;
  for (const name of path) {
    if (typeof inner !== 'object' || inner === null) return undefined;
    inner = new Map<string, unknown>(Object.entries(inner)).get(name);
  }
  return inner;
}
