import type { CannotJudge, Change, ReducedPlan } from '../change.ts';
import { type ArmChange, armChanges } from './arm-changes.ts';
import { type ArmProperty, changedProperties, isUnresolved, joined } from './arm-properties.ts';
import { armIdIn, entriesIn, valueAt, wordIn } from './json-values.ts';
import { PlanFileError } from './plan-file-error.ts';
import { armChangesAtUnknown } from './unknown-target.ts';

const CHANGE_TYPES = [
  'Create',
  'Delete',
  'Deploy',
  'Detach',
  'Ignore',
  'Modify',
  'NoChange',
  'Unsupported',
] as const;

/**
 * The changes of `az deployment … what-if --no-pretty-print` that can matter (Deployments REST: What If). The deltas are
 * what the deployment changes; `after` also holds what is only guessed, so it is taken for what is created alone.
 */
export function readWhatIf(file: Record<string, unknown>): ReducedPlan {
  const inner = valueAt(file, 'properties', 'changes') === undefined ? file : valueAt(file, 'properties');
  const listed = valueAt(inner, 'changes');
  if (!Array.isArray(listed)) throw new PlanFileError('This what-if result has no list of changes.');
  const cannotJudge: CannotJudge[] = [];
  const status = valueAt(file, 'status');
  if ((status !== undefined && status !== null && status !== 'Succeeded') || isGiven(valueAt(file, 'error')))
    cannotJudge.push({ because: 'The what-if operation did not succeed, so it may lack changes.' });
  cannotJudge.push(...skipped(file), ...(inner === file ? [] : skipped(inner)));
  const changes: Change[] = [];
  const read = (entry: unknown, address: string, isPotential: boolean) => {
    cannotJudge.push(...skipped(entry, armIdIn(valueAt(entry, 'resourceId')) ?? address));
    const found = changeOf(entry, address, isPotential);
    if (found === undefined) changes.push(...createdAtUnknown(entry, address));
    else if (typeof found === 'string') cannotJudge.push({ address, because: found });
    else changes.push(...armChanges(found));
  };
  for (const [n, entry] of listed.entries()) read(entry, `change ${n + 1}`, false);
  for (const [n, entry] of entriesIn(valueAt(inner, 'potentialChanges')).entries())
    read(entry, `potential change ${n + 1}`, true);
  return { kind: 'lockwatchPreview', version: 1, from: 'whatIf', changes, cannotJudge };
}

/**
 * A warning or an error says that what-if left something out, such as a nested template that it did not expand
 * ("Template deployment what-if operation": short-circuiting; Azure/arm-template-whatif#157). What that would change is
 * in no list. No code of a warning is documented as harmless, so only the level `Info` is.
 */
function skipped(holder: unknown, address?: string): CannotJudge[] {
  const found = entriesIn(valueAt(holder, 'diagnostics')).filter(
    (one) => wordIn(valueAt(one, 'level'), ['Info']) === undefined,
  );
  const codes = new Set(found.map((one) => codeIn(valueAt(one, 'code'))));
  return [...codes].map((code) => ({
    ...(address === undefined ? {} : { address }),
    because: `What-if reports ${code}, so it may lack changes that the deployment makes.`,
  }));
}

function codeIn(value: unknown): string {
  return typeof value === 'string' && /^[A-Za-z]{1,100}$/.test(value) ? value : 'a problem without a code';
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** Undefined: it changes nothing. A text: why it can't be judged, where it names no resource. */
function changeOf(entry: unknown, ordinal: string, isPotential: boolean): ArmChange | string | undefined {
  const type = wordIn(valueAt(entry, 'changeType'), CHANGE_TYPES);
  if (type === 'Ignore' || type === 'NoChange' || type === 'Detach') return undefined;
  const id = armIdIn(valueAt(entry, 'resourceId'));
  if (id === undefined) {
    if (type === 'Create') return undefined;
    return 'It is a change of a resource whose id is known only to the deployment.';
  }
  const [before, after] = [valueAt(entry, 'before'), valueAt(entry, 'after')];
  const of = { address: id, id, before, after, properties: [] };
  if (isPotential)
    return { ...of, does: 'sets', unjudged: `${ordinal}: whether the deployment makes it is not known.` };
  if (type === 'Create')
    return { ...of, does: 'creates', properties: changedProperties(undefined, after, undefined) };
  if (type === 'Delete') return { ...of, does: 'deletes' };
  if (type !== 'Modify') {
    const why = type === 'Deploy' ? 'what-if does not say what it changes' : 'what-if does not support it';
    return { ...of, does: 'sets', unjudged: `${ordinal}: ${why}.` };
  }
  const delta = valueAt(entry, 'delta');
  if (!Array.isArray(delta)) return { ...of, does: 'sets', unjudged: `${ordinal}: it has no delta.` };
  const properties: ArmProperty[] = [];
  for (const one of delta) addDelta(properties, '', one, 0);
  return { ...of, does: 'sets', properties };
}

/** What is created is no resource that a policy uses, but it may act on one: a role assignment, an association. */
function createdAtUnknown(entry: unknown, address: string): Change[] {
  if (wordIn(valueAt(entry, 'changeType'), ['Create']) === undefined) return [];
  const after = valueAt(entry, 'after');
  const type = valueAt(after, 'type') ?? valueAt(entry, 'identifiers', 'type');
  const properties = changedProperties(undefined, after, undefined);
  return armChangesAtUnknown(type, { address, does: 'creates', before: undefined, after, properties });
}

const PROPERTY_CHANGES = ['Create', 'Delete', 'Modify', 'Array', 'NoEffect'] as const;

function addDelta(properties: ArmProperty[], above: string, delta: unknown, depth: number): void {
  const name = valueAt(delta, 'path');
  const type = wordIn(valueAt(delta, 'propertyChangeType'), PROPERTY_CHANGES);
  const path = typeof name === 'string' ? joined(above, name) : above;
  if (type === 'NoEffect') return;
  if (type === undefined || depth > MAX_DEPTH || typeof name !== 'string') {
    properties.push({ path, kind: 'unknown', after: undefined });
    return;
  }
  const children = entriesIn(valueAt(delta, 'children'));
  const after = valueAt(delta, 'after');
  if (type === 'Array' && children.length > 0) addEntries(properties, path, children);
  else if (type === 'Delete') properties.push({ path, kind: 'removed', after: undefined });
  else if (children.length > 0) for (const child of children) addDelta(properties, path, child, depth + 1);
  // Neither the parts of the change nor its new value are given.
  else if (after === undefined || after === null)
    properties.push({ path, kind: 'unknown', after: undefined });
  else {
    // An object is the sum of its properties.
    for (const one of changedProperties(undefined, after, undefined))
      properties.push({ ...one, path: one.path === '' ? path : `${path}.${one.path}` });
  }
}
const MAX_DEPTH = 50;

/** The entries of a list that are added and taken away. One that is changed in place may be any of them. */
function addEntries(properties: ArmProperty[], path: string, children: readonly unknown[]): void {
  for (const child of children) {
    const type = wordIn(valueAt(child, 'propertyChangeType'), PROPERTY_CHANGES);
    const [before, after] = [valueAt(child, 'before'), valueAt(child, 'after')];
    if (type === 'NoEffect') continue;
    if (type === 'Create' && !isUnresolved(after)) properties.push({ path, kind: 'added', after });
    else if (type === 'Delete') properties.push({ path, kind: 'taken', after: before });
    else {
      const isKnown = type === 'Modify' || type === 'Array';
      properties.push({ path, kind: isKnown ? 'changed' : 'unknown', after: undefined });
    }
  }
}
