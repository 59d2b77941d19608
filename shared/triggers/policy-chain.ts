import { armIdParts } from '../azure/arm-id.ts';
import type { PolicyFact } from '../facts/facts.ts';
import type { History } from './history.ts';

/** The name as Azure last gave it; that of the id where the policy could never be read. */
export function policyNameOf({
  policyId,
  policy,
}: {
  policyId: string;
  policy?: PolicyFact | undefined;
}): string {
  return policy?.name ?? nameInId(policyId);
}

/** For a policy of which only the id is at hand. Never empty. */
export function nameInId(policyId: string): string {
  return armIdParts(policyId).name || policyId;
}

/** The vault as last read; that which the policy names where the vault could never be read. */
export function policyVaultId({ vault, policy }: Pick<History, 'vault' | 'policy'>): string | undefined {
  return vault?.id ?? policy?.vaultId;
}
