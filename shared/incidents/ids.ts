import { hash as hashOf } from 'node:crypto';
import { normalId } from '../azure/arm-id.ts';

/**
 * The partition of one policy: a hash, since ARM ids hold characters that Table Storage refuses in keys
 * ("Understanding the Table service data model"). However the id is spelled, the hash is the same.
 */
export function policyKey(policyId: string): string {
  return hash(normalId(policyId), 20);
}

/** The id of a policy's n-th incident: the hash of the policy and the number, so the id alone finds the row. */
export function incidentId(policyId: string, sequence: number): string {
  return `${policyKey(policyId)}-${sequence}`;
}

/** The partition that an incident's id names; undefined where it is no incident's id. */
export function partitionOfIncident(id: string): string | undefined {
  return /^([0-9a-f]{20})-[1-9]\d{0,9}$/.exec(id)?.[1];
}

/** Enough of a hash to keep a hundred thousand things apart, where a row must not grow with long ids. */
export function shortKey(text: string): string {
  return hash(text, SHORT);
}
/** Names a policy in what is remembered of visibility: the beginning of its partition's key. */
export function gapKey(policyId: string): string {
  return policyKey(policyId).slice(0, SHORT);
}
const SHORT = 12;

export function hash(text: string, length: number): string {
  return hashOf('sha256', text, 'hex').slice(0, length);
}
