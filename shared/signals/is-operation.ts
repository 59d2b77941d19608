import type { AuditOperation } from './audit-operations.ts';
import { ARM_OPERATION, type ArmOperation, isNamedAs, type VaultEvent } from './operation-names.ts';
import { isPolicyId } from './scope.ts';
import type { About } from './signal.ts';

export type OperationName = ArmOperation | VaultEvent | AuditOperation;

/** Whether the signal reports one of these operations. Its outcome is not considered. */
export function isOperation(signal: About, names: readonly OperationName[]): boolean {
  if (names.includes(ARM_OPERATION.policyDelete) && deletesPolicy(signal)) return true;
  return names.some((name) =>
    name.endsWith('/')
      ? isBelow(signal, name.toLowerCase())
      : isNamedAs(signal.type, name) || isNamedAs(signal.operation, name),
  );
}

/** No document says which operation the deletion of a policy reports, so any deletion of one counts. */
export function deletesPolicy({ type, scope }: About): boolean {
  return /^microsoft\.resources\.resourcedelete/i.test(type) && isPolicyId(scope);
}

/** An event without an operation still says to which kind of resource something was done. */
function isBelow({ operation, scope }: About, family: string): boolean {
  return (operation ? operation.toLowerCase() : kindOf(scope)).startsWith(family);
}

/** The operations of a resource begin with its type: "microsoft.authorization/roleassignments/". */
function kindOf(scope: string): string {
  const [provider = '', ...path] = scope.slice(scope.lastIndexOf('/providers/')).split('/').slice(2);
  return [provider, ...path.filter((_, n) => n % 2 === 0), ''].join('/').toLowerCase();
}
