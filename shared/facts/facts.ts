import type { Part, Unknown } from '../azure/part.ts';
import type { DisputedMember, EnvironmentDeletion } from './environment-details.ts';
import type { LockingPrincipalCount } from './locking-principal-count.ts';
import type { PolicyReaderFact } from './policy-reader-fact.ts';

export interface PolicyFact {
  /** ARM id as Azure spells it. Compare with `sameId` only. */
  id: string;
  name: string;
  /** A Power Platform geo ('unitedstates'), not an Azure region. */
  geo: string;
  /** Microsoft Entra tenant of the identity, where known. */
  tenantId?: string;
  /** The policy's own managed identity. */
  principalId?: string;
  systemId?: string;
  /** Absent is not healthy. */
  healthStatus?: 'Undetermined' | 'Healthy' | 'Warning' | 'Unhealthy';
  encryptionState?: string;
  vaultId?: string;
  /** True where the key is in a Managed HSM: listed, and not supported. */
  managedHsm: boolean;
  keyName?: string;
  /** Absent: the policy follows the current version. 'N/A' is read as absent. */
  keyVersion?: string;
}

export interface VaultFact {
  id: string;
  name: string;
  /** Azure region; kept in the history, since a deleted vault can be read only by its region. */
  location: string;
  tenantId?: string;
  /** True: only role assignments count. False or absent on the wire: only access policies count. */
  rbac: boolean;
  softDelete?: boolean;
  softDeleteRetentionInDays?: number;
  purgeProtection?: boolean;
  network: NetworkFact;
}

export interface NetworkFact {
  /** 'Enabled', 'Disabled', 'SecuredByPerimeter'; absent on the wire means Enabled. */
  publicNetworkAccess?: string;
  /** Whether the vault has network ACLs at all. */
  hasAcls: boolean;
  defaultAction?: string;
  /** Absent means AzureServices. */
  bypass?: string;
  ipRules: string[];
  virtualNetworkRules: string[];
}

export interface DeletedVaultFact {
  deletedAt?: string;
  scheduledPurgeDate?: string;
  purgeProtection?: boolean;
}

/** A vault that is at another place than the policy names. */
export interface MovedVaultFact {
  id: string;
  /** What the policy's identity may do there. */
  permission: Part<PermissionFact>;
}

export interface KeyVersionFact {
  version: string;
  enabled: boolean;
  /** ISO 8601. */
  notBefore?: string;
  expires?: string;
  created?: string;
  kty?: string;
  keyOps?: string[];
  keySize?: number;
}
export interface KeyFact {
  name: string;
  /** Newest first, by `created`. Never empty. */
  versions: KeyVersionFact[];
  /** Why versions may be missing from the list. While it is set, a version's absence proves nothing. */
  incomplete?: Unknown;
  /** Azure answered that the key as a whole is disabled. */
  disabled?: true;
}

/** The three operations that the policy's identity must be able to perform with the key. */
export type KeyAction = 'read' | 'wrap' | 'unwrap';
export const KEY_ACTIONS: readonly KeyAction[] = ['read', 'wrap', 'unwrap'];

export interface Grant {
  by: 'accessPolicy' | 'roleAssignment';
  /** The assignment's ARM id, or the entry's object id. */
  id: string;
  /** The scope at which it was given (the vault itself for an access policy). */
  scope: string;
  principalId: string;
  principalType?: string;
  roleName?: string;
  roleDefinitionId?: string;
  actions: KeyAction[];
  viaGroup: boolean;
  condition?: string;
}
export interface Denial {
  id: string;
  name: string;
  scope: string;
  actions: KeyAction[];
}
export interface PermissionFact {
  model: 'accessPolicies' | 'rbac';
  principalId: string;
  /** Grants that reach the policy's identity, directly or (RBAC) through a group. */
  grants: Grant[];
  /** Assignments that reach it by a role that allows no key action: the role may be changed. Absent: there are none. */
  withoutActions?: Grant[];
  denials: Denial[];
  /** The key actions that the identity may perform: grants minus denials. */
  allowed: KeyAction[];
  missing: KeyAction[];
  /**
   * Access policies only: entries for other object ids that would help, if that id is a group of the
   * identity's.
   */
  perhapsGroups: Grant[];
}

export interface EnvironmentFact {
  /** The environment id, a GUID, lower case. */
  id: string;
  displayName: string;
  /** Production | Sandbox | Developer | Default | Trial | Teams | … ; 'Unknown' where missing. */
  sku: string;
  region: string;
  url?: string;
  linkStatus?: string;
  managementState?: string;
  instanceState?: string;
  runtimeState?: string;
  runtimeReasonCode?: string;
  /** It was deleted, and can be recovered for a while (Power Platform API, Environments). */
  deletion?: EnvironmentDeletion;
  /** Only in the history, of one whose state is not known: it ran when its state was last known. */
  ran?: true;
  /**
   * Only in the history. Since when the lists lack it without showing it unlinked: its state is unknown. ISO
   * 8601.
   */
  missingSince?: string;
}

export interface EnvironmentsFact {
  source: 'powerPlatform' | 'inventory';
  /** When the list was created: the reading's time, or the inventory file's. */
  asOf: string;
  environments: EnvironmentFact[];
  /**
   * True where the list is known to name every environment of the tenant. Otherwise an environment that it
   * lacks may exist all the same.
   */
  isComplete?: boolean;
  /**
   * The environments of the tenant that are not this policy's. Many of them disabled at the same time as the
   * policy's own points to a cause outside the key.
   */
  outside?: { running: number; disabled: number };
  /**
   * The ids of all environments that were read together with their links, this policy's or not, lower case. A
   * former member among them was unlinked; one that is not there has vanished. One array for all policies of
   * a read session. Absent: what the list does not name is not a member (an inventory).
   */
  listed?: readonly string[];
  /**
   * The policy that each environment of the tenant is linked to: `normalId` by the environment's id in lower
   * case; empty where it can't be identified. One map for all policies of a read session.
   */
  policyOf?: ReadonlyMap<string, string>;
  /** Members that one of two lists lacks, though both are complete. Absent: there are no two such lists. */
  disputed?: readonly DisputedMember[];
}

/** A management lock that forbids deletion. */
export interface LockFact {
  id: string;
  name: string;
  /** CanNotDelete or ReadOnly. */
  level: string;
  /** The resource that it was set on: the resource itself, its group or its subscription. */
  scope: string;
}
export interface RotationFact {
  /** Whether Key Vault makes a new version by itself. */
  rotates: boolean;
  /** ISO 8601 durations. */
  timeAfterCreate?: string;
  timeBeforeExpiry?: string;
}
/** A role assignment that ends by itself. */
export interface TimeBoundFact {
  assignmentId: string;
  endsAt: string;
}

export interface MovedFact {
  policyId: string;
  keyId: string;
  permission: Part<PermissionFact>;
}

/** The protections of the chain against accidents. For advisories only: no trigger depends on them. */
export interface ProtectionFacts {
  /** Locks that reach the policy, and the vault, inherited ones included. */
  policyLocks: Part<LockFact[]>;
  vaultLocks: Part<LockFact[]>;
  rotation: Part<RotationFact>;
  /** Assignments of all principals in the vault's subscription; `Grant.id` identifies the principal. */
  timeBound: Part<TimeBoundFact[]>;
  policyReaders: Part<PolicyReaderFact[]>;
  lockingPrincipals?: Part<LockingPrincipalCount>;
  /**
   * What the identity of each policy that environments moved to may do with the key that they had before. Only
   * where some did.
   */
  moved?: MovedFact[];
}

/** One policy's chain as it was read. Holds nothing from earlier readings; see `History` for that. */
export interface Facts {
  policyId: string;
  /** When the read session began. A reading that began earlier never overwrites a later one. */
  readAt: string;
  policy: Part<PolicyFact>;
  vault: Part<VaultFact>;
  /** Read only where the vault is gone. `gone`: no soft-deleted vault exists, so it can't be recovered. */
  deletedVault: Part<DeletedVaultFact>;
  /**
   * Read only where the vault is gone without a known deleted twin: the vault of its name elsewhere. `gone`: no
   * subscription that Lockwatch may list has one.
   */
  movedVault?: Part<MovedVaultFact>;
  key: Part<KeyFact>;
  permission: Part<PermissionFact>;
  environments: Part<EnvironmentsFact>;
  /** Read only where a read session requests it; a signal's reading does not. */
  protection?: ProtectionFacts;
  /** The permissions under the model that the vault does not use. Read only where a read session requests it. */
  otherModel?: Part<PermissionFact>;
}
