import type { KeyVersionFact } from '../facts/facts.ts';

/** True where the version had expired at that time. Missing data is not judged. */
export function hasExpired({ expires }: KeyVersionFact, at: string): boolean {
  return Date.parse(expires ?? '') <= Date.parse(at);
}

/** True where the version was not yet valid at that time. */
export function isEarly({ notBefore }: KeyVersionFact, at: string): boolean {
  return Date.parse(notBefore ?? '') > Date.parse(at);
}

/** The reasons (type, size, allowed operations) why the version can't wrap and unwrap. */
export function unusableBecause(version: KeyVersionFact): string[] {
  return [...materialFaults(version), ...missingOperations(version).map((one) => `it does not allow ${one}`)];
}

/** Faults that only another key can remediate (Power Platform docs: customer-managed key, requirements). */
export function materialFaults({ kty, keySize }: KeyVersionFact): string[] {
  const faults: string[] = [];
  if (kty !== undefined && !['rsa', 'rsa-hsm'].includes(kty.toLowerCase())) {
    faults.push(`its type is ${kty}, not RSA or RSA-HSM`);
  }
  if (keySize !== undefined && keySize !== 2048 && keySize !== 3072) {
    faults.push(`its size is ${keySize}, not 2048 or 3072`);
  }
  return faults;
}

export const NEEDED_OPERATIONS = ['wrapKey', 'unwrapKey'];

export function missingOperations({ keyOps }: KeyVersionFact): string[] {
  if (keyOps === undefined) return [];
  const allowed = keyOps.map((one) => one.toLowerCase());
  return NEEDED_OPERATIONS.filter((one) => !allowed.includes(one.toLowerCase()));
}
