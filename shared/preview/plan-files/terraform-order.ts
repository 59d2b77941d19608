import type { Change } from '../change.ts';
import { armIdIn, entriesIn, valueAt } from './json-values.ts';
import { roleIn } from './key-words.ts';
import type { TerraformResource } from './terraform-resource.ts';

export interface ReadResource {
  resource: TerraformResource;
  changes: readonly Change[];
}

/** What a resource stands for in Azure, where two addresses can stand for the same. */
interface Held {
  scope: string;
  /** Each names the same: a role has a GUID and a name. */
  keys: string[];
}

const REMOVING: ReadonlySet<Change['what']> = new Set(['accessPolicyRemoved', 'roleAssignmentRemoved']);
const ADDING: ReadonlySet<Change['what']> = new Set(['accessPolicySet', 'roleAssignmentAdded']);

/**
 * The changes of all resources. `resource_changes` is sorted by address, and Terraform applies addresses that do not
 * depend on each other at the same time. Where one address deletes the grant that another one creates, either may come
 * last, so neither is judged. Only a replacement at one address has a known order.
 */
export function inKnownOrder(read: readonly ReadResource[]): Change[] {
  const grants = read.map(({ resource, changes }) => ({
    address: resource.address,
    changes,
    removed: removedBy(resource),
    added: addedBy(resource),
  }));
  const removedAt = addressesByKey(grants, ({ removed }) => removed);
  const addedAt = addressesByKey(grants, ({ added }) => added);
  const unjudged: Change[] = [];
  const kept = grants.flatMap(({ address, changes, removed, added }) => {
    let own = changes;
    if (removed.some(({ keys }) => elsewhere(addedAt, keys, address) !== undefined))
      own = withoutGuess(own, REMOVING);
    for (const { keys, scope } of added) {
      const other = elsewhere(removedAt, keys, address);
      if (other === undefined) continue;
      own = withoutGuess(own, ADDING);
      const because = `${other} deletes what ${address} creates anew, and Terraform may do either first: add a moved block.`;
      unjudged.push({ what: 'unjudged', address, scope, because });
    }
    return own;
  });
  return [...kept, ...unjudged];
}

/** Up to two addresses of each key: of these, one is another than any given one. */
function addressesByKey<One extends { address: string }>(
  grants: readonly One[],
  heldBy: (one: One) => readonly Held[],
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const one of grants)
    for (const key of heldBy(one).flatMap(({ keys }) => keys)) {
      const list = found.get(key) ?? [];
      if (list.length < 2 && !list.includes(one.address)) list.push(one.address);
      found.set(key, list);
    }
  return found;
}

function elsewhere(
  addresses: ReadonlyMap<string, readonly string[]>,
  keys: readonly string[],
  address: string,
): string | undefined {
  return keys.flatMap((key) => addresses.get(key) ?? []).find((one) => one !== address);
}

function withoutGuess(changes: readonly Change[], kinds: ReadonlySet<Change['what']>): Change[] {
  return changes.flatMap((change): Change[] => {
    if (change.what !== 'vaultSet')
      return kinds.has(change.what) || change.what === 'perimeterSet' ? [] : [change];
    const { accessPolicies, ...set } = change.set;
    const unknown = [...new Set([...(change.unknown ?? []), 'accessPolicies' as const])];
    return [accessPolicies === undefined ? change : { ...change, set, unknown }];
  });
}

function removedBy(resource: TerraformResource): Held[] {
  const { does, before, after } = resource;
  if (does === 'deletes' || does === 'replaces') return heldIn(resource, before);
  return does === 'updates' ? lacking(heldIn(resource, before), heldIn(resource, after)) : [];
}

function addedBy(resource: TerraformResource): Held[] {
  const { does, before, after } = resource;
  if (does === 'creates' || does === 'replaces') return heldIn(resource, after);
  return does === 'updates' ? lacking(heldIn(resource, after), heldIn(resource, before)) : [];
}

function lacking(all: Held[], others: Held[]): Held[] {
  const known = new Set(others.flatMap(({ keys }) => keys));
  return all.filter(({ keys }) => !keys.some((key) => known.has(key)));
}

function heldIn({ type }: TerraformResource, values: unknown): Held[] {
  switch (type) {
    case 'azurerm_role_assignment':
      return roleHeld(valueAt(values, 'scope'), valueAt(values, 'principal_id'), [
        roleIn(valueAt(values, 'role_definition_id')),
        roleIn(undefined, valueAt(values, 'role_definition_name')),
        valueAt(values, 'role_definition_name'),
      ]);
    case 'azapi_resource': {
      if (!/^Microsoft\.Authorization\/roleAssignments(?:@|$)/i.test(String(valueAt(values, 'type'))))
        return [];
      const properties = valueAt(values, 'body', 'properties');
      const role = roleIn(valueAt(properties, 'roleDefinitionId'));
      return roleHeld(valueAt(values, 'parent_id'), valueAt(properties, 'principalId'), [role]);
    }
    case 'azurerm_key_vault_access_policy':
      return entryHeld(valueAt(values, 'key_vault_id'), values);
    case 'azurerm_key_vault':
      return entriesIn(valueAt(values, 'access_policy')).flatMap((entry) =>
        entryHeld(valueAt(values, 'id'), entry),
      );
    case 'azurerm_network_security_perimeter_association': {
      const scope = armIdIn(valueAt(values, 'resource_id'));
      return scope === undefined ? [] : [{ scope, keys: [`perimeter ${scope}`.toLowerCase()] }];
    }
    default:
      return [];
  }
}

function roleHeld(at: unknown, principal: unknown, roles: readonly unknown[]): Held[] {
  const scope = armIdIn(at);
  const names = roles.filter((role) => typeof role === 'string' && role !== '');
  if (scope === undefined || typeof principal !== 'string') return [];
  return [
    { scope, keys: [...new Set(names.map((role) => `role ${scope} ${principal} ${role}`.toLowerCase()))] },
  ];
}

function entryHeld(vault: unknown, entry: unknown): Held[] {
  const scope = armIdIn(vault);
  const object = valueAt(entry, 'object_id');
  if (scope === undefined || typeof object !== 'string') return [];
  const application = String(valueAt(entry, 'application_id') ?? '');
  return [{ scope, keys: [`policy ${scope} ${object} ${application}`.toLowerCase()] }];
}
