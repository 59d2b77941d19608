import { KEY_VAULT, POLICY, resourceIn, scopeFrom } from './scope.ts';

/** One enterprise policy, and the resources that its environments depend on. */
export interface WatchedChain {
  policyId: string;
  vaultId?: string;
  /** Absent: not known yet, so every change to any key of the vault concerns the policy. */
  keyName?: string;
  /** The policy's managed identity: the audit log names it where its use of the key was refused. */
  principalId?: string;
}

/** The watched policies, indexed by scope for a constant number of look-ups. Ids are as they were given. */
export interface WatchIndex {
  all: ReadonlySet<string>;
  /**
   * The policies above, at and below a scope: those that are in it or whose vault is, and those that contain
   * it (as a part of the policy, of its vault or of its key in that vault).
   */
  around(scope: string): ReadonlySet<string>;
  /** The policies of one vault; with a key, those that use it. */
  ofVault(vaultScope: string, keyName?: string): ReadonlySet<string>;
  /** The policies of one managed identity, by its object id. */
  ofIdentity(principalId: string): ReadonlySet<string>;
  /** The scopes of all watched vaults of this name; several where clouds or spellings differ. */
  vaultsNamed(name: string): readonly string[];
}

/** Builds the index; its cost grows with the number of policies, the cost of a look-up doesn't. */
export function indexOf(watched: readonly WatchedChain[]): WatchIndex {
  const all = new Set<string>();
  const held: Lists = new Map();
  const policies: Lists = new Map();
  const vaults = new Map<string, Vault>();
  /** Neither vaults nor policies: a Managed HSM. */
  const others: Lists = new Map();
  const identities: Lists = new Map();
  for (const { policyId, vaultId, keyName, principalId } of watched) {
    all.add(policyId);
    const policyScope = scopeFrom(policyId);
    const vaultScope = scopeFrom(vaultId);
    for (const scope of [...selfAndAbove(policyScope), ...selfAndAbove(vaultScope)])
      add(resourceIn(scope)?.type === 'other' ? others : held, scope, policyId);
    if (policyScope !== undefined) add(policies, policyScope, policyId);
    if (principalId) add(identities, principalId.toLowerCase(), policyId);
    if (vaultScope !== undefined) addToVault(vaults, vaultScope, policyId, keyName);
  }
  const names = Map.groupBy(vaults.keys(), lastName);
  // By name first: a map must read a whole id to its end to look it up, and nearly all ids are of other
  // vaults.
  const vaultAt = (scope: string, name: string) => (names.has(name) ? vaults.get(scope) : undefined);
  return {
    all,
    around: (scope) => {
      const resource = resourceIn(scope);
      if (resource === undefined) return held.get(scope) ?? NOBODY;
      const { type, id, name } = resource;
      if (type === KEY_VAULT) return under(vaultAt(id, name), scope.slice(id.length));
      if (type === POLICY) return policies.get(id) ?? NOBODY;
      return others.size === 0 ? NOBODY : (others.get(id) ?? NOBODY);
    },
    ofVault: (scope, keyName) => withKey(vaultAt(scope, lastName(scope)), keyName),
    ofIdentity: (principalId) => identities.get(principalId.trim().toLowerCase()) ?? NOBODY,
    vaultsNamed: (name) => names.get(name) ?? [],
  };
}

/** All members of the sets. Creates no new set where one of them already contains all. */
export function union(sets: readonly ReadonlySet<string>[]): ReadonlySet<string> {
  const [only, ...more] = sets.filter((set) => set.size > 0);
  if (only === undefined) return NOBODY;
  return more.length === 0 ? only : new Set([only, ...more].flatMap((set) => [...set]));
}

function lastName(scope: string): string {
  return scope.slice(scope.lastIndexOf('/') + 1);
}

type Lists = Map<string, Set<string>>;
interface Vault {
  policyIds: Set<string>;
  byKey: Lists;
  /** Policies whose key isn't known: they match every key. */
  keyNotKnown: Set<string>;
}
const NOBODY: ReadonlySet<string> = new Set();

function add(lists: Lists, key: string, policyId: string): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, new Set([policyId]));
  else list.add(policyId);
}

function addToVault(vaults: Map<string, Vault>, scope: string, policyId: string, keyName?: string): void {
  const vault = vaults.get(scope) ?? { policyIds: new Set(), byKey: new Map(), keyNotKnown: new Set() };
  vaults.set(scope, vault);
  vault.policyIds.add(policyId);
  const key = keyName?.trim().toLowerCase();
  if (key) add(vault.byKey, key, policyId);
  else vault.keyNotKnown.add(policyId);
}

/**
 * The scope, its resource group and its subscription: the levels above a resource at which ARM accepts
 * changes.
 */
function selfAndAbove(scope: string | undefined): string[] {
  if (scope === undefined) return [];
  const subscription = /^\/subscriptions\/[^/]+/.exec(scope)?.[0];
  const group = /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+/.exec(scope)?.[0];
  return [scope, group, subscription].filter((one) => one !== undefined);
}

function withKey(vault: Vault | undefined, keyName: string | undefined): ReadonlySet<string> {
  if (vault === undefined) return NOBODY;
  if (keyName === undefined) return vault.policyIds;
  return union([vault.keyNotKnown, vault.byKey.get(keyName.toLowerCase()) ?? NOBODY]);
}

// Other objects beside the key in a vault can't remove access to the key.
function under(vault: Vault | undefined, path: string): ReadonlySet<string> {
  if (vault === undefined) return NOBODY;
  const [, kind, name] = path.split('/');
  if (kind === 'secrets' || kind === 'certificates') return NOBODY;
  return withKey(vault, kind === 'keys' ? name : undefined);
}
