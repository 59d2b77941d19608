import { sameId } from '../../../shared/azure/arm-id.ts';
import type { Deployment } from '../../expected-deployment/deployment.ts';

/** The complete state of the Azure simulator. Plain data: a scenario takes one world and returns the next. */
export interface World {
  tenantId: string;
  /** ARM id of the management group above every subscription. */
  managementGroupId: string;
  /** The identity under which Lockwatch reads. */
  app: {
    clientId: string;
    objectId: string;
    name: string;
    /** The token of each resource that the identity endpoint has issued and gives again. */
    tokens: { resource: string; token: string; expiresOn: number; id: string }[];
    /** Ids of tokens that are refused before their end. */
    revokedTokens: string[];
  };
  /** The resources of Lockwatch's deployment; later changes to them are in the subscriptions and vaults. */
  deployed: Deployment;
  /** Ids of system topics of Lockwatch that somebody deleted, once for each time. */
  topicsDeleted: string[];
  people: WorldPerson[];
  groups: { id: string; name: string; members: string[] }[];
  /** `watched`: has a system topic with an event subscription for Lockwatch, unless that was deleted. */
  subscriptions: {
    id: string;
    name: string;
    watched: boolean;
    eventSubscriptionDeleted?: boolean;
    /** Resource providers that are not registered in it; all others are. */
    unregistered?: string[];
    state: 'Enabled' | 'Disabled';
  }[];
  /** The event hub that receives every vault's audit log is gone. */
  auditHubDeleted?: boolean;
  resourceGroups: { subscriptionId: string; name: string; location: string }[];
  vaults: Vault[];
  deletedVaults: DeletedVault[];
  policies: Policy[];
  /** Policies that are gone from ARM while environments still name them. */
  deletedPolicies: Policy[];
  roleDefinitions: WorldRoleDefinition[];
  roleAssignments: WorldRoleAssignment[];
  /** They count once their principal activates them (Privileged Identity Management). */
  eligibleAssignments: WorldRoleAssignment[];
  denyAssignments: WorldDenyAssignment[];
  /** Management locks. They protect the resources under their scope, and deletions check them. */
  locks: Lock[];
  environments: Environment[];
  /**
   * Client ids of the registered management applications: the only ones that the admin API answers, with all
   * environments.
   */
  managementApplications: string[];
  /** Power Platform RBAC, which the Power Platform API follows. */
  powerPlatformRoles: PowerPlatformRole[];
}

export interface PowerPlatformRole {
  id: string;
  principalObjectId: string;
  roleDefinitionId: string;
  /** `/tenants/{id}`, and below it `/environmentGroups/{id}` or `/environments/{id}`. */
  scope: string;
  createdAt: number;
}

export interface WorldPerson {
  /** The actor's name in scenarios. */
  key: string;
  name: string;
  upn?: string;
  objectId: string;
  applicationId: string;
  ipAddress: string;
  /** In a few words, what they may do. */
  role: string;
}

export interface Vault {
  id: string;
  name: string;
  location: string;
  subscriptionId: string;
  resourceGroup: string;
  rbac: boolean;
  accessPolicies: { objectId: string; keys: string[] }[];
  network: VaultNetwork;
  softDeleteRetentionInDays: number;
  purgeProtection: boolean;
  tags: Record<string, string>;
  keys: Key[];
  deletedKeys: Key[];
  /** An event subscription on the vault's own topic; permanently lost when the vault is soft-deleted. */
  eventSubscription: boolean;
  /** Its diagnostic setting sends the audit log to the event hub. */
  auditLog: boolean;
  createdAt: number;
  /** The tenant that it trusts, where that is another one than the world's. */
  tenantId?: string;
  /** The ARM id under which policies look for it, where it was moved. */
  movedFrom?: string;
}
export interface VaultNetwork {
  publicNetworkAccess: 'Enabled' | 'Disabled' | 'SecuredByPerimeter';
  defaultAction: 'Allow' | 'Deny';
  bypass: 'AzureServices' | 'None';
  ipRules: string[];
}
export interface DeletedVault {
  vault: Vault;
  deletedAt: number;
  purgeAt: number;
}

export interface Key {
  name: string;
  /** Distinguishes a key from another that is later created under the same name. */
  birth: string;
  kty: 'RSA' | 'RSA-HSM' | 'EC';
  keySize: number;
  /** Oldest first; the last is current. Never empty. */
  versions: KeyVersion[];
  /** Rotates by itself, as the ISO 8601 durations say. */
  rotation?: { timeAfterCreate: string; expiryTime: string };
}
/** Times in seconds since the epoch, Key Vault's format. */
export interface KeyVersion {
  id: string;
  enabled: boolean;
  created: number;
  updated: number;
  nbf?: number;
  exp?: number;
  keyOps: string[];
}

export interface Policy {
  id: string;
  name: string;
  kind: 'Encryption' | 'NetworkInjection';
  geo: string;
  subscriptionId: string;
  resourceGroup: string;
  systemId: string;
  principalId: string;
  health: 'Undetermined' | 'Healthy' | 'Unhealthy';
  /** Power Platform can't use the key, and nothing that Azure answers shows why. */
  unreadableFault?: boolean;
  /** ARM id of the vault or Managed HSM. */
  keyStoreId?: string;
  keyName?: string;
  keyVersion?: string;
  /** The creation of the key that the environments' data is wrapped with. */
  keyBirth?: string;
  /**
   * Whether the identity can use the key, since when (ms), and whether Power Platform has reacted to it yet.
   */
  access: { usable: boolean; since: number; applied: boolean };
}

export interface WorldRoleDefinition {
  id: string;
  name: string;
  custom: boolean;
  description: string;
  actions: string[];
  notActions: string[];
  dataActions: string[];
  notDataActions: string[];
}
export interface WorldRoleAssignment {
  /** The assignment's GUID. */
  id: string;
  scope: string;
  principalId: string;
  principalType: 'ServicePrincipal' | 'Group' | 'User';
  /** The definition's GUID. */
  roleId: string;
  createdAt: number;
  /** Ends by itself (Privileged Identity Management). */
  endsAt?: number;
  /** It may give and take only these roles; `text` is the condition as Azure stores it. */
  condition?: { text: string; roleIds: string[] };
}
export interface WorldDenyAssignment {
  id: string;
  name: string;
  scope: string;
  /** All zeros: everyone. */
  principalId: string;
  principalType?: 'ServicePrincipal' | 'Group' | 'User' | 'SystemDefined';
  actions?: string[];
  dataActions: string[];
  /** Object ids that it does not apply to. */
  excluded?: string[];
}

export interface Lock {
  name: string;
  scope: string;
  level: 'CanNotDelete' | 'ReadOnly';
  notes: string;
}

export interface Environment {
  id: string;
  name: string;
  geo: string;
  sku: 'Production' | 'Sandbox' | 'Developer' | 'Default' | 'Trial' | 'Teams';
  url?: string;
  link?: { policyId: string; systemId: string; status: 'Linked' };
  runtime: 'Enabled' | 'Disabled';
  instance?: 'Ready' | 'Disabled';
  /** Deleted, and recoverable for 7 days. Milliseconds since the epoch. */
  deletedAt?: number;
  groupId?: string;
}

export function findVault(world: World, id: string | undefined): Vault | undefined {
  return world.vaults.find((vault) => sameId(vault.id, id));
}

export function findKey(vault: Vault | undefined, name: string | undefined): Key | undefined {
  return vault?.keys.find((key) => key.name.toLowerCase() === name?.toLowerCase());
}

export function linkedEnvironments(world: World, policyId: string): Environment[] {
  return world.environments.filter((environment) => sameId(environment.link?.policyId, policyId));
}

/** The current version of a key. */
export function currentVersion(key: Key): KeyVersion {
  const last = key.versions.at(-1);
  if (!last) throw new Error(`the key ${key.name} has no version`);
  return last;
}
