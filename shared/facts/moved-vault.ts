import * as z from 'zod';
import type { ArmSession } from '../azure/arm-client.ts';
import { armIdParts, sameId } from '../azure/arm-id.ts';
import { known, malformed, unreadable } from '../azure/outcome.ts';
import type { Gone, Part, Unknown } from '../azure/part.ts';
import type { Facts, MovedVaultFact } from './facts.ts';
import type { KeyUse } from './permission.ts';
import { readPermission } from './permission-reader.ts';
import { readVault } from './vault.ts';

/** Subscriptions REST: Subscriptions - List. Those of which the caller has any right. */
const SUBSCRIPTIONS_API = 'api-version=2022-12-01';

/** A vault that is gone is looked for elsewhere, unless a deleted one of its id is proof enough. */
export async function withMovedVault<Below extends Pick<Facts, 'deletedVault'>>(
  arm: ArmSession,
  below: Below,
  use: KeyUse,
  watched: readonly string[],
): Promise<Below & Pick<Facts, 'movedVault'>> {
  if (below.deletedVault.state === 'known') return below;
  return { ...below, movedVault: await findMovedVault(arm, use, watched) };
}

/**
 * Looks for a vault that is gone from its place by its name, which is unique in all of Azure: a move to another
 * group or subscription keeps keys and access policies ("Move an Azure Key Vault to another subscription").
 * `watched`: the subscriptions that Lockwatch watches, in case the list of subscriptions lacks one.
 */
async function findMovedVault(
  arm: ArmSession,
  use: KeyUse,
  watched: readonly string[],
): Promise<Part<MovedVaultFact>> {
  const { subscriptionId = '', name } = armIdParts(use.vaultId);
  const listed = await arm.list('/subscriptions', SUBSCRIPTIONS_API);
  const ids = listed.kind === 'answered' ? listed.value.flatMap(subscriptionOf) : [];
  const all = [...new Set([subscriptionId, ...watched, ...ids].map((id) => id.toLowerCase()))];
  const found = await Promise.all(all.map((id) => vaultOfName(arm, id, name)));
  const moved = found.find((one) => typeof one === 'string' && !sameId(one, use.vaultId));
  if (typeof moved === 'string') {
    const there = { ...use, vaultId: moved };
    const permission = await readPermission(arm, there, await readVault(arm, moved));
    return known({ id: moved, permission }, permission.readAt);
  }
  const fault = found.find((one): one is Unknown => typeof one === 'object' && one.state === 'unknown');
  if (fault) return fault;
  if (listed.kind !== 'answered')
    return unreadable(listed, 'Reader on the subscription to which the vault was moved');
  return nowhere(name, all.length, listed.at);
}

function nowhere(name: string, subscriptions: number, readAt: string): Gone {
  const where = `${subscriptions === 1 ? 'the subscription' : `the ${subscriptions} subscriptions`} that Lockwatch may list`;
  return { state: 'gone', detail: `No vault in ${where} has the name ${name}.`, readAt };
}

/** The id of the subscription's vault of this name; undefined where it has none. */
async function vaultOfName(
  arm: ArmSession,
  subscriptionId: string,
  name: string,
): Promise<string | Unknown | undefined> {
  const outcome = await arm.keyVault.vaults(subscriptionId);
  if (outcome.kind !== 'answered') return unreadable(outcome, `Reader on the subscription ${subscriptionId}`);
  let fault: Unknown | undefined;
  for (const item of outcome.value) {
    const row = z.object({ id: z.string() }).safeParse(item).data;
    if (row && armIdParts(row.id).name.toLowerCase() === name.toLowerCase()) return row.id;
    if (!row)
      fault ??= malformed(`A vault of the subscription ${subscriptionId}`, 'it has no id', outcome.at);
  }
  return fault;
}

function subscriptionOf(item: unknown): string[] {
  const row = z.object({ subscriptionId: z.string().min(1) }).safeParse(item).data;
  return row ? [row.subscriptionId] : [];
}
