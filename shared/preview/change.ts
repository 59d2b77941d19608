import type { DataPermission } from '../facts/data-actions.ts';

/** Words of Key Vault, Terraform and ARM are mapped to these before a change is made of them. */
export interface VaultSettings {
  publicNetworkAccess?: 'Enabled' | 'Disabled' | 'SecuredByPerimeter';
  defaultAction?: 'Allow' | 'Deny';
  bypass?: 'AzureServices' | 'None';
  rbac?: boolean;
  tenantId?: string;
  purgeProtection?: boolean;
  /** The whole list, in place of the one before. */
  accessPolicies?: PlannedAccessPolicy[];
}
export interface PlannedAccessPolicy {
  /** Absent: not known before the change is made. */
  objectId?: string;
  applicationId?: string;
  tenantId?: string;
  /** Key permissions in lower case. */
  keys: string[];
}
/** Null: it is taken away. */
export interface KeySettings {
  enabled?: boolean;
  /** ISO 8601. */
  expires?: string | null;
  notBefore?: string | null;
  keyOps?: string[];
}

/**
 * One change, as a plan or a person describes it: what is deleted and what is set. What a change does not name
 * stays as it is. `unknown`: the settings whose new value is known only once the change is made.
 */
export type PlannedOperation =
  | { what: 'vaultDeleted'; vaultId: string; purges?: boolean }
  | { what: 'vaultSet'; vaultId: string; set: VaultSettings; unknown?: (keyof VaultSettings)[] }
  | { what: 'perimeterSet'; vaultId: string; access: 'Enforced' | 'Learning' | 'none' }
  | { what: 'keyDeleted'; vaultId: string; keyName: string; purges?: boolean }
  | {
      what: 'keySet';
      vaultId: string;
      keyName: string;
      /** Absent: the current version. */
      version?: string;
      set: KeySettings;
      unknown?: (keyof KeySettings)[];
    }
  /** `vaultId` absent: not known before the change is made. */
  | { what: 'accessPolicySet'; vaultId?: string; entry: PlannedAccessPolicy }
  | { what: 'accessPolicyRemoved'; vaultId: string; objectId: string; applicationId?: string }
  | {
      what: 'roleAssignmentRemoved';
      id: string;
      /** In the same step, the one that replaces it is made first. */
      isReplacedFirst?: boolean;
    }
  | {
      what: 'roleAssignmentAdded';
      /** What is absent of these is not known before the change is made. */
      scope?: string;
      principalId?: string;
      principalType?: string;
      /** The GUID of its definition, or the name of a built-in role. */
      role?: string;
      isConditional?: boolean;
    }
  | { what: 'roleDefinitionSet'; roleId: string; permissions: DataPermission[]; isUnknown?: boolean }
  | { what: 'roleDefinitionDeleted'; roleId: string }
  | { what: 'denyAssignmentAdded'; scope: string; principalIds: string[]; permissions: DataPermission[] }
  | { what: 'denyAssignmentRemoved'; id: string }
  /** Members leave a group of Entra, or it is deleted; whether the identity is among them is not known. */
  | { what: 'groupLosesMembers'; groupId: string }
  /** `memberId` absent: not known before the change is made. */
  | { what: 'groupGainsMember'; memberId?: string }
  | { what: 'lockRemoved'; id: string }
  | { what: 'resourceGroupDeleted'; id: string }
  | { what: 'policyDeleted'; policyId: string }
  | {
      what: 'policySet';
      policyId: string;
      /** `keyVersion` null: it follows the current version. */
      set: { vaultId?: string; keyName?: string; keyVersion?: string | null };
      isUnknown?: boolean;
    }
  /**
   * A change that nothing here can judge: at, above or below the scope it could matter. `resourceGroup`: the name of the
   * group in which it could, in whichever subscription. `network`: only where a perimeter decides the network of the
   * vault, or may do so. Without a scope and a group, the resource that it is about is not known, so it could matter to
   * every chain.
   */
  | {
      what: 'unjudged';
      scope?: string;
      resourceGroup?: string;
      network?: 'byPerimeter';
      because: string;
    };

type OperationKind = PlannedOperation['what'];

/** `address`: where the change is written in its file ("module.keys.azurerm_key_vault.main"). */
export type Change = PlannedOperation & { address: string };
export type ChangeOf<Kind extends OperationKind> = Extract<Change, { what: Kind }>;

/** A plan cut down to the changes that can matter. It holds nothing else of the file. */
export interface ReducedPlan {
  kind: 'lockwatchPreview';
  version: 1;
  from: 'operations' | 'whatIf' | 'terraform';
  changes: Change[];
  /** What keeps the whole file from being judged: it ended early, or a change could not be read. */
  cannotJudge: CannotJudge[];
}
export interface CannotJudge {
  /** Absent: the file as a whole. */
  address?: string;
  because: string;
}
