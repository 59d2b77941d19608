import type { Change } from '../change.ts';
import type { ArmChange } from './arm-changes.ts';
import { type ArmProperty, changesBeyond, hasUnresolved } from './arm-properties.ts';
import { entriesIn, guidIn, valueAt, wordIn } from './json-values.ts';
import { dataPermission, roleIn } from './key-words.ts';

/** Role assignments, role definitions and deny assignments, as Resource Manager writes them. */
export function grantChanges(change: ArmChange, type: string, scope: string | undefined): Change[] {
  if (type === 'microsoft.authorization/roleassignments') return assignments(change, scope);
  if (type === 'microsoft.authorization/roledefinitions') return definitions(change);
  // Nobody writes a deny assignment directly: stacks and managed applications do.
  const { address } = change;
  const because = `${address} changes a deny assignment, which Lockwatch does not judge.`;
  return scope === undefined ? [] : [{ what: 'unjudged', address, scope, because }];
}

function assignments(
  { address, id, does, properties: changed, after }: ArmChange,
  at: string | undefined,
): Change[] {
  if (does === 'deletes') return [{ what: 'roleAssignmentRemoved', address, id }];
  if (does === 'sets') {
    // Neither the principal, the role nor the scope of an assignment can be changed; its condition can.
    if (at === undefined || !changesBeyond(changed, ASSIGNMENT_LOOKALIKES)) return [];
    const because = `${address} changes a role assignment in a way that Lockwatch does not judge, such as its condition.`;
    return [{ what: 'unjudged', address, scope: at, because }];
  }
  const properties = valueAt(after, 'properties');
  const scope = id.replace(/\/providers\/Microsoft\.Authorization\/roleAssignments\/[^/]+$/i, '');
  const principalId = guidIn(valueAt(properties, 'principalId'));
  const principalType = wordIn(valueAt(properties, 'principalType'), ['User', 'Group', 'ServicePrincipal']);
  const role = roleIn(valueAt(properties, 'roleDefinitionId'));
  const condition = valueAt(properties, 'condition');
  return [
    {
      what: 'roleAssignmentAdded',
      address,
      scope,
      ...(principalId === undefined ? {} : { principalId }),
      ...(principalType === undefined ? {} : { principalType }),
      ...(role === undefined ? {} : { role }),
      ...(typeof condition === 'string' ? { isConditional: true } : {}),
    },
  ];
}

const WRITTEN_BY_AZURE = 'createdon|createdby|updatedon|updatedby';
const ASSIGNMENT_LOOKALIKES = new RegExp(
  `^(?:tags|systemdata|properties\\.(?:description|principaltype|${WRITTEN_BY_AZURE}))(?:\\.|$)`,
);
const DEFINITION_LOOKALIKES = new RegExp(
  `^(?:tags|systemdata|properties\\.(?:rolename|description|type|assignablescopes|${WRITTEN_BY_AZURE}))(?:\\.|$)`,
);

function definitions({ address, id, does, properties, after }: ArmChange): Change[] {
  const roleId = roleIn(id);
  if (roleId === undefined) return [];
  if (does === 'deletes') return [{ what: 'roleDefinitionDeleted', address, roleId }];
  const touched = properties.filter(({ path }) => !DEFINITION_LOOKALIKES.test(path));
  if (does === 'sets' && touched.length === 0) return [];
  const given = valueAt(after, 'properties', 'permissions');
  // The delta of a list within a list names its entries by their places alone: the whole list is taken instead.
  const isOther = ({ path }: ArmProperty) =>
    does === 'sets' && !/^properties\.permissions(?:\.|$)/.test(path);
  const isUnknown =
    !Array.isArray(given) ||
    hasUnresolved(given) ||
    touched.some((one) => /unknown|removed/.test(one.kind) || isOther(one));
  const permissions = entriesIn(given).map((one) =>
    dataPermission(valueAt(one, 'dataActions'), valueAt(one, 'notDataActions')),
  );
  return [{ what: 'roleDefinitionSet', address, roleId, permissions, ...(isUnknown ? { isUnknown } : {}) }];
}
