import { sameId } from '../facts/arm-id.ts';
import { policyKey } from './keys.ts';

/** The made-up policy that drills are played on. It has a partition like any other, and no list ever holds it. */
export const DRILL_POLICY = 'lockwatch-drill';
export const DRILL_PARTITION = policyKey(DRILL_POLICY);

export function isDrill(policyId: string): boolean {
  return sameId(policyId, DRILL_POLICY);
}
