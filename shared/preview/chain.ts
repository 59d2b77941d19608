import { normalId } from '../azure/arm-id.ts';
import type { Part } from '../azure/part.ts';
import type { Facts, PermissionFact } from '../facts/facts.ts';
import type { History } from '../triggers/history.ts';
import { updateHistory } from '../triggers/remember.ts';

/** One policy as a preview begins: its last reading, and the history that includes it. */
export interface PreviewChain {
  facts: Facts;
  history: History;
  /**
   * What the identity may do under the permission model that the vault does not use: it counts once the vault is
   * switched to that one.
   */
  otherModel?: Part<PermissionFact>;
}

/** The chain after a reading. `before`: the history without it. */
export function chainOfReading(facts: Facts, before: History | undefined): PreviewChain {
  const { otherModel } = facts;
  const chain = { facts, history: updateHistory(before, facts) };
  return otherModel === undefined ? chain : { ...chain, otherModel };
}

/** The ids of one chain, from this reading or an earlier one. */
export interface ChainIds {
  policyId: string;
  vaultId?: string;
  keyName?: string;
  principalId?: string;
}

export function chainIds({ facts, history }: Pick<PreviewChain, 'facts' | 'history'>): ChainIds {
  const policy = facts.policy.state === 'known' ? facts.policy.value : undefined;
  const before = history.policy;
  return {
    policyId: facts.policyId,
    vaultId: policy?.vaultId ?? before?.vaultId,
    keyName: policy?.keyName ?? before?.keyName,
    principalId: policy?.principalId ?? before?.principalId,
  };
}

/** An id and every id above it, in lower case: `/subscriptions/s`, `/subscriptions/s/resourceGroups/g`, … */
export function withScopesAbove(id: string): string[] {
  const path = normalId(id);
  const scopes: string[] = [];
  for (let n = 0, end = 0; end < path.length; n += 1) {
    const slash = path.indexOf('/', n === 0 ? 0 : end + 1);
    end = slash === -1 ? path.length : slash;
    if (n > 1 && n % 2 === 0) scopes.push(path.slice(0, end));
  }
  return scopes;
}
