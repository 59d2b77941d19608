import { policyKey } from '../incidents/ids.ts';

/** The invented policy of drills. It has a partition like any other, and no list includes it. */
export const DRILL_POLICY =
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/lockwatch-drill/providers/Microsoft.PowerPlatform/enterprisePolicies/DRILL-policy';
export const DRILL_PARTITION = policyKey(DRILL_POLICY);
