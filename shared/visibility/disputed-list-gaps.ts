import type { EnvironmentApi } from '../facts/environment-details.ts';
import { msSince } from '../incidents/stored-time.ts';
import { memberOf, named, policyGap } from './policy-gaps.ts';
import type { SeenNow } from './visibility-gaps.ts';
import type { VisibilityGap } from './visibility-state.ts';

/** Lists lag by minutes, and new rights take effect late: an earlier contradiction is no news. */
const DISPUTED_FOR_MS = 24 * 60 * 60_000;

const NAMES: Readonly<Record<EnvironmentApi, string>> = {
  admin: 'the Power Platform admin API',
  platform: 'the Power Platform API',
};

/**
 * One of the two environment APIs has lacked members that the other shows for a day, though each should show
 * all. They count as members.
 */
export function disputedListGaps({ policyStates, now }: SeenNow): VisibilityGap[] {
  return (['admin', 'platform'] as const).flatMap((api) => {
    const members = policyStates.flatMap((policyState) =>
      Object.values(policyState.history.environments?.disputed ?? {})
        .filter(({ lackedBy, since }) => lackedBy === api && msSince(since, now) >= DISPUTED_FOR_MS)
        .map(() => memberOf(policyState)),
    );
    if (members.length === 0) return [];
    const gap = policyGap({ id: `lists|${api}`, urgent: true }, members, (some) => {
      const [count, it] =
        some.length === 1 ? ['an environment', 'it'] : [`${some.length} environments`, 'them'];
      return {
        text: `For a day ${NAMES[api]} has lacked ${count} of ${named(some)} that the other list of environments shows. Lockwatch counts ${it} as linked.`,
        remediation: `Check the rights of Lockwatch's identity in ${NAMES[api]}: npm run doctor reads both lists. If the rights are complete, ask Microsoft Support why the lists differ.`,
      };
    });
    return [gap];
  });
}
