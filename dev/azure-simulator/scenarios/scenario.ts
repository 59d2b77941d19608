import type { Environment, Key, Policy, Vault, World, WorldPerson } from '../world/world.ts';

/** What Azure would tell Event Grid of an act. Which of it is delivered is the event subscription's matter. */
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

/** What Key Vault's audit log would record of it (category AuditEvent). */
export interface AuditedOperation {
  operation: string;
  vaultId: string;
  /** The object's path in the vault: 'keys/cmk', 'keys/cmk/<version>', 'deletedkeys/cmk'. None for the vault itself. */
  path?: string;
  status: number;
  /** The key's `enabled` as the request set it; left out where the request did not touch it. */
  enabled?: boolean;
  rbac?: boolean;
  /** Who did it, where that is not the act's own person. */
  by?: Pick<WorldPerson, 'objectId' | 'applicationId' | 'ipAddress'>;
}

export interface ScenarioOutcome {
  events: RaisedEvent[];
  audit: AuditedOperation[];
  /** Why Azure raises no event of it. Set where `events` is empty. */
  silent?: string;
  /** Anything a person should know: where the simulation goes past what Azure would allow. */
  note?: string;
  /** True where time does it: there is nobody to name. */
  unattended?: boolean;
}

export interface Scenario {
  name: string;
  /** One line for the list. */
  line: string;
  /** What it raises, or null. */
  raises: string | null;
  /** Why it raises nothing. */
  silent?: string;
  /** The policy it means when none is named; the main policy where not set. */
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

/** What an act is about, found from the request's names. Parts that are gone are found among the deleted. */
export interface Target {
  policy?: Policy;
  vault?: Vault;
  /** True where `vault` is soft-deleted. */
  vaultDeleted: boolean;
  key?: Key;
  keyName?: string;
  environment?: Environment;
}

/** An act that can't be done: an unknown name (400, 404) or a world that isn't in the state for it (409). */
export class ScenarioRefusedError extends Error {
  override readonly name = 'ScenarioRefusedError';
  readonly status: 400 | 404 | 409;
  readonly field?: string;
  readonly choices?: string[];
  constructor(status: 400 | 404 | 409, message: string, more: { field?: string; choices?: string[] } = {}) {
    super(message);
    this.status = status;
    this.field = more.field;
    this.choices = more.choices;
  }
}

export const DATA_PLANE =
  'Key Vault raises no Event Grid event for it, and a data-plane act raises no Resource Manager event (Azure Key Vault as Event Grid source)';

export function armEvent(
  verb: 'Write' | 'Delete' | 'Action',
  operation: string,
  resource: string,
): RaisedEvent {
  return { from: 'resourceManager', verb, operation, resource };
}

export function policyOf(target: Target): Policy {
  if (!target.policy)
    throw new ScenarioRefusedError(400, 'This act needs a policy: name one in "policy".', {
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
