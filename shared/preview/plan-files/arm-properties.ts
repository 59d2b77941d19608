import { hasUnknown, isRecord, sameJson } from './json-values.ts';

/** One property of a resource that a change sets, by its path in lower case: "properties.networkacls.bypass". */
export interface ArmProperty {
  path: string;
  /** `removed`: which value it then has, Azure decides. `added`, `taken` and `changed`: entries of a list. */
  kind: 'set' | 'removed' | 'unknown' | 'added' | 'taken' | 'changed';
  after: unknown;
}

/** The properties that differ between two bodies of a resource. What is not known yet is unknown at its path. */
export function changedProperties(before: unknown, after: unknown, unknown: unknown): ArmProperty[] {
  const found: ArmProperty[] = [];
  compare(found, '', before, after, unknown, 0);
  return found;
}

function compare(
  found: ArmProperty[],
  path: string,
  before: unknown,
  after: unknown,
  unknown: unknown,
  depth: number,
): void {
  if (unknown === true || depth > MAX_DEPTH) {
    found.push({ path, kind: 'unknown', after: undefined });
    return;
  }
  const unknownFields = isRecord(unknown) ? Object.keys(unknown) : [];
  if (isRecord(after) && (isRecord(before) || before === undefined || before === null)) {
    const old: Record<string, unknown> = isRecord(before) ? before : {};
    for (const name of new Set([...Object.keys(old), ...Object.keys(after), ...unknownFields]))
      compare(found, joined(path, name), own(old, name), own(after, name), own(unknown, name), depth + 1);
    return;
  }
  if (isRecord(before) && (after === undefined || after === null)) {
    for (const name of new Set([...Object.keys(before), ...unknownFields]))
      compare(found, joined(path, name), own(before, name), undefined, own(unknown, name), depth + 1);
    return;
  }
  if (hasUnknown(unknown)) found.push({ path, kind: 'unknown', after: undefined });
  else if (isUnresolved(after)) found.push({ path, kind: 'unknown', after: undefined });
  else if (after === undefined || after === null) {
    if (before !== undefined && before !== null) found.push({ path, kind: 'removed', after: undefined });
  } else if (!sameJson(before, after)) found.push({ path, kind: 'set', after });
}
const MAX_DEPTH = 50;

/** An expression of a template that only the deployment resolves. A text that begins with "[[" is no expression. */
export function isUnresolved(value: unknown): boolean {
  return typeof value === 'string' && /^\[(?!\[).*\]$/s.test(value);
}

export function hasUnresolved(value: unknown, depth = 0): boolean {
  if (depth > MAX_DEPTH || isUnresolved(value)) return true;
  if (Array.isArray(value)) return value.some((one) => hasUnresolved(one, depth + 1));
  return isRecord(value) && Object.values(value).some((one) => hasUnresolved(one, depth + 1));
}

export function joined(path: string, name: string): string {
  const last = name.toLowerCase();
  return path === '' ? last : `${path}.${last}`;
}

function own(value: unknown, name: string): unknown {
  return isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** What a change does to one property: what it is set to, `unknown`, or undefined where it is left alone. */
export function settingAt(
  properties: readonly ArmProperty[],
  path: string,
): { value: unknown } | 'unknown' | undefined {
  for (const one of properties) {
    if (one.path === path && one.kind === 'set') return { value: one.after };
    const isHere = one.path === path || path.startsWith(`${one.path}.`) || one.path === '';
    if (isHere && /^(?:unknown|removed|changed)$/.test(one.kind)) return 'unknown';
    // An entry of a list that is set by its own path.
    if (one.path.startsWith(`${path}.`) || one.path.startsWith(`${path}[`)) return 'unknown';
  }
  return undefined;
}

/** Whether anything else is changed than the paths that are known to be harmless. */
export function changesBeyond(properties: readonly ArmProperty[], harmless: RegExp): boolean {
  return properties.some(({ path }) => !harmless.test(path));
}
