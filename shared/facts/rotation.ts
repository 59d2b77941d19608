import * as z from 'zod';
import { optionalText, parseAs } from '../azure/answer-schema.ts';
import type { ArmSession } from '../azure/arm-client.ts';
import { known, malformed, unreadable } from '../azure/outcome.ts';
import type { Part } from '../azure/part.ts';
import type { RotationFact } from './facts.ts';

/**
 * Whether Key Vault creates new versions of the key by itself. The key's own answer says so, and it is read
 * for the version in use anyway; an empty rotation policy is omitted from it (Key Vault REST: Keys - Get).
 */
export async function readRotation(
  arm: ArmSession,
  vaultId: string,
  keyName: string,
): Promise<Part<RotationFact>> {
  const outcome = await arm.keyVault.key(vaultId, keyName);
  if (outcome.kind !== 'answered') return unreadable(outcome, 'Reader on the vault, or above it');
  const parsed = parseAs(keySchema, outcome.value);
  if ('fault' in parsed) return malformed(`GET ${vaultId}/keys/${keyName}`, parsed.fault, outcome.at);
  const actions = parsed.value.properties.rotationPolicy?.lifetimeActions ?? [];
  const rotate = actions.find(({ action }) => action?.type?.toLowerCase() === 'rotate');
  if (rotate === undefined) return known({ rotates: false }, outcome.at);
  const { timeAfterCreate, timeBeforeExpiry } = rotate.trigger ?? {};
  return known({ rotates: true, timeAfterCreate, timeBeforeExpiry }, outcome.at);
}

const lifetimeAction = z.object({
  action: z.object({ type: optionalText }).nullish(),
  trigger: z.object({ timeAfterCreate: optionalText, timeBeforeExpiry: optionalText }).nullish(),
});
const keySchema = z.object({
  properties: z.object({
    rotationPolicy: z.object({ lifetimeActions: z.array(lifetimeAction).nullish() }).nullish(),
  }),
});
