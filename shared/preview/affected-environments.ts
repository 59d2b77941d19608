import type { EnvironmentFact } from '../facts/facts.ts';
import { isLinked } from '../triggers/lock-signs.ts';
import type { PreviewChain } from './chain.ts';

/** An environment that would go down, as people know it. */
export type AffectedByChange = Pick<EnvironmentFact, 'id' | 'displayName' | 'sku' | 'region' | 'url'>;

/** The environments that are linked to the policy: of this reading, else as last known. */
export function linkedTo({ facts, history }: PreviewChain): readonly EnvironmentFact[] {
  const listed =
    facts.environments.state === 'known'
      ? facts.environments.value.environments
      : (history.environments?.members ?? []);
  return listed.filter(isLinked);
}

/** True where a reading shows that no environment is linked to the policy. */
export function unlinked(chain: PreviewChain): boolean {
  return chain.facts.environments.state === 'known' && linkedTo(chain).length === 0;
}

export function affectedByChange(chain: PreviewChain): AffectedByChange[] {
  return linkedTo(chain).map(({ id, displayName, sku, region, url }) => ({
    id,
    displayName,
    sku,
    region,
    ...(url === undefined ? {} : { url }),
  }));
}
