import { hash as hashOf } from 'node:crypto';
import { normalId } from '../azure/arm-id.ts';

/**
 * The partition of one policy: a hash, since ARM ids contain characters that Table Storage rejects in keys
 * ("Understanding the Table service data model"). The spelling of the id does not change the hash.
 */
export function policyKey(policyId: string): string {
  return hash(normalId(policyId), 20);
}

/** The id of a policy's n-th incident: the policy's hash and the number, so the id alone finds the row. */
export function incidentId(policyId: string, sequence: number): string {
  return `${policyKey(policyId)}-${sequence}`;
}

/** The partition that an incident's id names. Undefined if it is not the id of an incident. */
export function partitionOfIncident(id: string): string | undefined {
  return /^([0-9a-f]{20})-[1-9]\d{0,9}$/.exec(id)?.[1];
}

/** Enough of a hash to distinguish a hundred thousand things where long ids must not enlarge a row. */
export function shortKey(text: string): string {
  return hash(text, SHORT);
}
/** Names a policy in the stored visibility state: the beginning of its partition's key. */
export function gapKey(policyId: string): string {
  return policyKey(policyId).slice(0, SHORT);
}
const SHORT = 12;

export function hash(text: string, length: number): string {
  return hashOf('sha256', text, 'hex').slice(0, length);
}
