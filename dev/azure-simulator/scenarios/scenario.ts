import type { Environment, Key, Policy, Vault, World, WorldPerson } from '../world/world.ts';

/**
 * The event that Azure would raise for a scenario. The event subscription decides whether it is delivered.
 */
export type RaisedEvent =
  | {
      from: 'resourceManager';
      verb: 'Write' | 'Delete' | 'Action';
      operation: string;
      /** ARM id of the resource the operation was sent to. */
      resource: string;
    }
  | {
      from: 'keyVault';
      type: 'KeyNewVersionCreated' | 'KeyNearExpiry' | 'KeyExpired' | 'VaultAccessPolicyChanged';
      vaultId: string;
      object?: { name: string; version: string; nbf?: number; exp?: number };
    };

/** The record that Key Vault's audit log would contain (category AuditEvent). */
export interface AuditedOperation {
  operation: string;
  vaultId: string;
  /**
   * The object's path in the vault: 'keys/cmk', 'keys/cmk/<version>', 'deletedkeys/cmk'. None for the vault
   * itself.
   */
  path?: string;
  status: number;
  /** The key's `enabled` as the request set it; absent where the request did not change it. */
  enabled?: boolean;
  rbac?: boolean;
  /** How long ago it happened; now where not set. */
  agoMs?: number;
  /** The caller, where it is not the scenario's own person. */
  by?: Pick<WorldPerson, 'objectId' | 'applicationId' | 'ipAddress'>;
}

export interface ScenarioOutcome {
  events: RaisedEvent[];
  audit: AuditedOperation[];
  /** The reason why Azure raises no event. Set where `events` is empty. */
  silent?: string;
  /** A note for people: where the simulation differs from what Azure would allow. */
  note?: string;
  /** True where time causes the change: there is no person to name. */
  unattended?: boolean;
}

export interface Scenario {
  name: string;
  /** One line for the list. */
  line: string;
  /** The events that it raises, or null. */
  raises: string | null;
  /** The reason why it raises none. */
  silent?: string;
  /** The policy that it applies to when none is named; the main policy where not set. */
  defaultPolicy?: string;
  /** Changes the draft. Throws `ScenarioRefusedError` where the world does not allow it. */
  perform(draft: World, context: ScenarioContext): ScenarioOutcome;
}

export interface ScenarioContext {
  /** Milliseconds since the epoch. */
  now: number;
  actor: WorldPerson;
  target: Target;
}

/** The resources of a scenario, found from the request's names. Deleted parts are found among the deleted. */
export interface Target {
  policy?: Policy;
  vault?: Vault;
  /** True where `vault` is soft-deleted. */
  vaultDeleted: boolean;
  key?: Key;
  keyName?: string;
  environment?: Environment;
}

/**
 * A scenario that can't run: an unknown name (400, 404), a world that isn't in the required state (409), or a person
 * who may not do it (403).
 */
export class ScenarioRefusedError extends Error {
  override readonly name = 'ScenarioRefusedError';
  readonly status: 400 | 403 | 404 | 409;
  readonly field?: string;
  readonly choices?: string[];
  /** Azure's own code, where it is Azure that refuses. */
  readonly code?: string;
  constructor(
    status: 400 | 403 | 404 | 409,
    message: string,
    more: { field?: string; choices?: string[]; code?: string } = {},
  ) {
    super(message);
    this.status = status;
    this.field = more.field;
    this.choices = more.choices;
    this.code = more.code;
  }
}

export const DATA_PLANE =
  'Key Vault raises no Event Grid event for it, and a data-plane operation raises no Resource Manager event (Azure Key Vault as Event Grid source)';

export function armEvent(
  verb: 'Write' | 'Delete' | 'Action',
  operation: string,
  resource: string,
): RaisedEvent {
  return { from: 'resourceManager', verb, operation, resource };
}

export function policyOf(target: Target): Policy {
  if (!target.policy)
    throw new ScenarioRefusedError(400, 'This scenario needs a policy: name one in "policy".', {
      field: 'policy',
    });
  return target.policy;
}

export function liveVault(target: Target): Vault {
  if (!target.vault)
    throw new ScenarioRefusedError(409, 'The policy has no vault in this tenant.', { field: 'vault' });
  if (target.vaultDeleted)
    throw new ScenarioRefusedError(
      409,
      `The vault ${target.vault.name} is deleted: recover it first (undo-vault-deleted).`,
      {
        field: 'vault',
      },
    );
  return target.vault;
}

export function liveKey(target: Target): { vault: Vault; key: Key } {
  const vault = liveVault(target);
  if (!target.key)
    throw new ScenarioRefusedError(
      409,
      `The vault ${vault.name} holds no live key '${target.keyName ?? ''}'.`,
      {
        field: 'key',
        choices: vault.keys.map((key) => key.name),
      },
    );
  return { vault, key: target.key };
}
