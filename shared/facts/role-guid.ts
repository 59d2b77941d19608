import { armIdParts, normalId } from '../azure/arm-id.ts';

/** Assignments at a management group name their role without a subscription, so roles are told apart by GUID alone. */
export function roleGuid(roleDefinitionId: string): string {
  return armIdParts(normalId(roleDefinitionId)).name;
}
