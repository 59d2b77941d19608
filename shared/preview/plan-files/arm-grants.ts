import type { Change } from '../change.ts';
import type { ArmChange } from './arm-changes.ts';
import { hasUnresolved } from './arm-properties.ts';
import { entriesIn, guidIn, valueAt, wordIn } from './json-values.ts';
import { dataPermission, roleIn } from './key-words.ts';
import { watchedScope } from './watched-scope.ts';

/** Role assignments, role definitions and deny assignments, as Resource Manager writes them. */
export function grantChanges(change: ArmChange, type: string): Change[] {
  if (type === 'microsoft.authorization/roleassignments') return assignments(change);
  if (type === 'microsoft.authorization/roledefinitions') return definitions(change);
  // Nobody writes a deny assignment directly: stacks and managed applications do.
  const { address, id } = change;
  const scope = watchedScope(id);
  const because = `${address} changes a deny assignment, which Lockwatch does not judge.`;
  return scope === undefined ? [] : [{ what: 'unjudged', address, scope, because }];
}

function assignments({ address, id, does, after }: ArmChange): Change[] {
  if (does === 'deletes') return [{ what: 'roleAssignmentRemoved', address, id }];
  // Neither the principal, the role nor the scope of an assignment can be changed.
  if (does === 'sets') return [];
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

function definitions({ address, id, does, properties, after }: ArmChange): Change[] {
  const roleId = roleIn(id);
  if (roleId === undefined) return [];
  if (does === 'deletes') return [{ what: 'roleDefinitionDeleted', address, roleId }];
  const touched = properties.filter(({ path }) => /^(?:properties(?:\.permissions(?:\.|$)|$)|$)/.test(path));
  if (does === 'sets' && touched.length === 0) return [];
  const given = valueAt(after, 'properties', 'permissions');
  // The delta of a list within a list names its entries by their places alone: the whole list is taken instead.
  const isUnknown =
    !Array.isArray(given) || hasUnresolved(given) || touched.some(({ kind }) => /unknown|removed/.test(kind));
  const permissions = entriesIn(given).map((one) =>
    dataPermission(valueAt(one, 'dataActions'), valueAt(one, 'notDataActions')),
  );
  return [{ what: 'roleDefinitionSet', address, roleId, permissions, ...(isUnknown ? { isUnknown } : {}) }];
}
