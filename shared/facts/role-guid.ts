import { armIdParts, normalId } from '../azure/arm-id.ts';

/** Assignments at a management group name their role without a subscription, so a role is known by its GUID alone. */
export function roleGuid(roleDefinitionId: string): string {
  return armIdParts(normalId(roleDefinitionId)).name;
}
