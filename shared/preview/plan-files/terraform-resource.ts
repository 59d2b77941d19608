import { armIdIn, hasUnknown, sameJson, valueAt } from './json-values.ts';

/** One entry of `resource_changes` ("JSON Output Format" of Terraform: change representation). */
export interface TerraformResource {
  address: string;
  type: string;
  does: 'creates' | 'updates' | 'deletes' | 'replaces';
  /** Of a replacement: the new one is made before the old one is deleted. */
  isCreatedFirst: boolean;
  before: unknown;
  after: unknown;
  afterUnknown: unknown;
  /** What the provider's `features` make of a destroy. */
  purges: PurgesOnDestroy;
}

export interface PurgesOnDestroy {
  vaults: boolean;
  keys: boolean;
}

/** An attribute before and after, and whether its new value is known only after the plan is applied. */
export interface Attribute {
  before: unknown;
  after: unknown;
  isUnknown: boolean;
  isChanged: boolean;
}

export function attributeOf({ before, after, afterUnknown }: TerraformResource, name: string): Attribute {
  const [old, next] = [valueAt(before, name), valueAt(after, name)];
  const isUnknown = hasUnknown(valueAt(afterUnknown, name)) || afterUnknown === true;
  return {
    before: old,
    after: next,
    isUnknown,
    isChanged: isUnknown || !sameJson(old ?? null, next ?? null),
  };
}

/** `unknown`: until the plan is applied. `another`: it is known, and no resource of Resource Manager. */
export type PlannedTarget = `/${string}` | 'unknown' | 'another';

/** The resource at which the planned one acts, by the attribute that names it. */
export function targetOf(resource: TerraformResource, name: string): PlannedTarget {
  const id = armIdIn(valueAt(resource.after, name));
  if (id !== undefined) return id as `/${string}`;
  return attributeOf(resource, name).isUnknown ? 'unknown' : 'another';
}

const HARMLESS_ACTIONS = ['no-op', 'read', 'forget'];

/** What a list of actions does. Undefined: nothing to the resource itself. `unknown`: a word of a later Terraform. */
export function actionOf(
  actions: readonly unknown[],
): Pick<TerraformResource, 'does' | 'isCreatedFirst'> | 'unknown' | undefined {
  const acting = actions.filter((word) => !HARMLESS_ACTIONS.includes(String(word)));
  const [first, second] = acting;
  if (acting.length === 0) return actions.length === 0 ? 'unknown' : undefined;
  if (acting.length === 2 && acting.includes('create') && acting.includes('delete'))
    return { does: 'replaces', isCreatedFirst: first === 'create' };
  if (second !== undefined) return 'unknown';
  if (first === 'create') return { does: 'creates', isCreatedFirst: false };
  if (first === 'update') return { does: 'updates', isCreatedFirst: false };
  return first === 'delete' ? { does: 'deletes', isCreatedFirst: false } : 'unknown';
}

export function onlyTagsDiffer(before: unknown, after: unknown): boolean {
  const without = (values: unknown) =>
    typeof values === 'object' && values !== null ? { ...values, tags: undefined } : values;
  return sameJson(without(before), without(after));
}
