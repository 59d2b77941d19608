import { armIdParts } from '../azure/arm-id.ts';
import type { Facts, NetworkFact, VaultFact } from '../facts/facts.ts';
import { addDays } from '../triggers/days.ts';
import { reachOf } from '../triggers/network-settings.ts';
import type { PreviewChain } from './chain.ts';
import type { ChangeOf, VaultSettings } from './change.ts';
import { type Effect, NO_EFFECT, notKnownYet, planned, plannedGone, unknownFrom } from './effect.ts';
import { changeTenant, setAccessPolicies, switchModel } from './set-vault-access.ts';

/**
 * A deleted vault can be recovered until its retention ends, unless it is purged at once, which purge protection
 * refuses (Key Vault docs: soft delete).
 */
export function deleteVault(
  { facts }: PreviewChain,
  { vaultId, purges, address }: Pick<ChangeOf<'vaultDeleted'>, 'vaultId' | 'purges' | 'address'>,
  at: string,
): Effect {
  const { name } = armIdParts(vaultId);
  if (facts.vault.state === 'gone') return NO_EFFECT;
  const vault = facts.vault.state === 'known' ? facts.vault.value : undefined;
  const isPurged = purges === true && vault?.purgeProtection !== true;
  const scheduledPurgeDate = addDays(at, vault?.softDeleteRetentionInDays ?? SHORTEST_RETENTION_DAYS);
  const follows = unknownFrom('The key vault is gone, and with it what lay in it.', at);
  return {
    facts: {
      vault: plannedGone(`${address} deletes the key vault ${name}.`, at),
      deletedVault: isPurged
        ? plannedGone(`${address} purges the deleted vault ${name}: nothing brings it back.`, at)
        : planned({ deletedAt: at, scheduledPurgeDate, purgeProtection: vault?.purgeProtection }, at),
      key: follows,
      permission: follows,
    },
    otherModel: follows,
  };
}

/** Where the vault's own number is not known, the shortest is the safe one. */
const SHORTEST_RETENTION_DAYS = 7;

export function setVault(
  chain: PreviewChain,
  { set, unknown = [], address, vaultId }: ChangeOf<'vaultSet'>,
  at: string,
): Effect {
  const { vault } = chain.facts;
  const name = armIdParts(vaultId).name;
  const settings = Object.keys(set);
  if (vault.state === 'gone' || (settings.length === 0 && unknown.length === 0)) return NO_EFFECT;
  if (vault.state !== 'known')
    return { unknown: `${address} changes the vault ${name}, which could not be read: ${vault.detail}` };
  const effect = withSettings(chain, vault.value, set, at);
  return unknown.length === 0 ? effect : { ...effect, unknown: notKnownYet(`the vault ${name}`, unknown) };
}

function withSettings(chain: PreviewChain, before: VaultFact, set: VaultSettings, at: string): Effect {
  const network = networkAfter(before.network, set);
  const next: VaultFact = { ...before, network };
  if (set.tenantId !== undefined) next.tenantId = set.tenantId;
  if (set.rbac !== undefined) next.rbac = set.rbac;
  const isMoved = next.tenantId?.toLowerCase() !== before.tenantId?.toLowerCase();
  const isSame = network === before.network && next.rbac === before.rbac && !isMoved;
  const facts: Partial<Facts> = isSame ? {} : { vault: planned(next, at) };
  const entries = set.accessPolicies;
  const kept = isMoved ? changeTenant(chain, before.name, at) : NO_EFFECT;
  const first = entries === undefined ? kept : setAccessPolicies(chain, entries, next.tenantId, at);
  if (next.rbac === before.rbac) return joined(facts, first);
  const listed = {
    ...chain,
    facts: { ...chain.facts, ...first.facts },
    ...(first.otherModel === undefined ? {} : { otherModel: first.otherModel }),
  };
  return joined(facts, { ...first, ...switchModel(listed, next, at) });
}

function joined(facts: Partial<Facts>, effect: Effect): Effect {
  const all = { ...facts, ...effect.facts };
  return Object.keys(all).length === 0 ? effect : { ...effect, facts: all };
}

/** The same object where nothing changes that Power Platform's access depends on. */
function networkAfter(before: NetworkFact, set: VaultSettings): NetworkFact {
  const next = { ...before };
  if (set.publicNetworkAccess !== undefined) next.publicNetworkAccess = set.publicNetworkAccess;
  if (set.defaultAction !== undefined || set.bypass !== undefined) {
    next.hasAcls = true;
    next.defaultAction = set.defaultAction ?? (before.hasAcls ? before.defaultAction : 'Allow');
    next.bypass = set.bypass ?? before.bypass;
  }
  const [then, now] = [rulesOf(before), rulesOf(next)];
  return then.every((value, n) => value.toLowerCase() === now[n]?.toLowerCase()) ? before : next;
}

/** With what absence means (Key Vault REST: Vaults - Get). */
function rulesOf({ publicNetworkAccess, hasAcls, defaultAction, bypass }: NetworkFact): string[] {
  const rule = hasAcls ? (defaultAction ?? 'not told') : 'Allow';
  return [publicNetworkAccess ?? 'Enabled', rule, bypass ?? 'AzureServices'];
}

/**
 * A vault in a perimeter with enforced access is closed to all but the perimeter's own rules; in Transition mode
 * the vault's own settings decide ("Network security perimeter": access modes).
 */
export function setPerimeter(
  chain: PreviewChain,
  { access, vaultId, address }: ChangeOf<'perimeterSet'>,
  at: string,
): Effect {
  const { vault } = chain.facts;
  if (access === 'Enforced')
    return setVault(
      chain,
      { what: 'vaultSet', vaultId, address, set: { publicNetworkAccess: 'SecuredByPerimeter' } },
      at,
    );
  if (vault.state !== 'known') return NO_EFFECT;
  const isSecured = vault.value.network.publicNetworkAccess?.toLowerCase() === 'securedbyperimeter';
  return isSecured
    ? {
        unknown: `${address} takes the vault ${vault.value.name} out of the enforced perimeter that closes it; which public access it has then is not known.`,
      }
    : NO_EFFECT;
}

/** No reading names the perimeter of a vault, so a change of any perimeter counts where one decides its network. */
export function notJudgedEffect(
  { facts: { vault } }: PreviewChain,
  { network, because }: ChangeOf<'unjudged'>,
): Effect {
  if (network === 'byPerimeter' && vault.state !== 'unknown') {
    if (vault.state === 'gone') return NO_EFFECT;
    const { publicAccess } = reachOf(vault.value.network);
    if (publicAccess === 'on' || publicAccess === 'off') return NO_EFFECT;
  }
  return { unknown: because };
}
