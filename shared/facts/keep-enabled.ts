import type { KeyVersionFact } from './facts.ts';

/**
 * How long environments may use a version after it was replaced (Power Platform docs: customer-managed key).
 */
export const KEEP_ENABLED_DAYS = 28;
/** Each is a request of its own, and Key Vault does not limit how often a key is rotated. */
const MAX_READ = 3;

/** The enabled versions that were replaced so lately that environments may still use them. Newest first. */
export function latelyReplaced(versions: readonly KeyVersionFact[], now: string): KeyVersionFact[] {
  const since = Date.parse(now) - KEEP_ENABLED_DAYS * 86_400_000;
  return versions
    .filter(({ enabled }, index) => enabled && Date.parse(versions[index - 1]?.created ?? '') > since)
    .slice(0, MAX_READ);
}
