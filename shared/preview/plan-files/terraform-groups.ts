import type { Change } from '../change.ts';
import { entriesIn, guidIn, hasUnknown, valueAt } from './json-values.ts';
import { attributeOf, type TerraformResource } from './terraform-resource.ts';

/** `azuread_group` and `azuread_group_without_members`: who belongs to it decides whom its grants reach. */
export function entraGroupChanges(resource: TerraformResource): Change[] {
  const { address, does, before } = resource;
  const groupId = groupIdIn(valueAt(before, 'object_id') ?? valueAt(before, 'id'));
  if (does === 'creates' || groupId === undefined) return [];
  if (does !== 'updates') return [{ what: 'groupLosesMembers', address, groupId }];
  const members = attributeOf(resource, 'members');
  // A group with a rule has the members that the rule finds.
  const isRuled = ['dynamic_membership', 'types'].some((name) => attributeOf(resource, name).isChanged);
  const isUnknown = isRuled || hasUnknown(valueAt(resource.afterUnknown, 'members'));
  if (!isUnknown && !members.isChanged) return [];
  const [old, next] = [membersIn(members.before), membersIn(members.after)];
  const gained = isUnknown ? [undefined] : [...next].filter((one) => !old.has(one));
  const isLosing = isUnknown || [...old].some((one) => !next.has(one));
  return [
    ...(isLosing ? [{ what: 'groupLosesMembers' as const, address, groupId }] : []),
    ...gained.map((memberId): Change => gains(address, memberId)),
  ];
}

/** `azuread_group_member`: every change of one is a replacement. */
export function entraMemberChanges({ address, does, before, after }: TerraformResource): Change[] {
  const groupId = groupIdIn(valueAt(before, 'group_object_id'));
  const lost: Change[] =
    does === 'creates' || groupId === undefined ? [] : [{ what: 'groupLosesMembers', address, groupId }];
  return does === 'deletes' ? lost : [...lost, gains(address, guidIn(valueAt(after, 'member_object_id')))];
}

function gains(address: string, memberId: string | undefined): Change {
  return { what: 'groupGainsMember', address, ...(memberId === undefined ? {} : { memberId }) };
}

/** azuread 3 has "/groups/" before the id. */
function groupIdIn(value: unknown): string | undefined {
  return typeof value === 'string' ? guidIn(value.replace(/^\/groups\//i, '')) : undefined;
}

function membersIn(value: unknown): Set<string> {
  return new Set(entriesIn(value).flatMap((one) => guidIn(one) ?? []));
}
