import type { Change } from '../change.ts';
import { type ArmChange, armChanges } from './arm-changes.ts';
import { type ArmProperty, changedProperties } from './arm-properties.ts';
import { armIdIn, hasUnknown, isRecord, valueAt } from './json-values.ts';
import { bodyReachesBeyondGroup } from './template-reach.ts';
import { attributeOf, type PlannedTarget, type TerraformResource, targetOf } from './terraform-resource.ts';
import { armChangesAtUnknown } from './unknown-target.ts';
import { watchedScope } from './watched-scope.ts';

/** `azapi_resource`: the resource itself. azapi never purges what it deletes. */
export function azapiResourceChanges(resource: TerraformResource): Change[] {
  const { address, does, before, after } = resource;
  const body = bodiesOf(resource);
  const made = (): Change[] =>
    changesAt(placedAt(resource, 'id'), typeOf(after), {
      address,
      does: 'creates',
      ...body,
      before: undefined,
    });
  if (does === 'creates') return made();
  const id = targetIn(before, 'id') ?? 'unknown';
  const type = typeOf(before);
  if (does === 'updates') return changesAt(id, type, { address, does: 'sets', ...body });
  const deleted = changesAt(id, type, { address, does: 'deletes', ...body, properties: [] });
  if (does === 'deletes') return deleted;
  return resource.isCreatedFirst ? [...made(), ...deleted] : [...deleted, ...made()];
}

/** `azapi_update_resource`: it sets properties, and its deletion changes nothing. */
export function azapiUpdateChanges(resource: TerraformResource): Change[] {
  if (resource.does === 'deletes') return [];
  const body = bodiesOf(resource);
  const before = resource.does === 'updates' ? body.before : undefined;
  const properties = changedProperties(before, body.after, body.unknown);
  // What it no longer names stays as it is.
  const kept = properties.filter(({ kind }) => kind !== 'removed');
  return changesAt(placedAt(resource, 'resource_id'), typeOf(resource.after), {
    address: resource.address,
    does: 'sets',
    before,
    after: body.after,
    properties: kept,
  });
}

/** `azapi_resource_action`: a request to a resource, made when the action is created, or with `when` at its end. */
export function azapiActionChanges(resource: TerraformResource): Change[] {
  const { address, does, before, after } = resource;
  const isEnding = does === 'deletes' || (does === 'replaces' && valueAt(before, 'when') === 'destroy');
  const of = isEnding ? before : after;
  if ((valueAt(of, 'when') === 'destroy') !== isEnding) return [];
  const id = isEnding ? (targetIn(before, 'resource_id') ?? 'unknown') : targetOf(resource, 'resource_id');
  const type = typeOf(of);
  const action = valueAt(of, 'action');
  const method = String(valueAt(of, 'method') ?? 'POST').toUpperCase();
  if (typeof action === 'string' && action !== '')
    return changesAt(id, type, { ...NOTHING, address, unjudged: asked(address) });
  if (method === 'DELETE') return changesAt(id, type, { ...NOTHING, address, does: 'deletes' });
  const body = bodiesOf(resource);
  if (method !== 'PUT' && method !== 'PATCH')
    return changesAt(id, type, { ...NOTHING, address, unjudged: asked(address) });
  const properties = changedProperties(undefined, body.after, body.unknown);
  return changesAt(id, type, { address, does: 'sets', before: undefined, after: body.after, properties });
}

const NOTHING = { does: 'sets', before: undefined, after: undefined, properties: [] } as const;

function asked(address: string): string {
  return `${address} sends a request to a resource whose effect Lockwatch does not know.`;
}

function changesAt(
  target: PlannedTarget,
  type: unknown,
  change: Omit<ArmChange, 'id'> & { unknown?: unknown },
): Change[] {
  const { unknown, ...rest } = change;
  if (isDeployment(type) && (isOfTenant(target) || bodiesReach(change))) {
    const { address } = change;
    const because = `${address} deploys a template that may act outside one resource group, which Lockwatch does not judge.`;
    return [{ what: 'unjudged', address, because }];
  }
  if (target === 'another') return [];
  return target === 'unknown' ? armChangesAtUnknown(type, rest) : armChanges({ ...rest, id: target });
}

/** A deployment to the tenant has no scope in its id, or a parent that is no id ("/"). */
function isOfTenant(target: PlannedTarget): boolean {
  return target === 'another' || /^\/providers\/Microsoft\.Resources\//i.test(target);
}

function isDeployment(type: unknown): boolean {
  return typeof type === 'string' && /^Microsoft\.Resources\/deployment(?:s|Stacks)(?:@|$)/i.test(type);
}

function bodiesReach({ before, after, unknown }: Parameters<typeof changesAt>[2]): boolean {
  return bodyReachesBeyondGroup(before, undefined) || bodyReachesBeyondGroup(after, unknown);
}

function typeOf(values: unknown): unknown {
  return valueAt(values, 'type');
}

/** By the attribute that names the resource, or by its parent and its name. */
function targetIn(values: unknown, name: string): `/${string}` | undefined {
  return (armIdIn(valueAt(values, name)) ?? idOf(values)) as `/${string}` | undefined;
}

function placedAt(resource: TerraformResource, name: string): PlannedTarget {
  const id = targetIn(resource.after, name);
  if (id !== undefined) return id;
  const names = [name, 'parent_id', 'name', 'type'];
  return names.some((one) => attributeOf(resource, one).isUnknown) ? 'unknown' : 'another';
}

/** `body` is a text in azapi 1, and an object in azapi 2. */
function bodiesOf(resource: TerraformResource): {
  before: unknown;
  after: unknown;
  unknown: unknown;
  properties: ArmProperty[];
} {
  const { before, after, isUnknown } = attributeOf(resource, 'body');
  const [old, next] = [asObject(before), asObject(after)];
  const notKnown = valueAt(resource.afterUnknown, 'body');
  // Of a text that is not known yet, nothing is.
  const unknown = isUnknown && !isRecord(next) ? true : notKnown;
  const properties = [...changedProperties(old, next, unknown), ...identityOf(resource)];
  return { before: old, after: next, unknown, properties };
}

/** The block `identity`, beside the body. Its ids of principal and tenant are what Azure answers. */
function identityOf(resource: TerraformResource): ArmProperty[] {
  const { before, after, afterUnknown, does } = resource;
  if (does !== 'updates') return [];
  const isUnknown = ['type', 'identity_ids'].some((name) =>
    hasUnknown(valueAt(afterUnknown, 'identity', '0', name)),
  );
  if (isUnknown || valueAt(afterUnknown, 'identity') === true)
    return [{ path: 'identity', kind: 'unknown', after: undefined }];
  const partOf = (values: unknown) => {
    const block = valueAt(values, 'identity', '0');
    return block === undefined
      ? undefined
      : { identity: { type: valueAt(block, 'type'), ids: valueAt(block, 'identity_ids') } };
  };
  return changedProperties(partOf(before), partOf(after), undefined);
}

function asObject(body: unknown): unknown {
  if (typeof body !== 'string') return body;
  try {
    return JSON.parse(body);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The id of a resource, from its type, its name and its parent ("azapi_resource": `parent_id`). */
function idOf(values: unknown): string | undefined {
  const parent = valueAt(values, 'parent_id');
  const name = valueAt(values, 'name');
  const type = String(valueAt(values, 'type') ?? '').split('@')[0] ?? '';
  const segments = type.split('/');
  if (typeof parent !== 'string' || typeof name !== 'string' || segments.length < 2) return undefined;
  const last = segments.at(-1) ?? '';
  const isChild = segments.length > 2 && watchedScope(parent) === undefined;
  if (/^Microsoft\.Resources\/resourceGroups$/i.test(type))
    return armIdIn(`${parent}/resourceGroups/${name}`);
  const isBelow =
    isChild || (segments.length > 2 && parent.toLowerCase().includes(`/${segments[1]?.toLowerCase()}/`));
  return armIdIn(isBelow ? `${parent}/${last}/${name}` : `${parent}/providers/${type}/${name}`);
}
