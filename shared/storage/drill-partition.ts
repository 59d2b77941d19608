import { policyKey } from '../incidents/ids.ts';

/** The made-up policy that drills are played on. It has a partition like any other, and no list ever holds it. */
export const DRILL_POLICY =
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/lockwatch-drill/providers/Microsoft.PowerPlatform/enterprisePolicies/DRILL-policy';
export const DRILL_PARTITION = policyKey(DRILL_POLICY);
