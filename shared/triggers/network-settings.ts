import type { NetworkFact } from '../facts/facts.ts';
import type { FindingSubject } from './finding-subject.ts';

/** The effect of a vault's network settings on Power Platform. */
export interface Reach {
  publicAccess: 'on' | 'off' | 'perimeter' | 'unclear';
  /**
   * `trusted`: closed except for Microsoft's trusted services; `closed`: closed for those too. IP and virtual
   * network rules prove nothing, since no published address range covers Power Platform's key access.
   */
  rules: 'open' | 'trusted' | 'closed' | 'unclear';
  /** Whether trusted services are admitted (bypass = AzureServices, which is the default). */
  trustedPass: boolean;
}

/**
 * Reads the settings as Key Vault does: any case, and absent means the default (Key Vault REST: Vaults -
 * Get).
 */
export function reachOf({ publicNetworkAccess, hasAcls, defaultAction, bypass }: NetworkFact): Reach {
  const allowed = (bypass ?? 'AzureServices').toLowerCase();
  return {
    publicAccess: PUBLIC_ACCESS.get((publicNetworkAccess || 'Enabled').toLowerCase()) ?? 'unclear',
    rules: hasAcls ? rulesOf(defaultAction?.toLowerCase(), allowed) : 'open',
    trustedPass: allowed !== 'none',
  };
}

/** True where Power Platform certainly can't reach the key: no document calls these settings supported. */
export function isShut(network: NetworkFact): boolean {
  const { publicAccess, rules, trustedPass } = reachOf(network);
  if (publicAccess === 'off') return !trustedPass;
  return publicAccess === 'perimeter' || (publicAccess === 'on' && rules === 'closed');
}

/** True where a change from one to the other left only the exception for trusted services. */
export function closedToTrusted(before: NetworkFact, after: NetworkFact): boolean {
  const to = closureOf(after);
  return to > closureOf(before) && to < CLOSURE.shut;
}

/** True where a change from one to the other opened the vault, perhaps only a little. */
export function isOpening(before: NetworkFact, after: NetworkFact): boolean {
  return closureOf(after) < closureOf(before);
}

/** How far settings shut Power Platform out. */
const CLOSURE = { open: 0, trustedRules: 1, trustedOff: 2, shut: 3 };

/** No number where the settings are of a kind that is not known: they are neither more nor less closed. */
function closureOf(network: NetworkFact): number {
  if (isShut(network)) return CLOSURE.shut;
  const { publicAccess, rules } = reachOf(network);
  if (publicAccess === 'off') return CLOSURE.trustedOff;
  if (publicAccess !== 'on' || rules === 'unclear') return Number.NaN;
  return rules === 'trusted' ? CLOSURE.trustedRules : CLOSURE.open;
}

/** True where two settings have the same effect for Power Platform. */
export function sameReach(a: NetworkFact, b: NetworkFact): boolean {
  const one = reachOf(a);
  const other = reachOf(b);
  return (
    one.publicAccess === other.publicAccess &&
    one.rules === other.rules &&
    one.trustedPass === other.trustedPass
  );
}

/** For evidence: the settings as Azure spells them. */
export function settingsText({ publicNetworkAccess, hasAcls, defaultAction, bypass }: NetworkFact): string {
  const rules = hasAcls
    ? `defaultAction = ${defaultAction ?? 'not told'}, bypass = ${bypass ?? 'not told (AzureServices)'}`
    : 'no network rules';
  return `publicNetworkAccess = ${publicNetworkAccess ?? 'not told (Enabled)'}, ${rules}`;
}

/** The settings that block Power Platform from the key, as Azure spells them. */
export function closedBy(network: NetworkFact): FindingSubject {
  const { publicAccess, rules, trustedPass } = reachOf(network);
  return [
    ...(publicAccess === 'off' ? ['publicNetworkAccess = Disabled'] : []),
    ...(publicAccess === 'perimeter' ? ['publicNetworkAccess = SecuredByPerimeter'] : []),
    ...(publicAccess === 'on' && rules !== 'open' ? ['defaultAction = Deny'] : []),
    ...(trustedPass ? [] : ['bypass = None']),
  ];
}

const PUBLIC_ACCESS = new Map<string, Reach['publicAccess']>([
  ['enabled', 'on'],
  ['disabled', 'off'],
  ['securedbyperimeter', 'perimeter'],
]);

function rulesOf(defaultAction: string | undefined, bypass: string): Reach['rules'] {
  if (defaultAction === 'allow') return 'open';
  if (defaultAction !== 'deny') return 'unclear';
  if (bypass === 'azureservices') return 'trusted';
  return bypass === 'none' ? 'closed' : 'unclear';
}
