import { type SnapshotResource, textAt } from './snapshot.ts';

/** Stands in a name for the principal's object id, which only the deployment itself knows. */
export const PRINCIPAL = '{principalId}';

/** Where a role assignment of a snapshot applies, and its name, with `PRINCIPAL` where the name depends on it. */
export interface AssignmentPlace {
  scope: string;
  name: string;
}

/**
 * Reads a role assignment's scope and name. A name that holds the principal's id is an expression in the snapshot, and
 * so is the resource's id. Throws where the form is not known.
 */
export function assignmentPlace({ id, name, properties }: SnapshotResource): AssignmentPlace {
  if (!id.startsWith('['))
    return { scope: id.slice(0, id.lastIndexOf('/providers/Microsoft.Authorization/')), name };
  const [, kind, scope = ''] =
    /^\[(extensionResourceId|subscriptionResourceId)\('([^']+)', 'Microsoft\.Authorization\/roleAssignments', /.exec(
      id,
    ) ?? [];
  if (kind === undefined) throw new Error(`It is not known where ${id} applies.`);
  const principal = textAt(properties, 'principalId').replace(/^\[|\]$/g, '');
  return {
    scope: kind === 'subscriptionResourceId' ? `/subscriptions/${scope}` : scope,
    name: name.replaceAll(principal, PRINCIPAL),
  };
}
