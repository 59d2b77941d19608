import type { Facts } from '../facts/facts.ts';
import type { AuditOperation } from '../signals/audit-operations.ts';
import { type ArmOperation, VAULT_EVENT, type VaultEvent } from '../signals/operation-names.ts';

/**
 * The sources by which Azure reports that a trigger tripped. Each trigger declares its own; the sweep detects
 * all.
 */
export interface DetectionSources {
  /** The parts of the observed state that a reading needs to detect it. */
  needs: readonly NeededPart[];
  /** Event Grid: Resource Manager operations of the subscription, and the vault's event types. */
  event: DetectionSource<ArmOperation | VaultEvent>;
  /** The vault's audit log (AuditEvent): operation names. */
  audit: DetectionSource<AuditOperation>;
}

export type NeededPart = keyof Pick<Facts, 'policy' | 'vault' | 'key' | 'permission' | 'environments'>;

/**
 * `shows`: the event names, as Azure spells them; `but`: the cases of the trigger that the source does not
 * report.
 */
export type DetectionSource<Name extends string = string> =
  | { shows: readonly [Name, ...Name[]]; but?: string; sources: readonly Source[] }
  | { shows: readonly []; because: string; sources: readonly Source[] };

/** The public document that says so. */
export interface Source {
  document: string;
  section: string;
  link: string;
}

export type DetectionSourceName = 'event' | 'audit' | 'sweep';

/** The expected delay between the change and its report by a detection source, in seconds. */
export interface Delay {
  from: number;
  to: number;
}

/** Microsoft promises no time for events; "near real-time" is taken as at most a minute. */
const EVENT_DELAY: Delay = { from: 1, to: 60 };
/** The document says at most ten minutes; a delay of less than three is rare. */
const AUDIT_DELAY: Delay = { from: 180, to: 600 };

/**
 * The expected delay of a detection source, in seconds. The sweep's is its interval; `lists`: the lists of
 * environments that a trigger needs, and how often they are read at most.
 */
export function expectedDelay(
  detectionSource: DetectionSourceName,
  sweepSeconds: number,
  lists?: { needed: number; everySeconds: number },
): Delay {
  if (detectionSource === 'sweep')
    return lists
      ? { from: 0, to: lists.needed * Math.max(sweepSeconds, lists.everySeconds) }
      : { from: 0, to: sweepSeconds };
  return detectionSource === 'event' ? EVENT_DELAY : AUDIT_DELAY;
}

/**
 * The origin of an event: Resource Manager for the subscription, named by operation, or Key Vault for one
 * vault.
 */
export function raisedBy(shown: string): 'subscription' | 'vault' {
  return shown.includes('/') ? 'subscription' : 'vault';
}

export const SUBSCRIPTION_EVENTS: Source = {
  document: 'Azure subscription as an Event Grid source',
  section: 'Available event types',
  link: 'https://learn.microsoft.com/azure/event-grid/event-schema-subscriptions',
};
export const VAULT_EVENTS: Source = {
  document: 'Azure Key Vault as Event Grid source',
  section: 'Available event types',
  link: 'https://learn.microsoft.com/azure/event-grid/event-schema-key-vault',
};
export const VAULT_LOG: Source = {
  document: 'Azure Key Vault logging',
  section: 'Interpret your Key Vault logs',
  link: 'https://learn.microsoft.com/azure/key-vault/general/logging',
};
export const VAULT_EVENTS_WARNING: Source = {
  document: 'Monitoring Key Vault with Azure Event Grid',
  section: 'Key Vault events and schemas',
  link: 'https://learn.microsoft.com/azure/key-vault/general/event-grid-overview',
};
const EVENT_GRID: Source = {
  document: 'What is Azure Event Grid?',
  section: 'Overview',
  link: 'https://learn.microsoft.com/azure/event-grid/overview',
};

/** The sources of the expected delays. */
export const DELAY_SOURCES: Readonly<Record<Exclude<DetectionSourceName, 'sweep'>, Source>> = {
  event: EVENT_GRID,
  audit: VAULT_LOG,
};

/** Changes to keys happen inside the vault, so Resource Manager raises no event for them. */
export const NO_EVENT_OF_KEYS: DetectionSource<never> = {
  shows: [],
  because: 'Key Vault raises no event for a key that is changed, disabled, deleted or purged',
  sources: [VAULT_EVENTS, SUBSCRIPTION_EVENTS],
};

export const ONLY_NEW_VERSIONS: DetectionSource<VaultEvent> = {
  shows: [VAULT_EVENT.keyNewVersionCreated],
  but: 'only a new version that is so from its start, not a change to one that was there',
  sources: [VAULT_EVENTS],
};
