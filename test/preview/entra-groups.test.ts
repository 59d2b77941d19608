import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { grant, known, NOTHING_HELD, PRINCIPAL, permission, vault } from '../triggers/a-reading.ts';
import { aChain, aPlan, deleted, GRANT_VALUES, planned, previewFile, updated } from './plan-examples.ts';

const GROUP = '88888888-0000-4000-8000-000000000000';
const SOMEBODY = '99999999-0000-4000-8000-000000000000';
const throughGroup = grant({ principalId: GROUP, principalType: 'Group', viaGroup: true });
const byGroup = aChain({ permission: known(permission({ grants: [throughGroup] })) });
/** The resources of the provider azuread (hashicorp/terraform-provider-azuread `docs/resources/group.md`, `group_member.md`). */
const GROUP_VALUES = {
  id: `/groups/${GROUP}`,
  object_id: GROUP,
  display_name: 'cmk identities',
  description: '',
  members: [PRINCIPAL, SOMEBODY],
  types: null,
};
const MEMBER = { group_object_id: GROUP, member_object_id: PRINCIPAL };
const outcome = (resources: object[], chain = byGroup) => previewFile(aPlan(resources), chain).outcome;

describe('a change of a group of Entra that a grant of the identity goes through', () => {
  const cases: Record<string, object[]> = {
    'a member is removed': [deleted('azuread_group_member', MEMBER)],
    'another member is removed, which may be a group that the identity is in': [
      deleted('azuread_group_member', { ...MEMBER, member_object_id: SOMEBODY }),
    ],
    'the group is deleted': [deleted('azuread_group', GROUP_VALUES)],
    'the group is replaced': [
      planned('azuread_group', ['delete', 'create'], { before: GROUP_VALUES, after: GROUP_VALUES }),
    ],
    'a group without listed members is deleted': [
      deleted('azuread_group_without_members', { id: GROUP, object_id: GROUP }),
    ],
    'a member is taken off the list': [updated('azuread_group', GROUP_VALUES, { members: [SOMEBODY] })],
    'the list of members is not known yet': [updated('azuread_group', GROUP_VALUES, {}, { members: true })],
    'its members are found by another rule': [
      updated('azuread_group', GROUP_VALUES, { dynamic_membership: [{ enabled: true, rule: 'x' }] }),
    ],
  };
  for (const [title, resources] of Object.entries(cases))
    test(`is not judged where ${title}`, () => {
      const [found] = previewFile(aPlan(resources), byGroup).policies;
      assert.equal(found?.outcome, 'unknown');
      assert.match(found?.cannotJudge[0]?.because ?? '', /only if a new grant reaches it|members/);
    });

  test('is fine where the identity holds the key by itself too, and where no member leaves', () => {
    const direct = grant({ id: `${throughGroup.id}2` });
    const both = aChain({ permission: known(permission({ grants: [throughGroup, direct] })) });
    assert.equal(outcome([deleted('azuread_group_member', MEMBER)], both), 'fine');
    assert.equal(outcome([updated('azuread_group', GROUP_VALUES, { description: 'x' })]), 'fine');
    const more = { members: [...GROUP_VALUES.members, GROUP] };
    assert.equal(outcome([updated('azuread_group', GROUP_VALUES, more)]), 'fine');
    const other = { ...MEMBER, group_object_id: SOMEBODY };
    assert.equal(outcome([deleted('azuread_group_member', other)]), 'fine');
  });

  test('is not judged where access policies may name the group', () => {
    const entry = grant({ by: 'accessPolicy', id: GROUP, principalId: GROUP });
    const chain = aChain({
      vault: known(vault({ rbac: false })),
      permission: known(
        permission({ model: 'accessPolicies', ...NOTHING_HELD, grants: [], perhapsGroups: [entry] }),
      ),
    });
    assert.equal(outcome([deleted('azuread_group_member', MEMBER)], chain), 'unknown');
  });
});

describe('a new member of a group', () => {
  const loses = deleted('azurerm_role_assignment', GRANT_VALUES);
  const joins = (member_object_id: string | undefined, unknown = {}) =>
    planned('azuread_group_member', ['create'], { after: { ...MEMBER, member_object_id }, unknown });

  test('that is the identity, or that nobody knows yet, may keep what it loses by itself', () => {
    assert.equal(outcome([loses, joins(PRINCIPAL)], aChain()), 'unknown');
    assert.equal(outcome([loses, joins(undefined, { member_object_id: true })], aChain()), 'unknown');
    const listed = updated('azuread_group', { ...GROUP_VALUES, members: [] }, { members: [PRINCIPAL] });
    assert.equal(outcome([loses, listed], aChain()), 'unknown');
  });

  test('that is somebody else helps nobody here', () => {
    assert.equal(outcome([loses, joins(SOMEBODY)], aChain()), 'goesDown');
    assert.equal(outcome([joins(SOMEBODY)], aChain()), 'fine');
  });
});
