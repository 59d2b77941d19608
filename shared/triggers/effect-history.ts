/** Readings in a row that show the same: the first and the last of them. ISO 8601. */
export interface Spell {
  since: string;
  at: string;
}

/**
 * The effect of a lock as earlier readings saw it: environments, health and refused unwraps. Small whatever
 * the number of environments, because it is stored in the `state` row. All times ISO 8601.
 */
export interface EffectHistory {
  /** The last complete list of environments, and the last one in which an environment of the policy ran. */
  listAt?: string;
  runsAt?: string;
  /** The last list, an inventory included, that linked an environment to the policy. */
  linkedAt?: string;
  /** How many environments turned disabled in the last 30 minutes, by the list that first showed it. */
  falls?: { at: string; count: number }[];
  /**
   * Complete lists in which environments are disabled and none runs. `count`: those that turned disabled
   * within 30 minutes. `outside`: environments of other policies, or of none, that turned disabled in the same
   * time. `atFirst`: the first list of this policy showed it.
   */
  down?: Spell & { count: number; outside?: number; atFirst?: true };
  /** Disabled environments outside the policy, by list: those of 30 minutes, at most one a minute. */
  outside?: { at: string; disabled: number }[];
  /** `atFirst`: the first reading of this policy showed it. */
  unhealthy?: Spell & { atFirst?: true };
  healthyAt?: string;
  /** `encryption.state` is Disabled or NotConfigured. */
  encryptionOff?: Spell;
  /** Unwraps that the vault refused to the policy's own identity, by the records' own times. */
  unwraps?: { firstAt: string; lastAt: string; count: number };
  /** The last unwrap of the policy's own identity that succeeded. */
  unwrappedAt?: string;
  /** The last reading with a witness other than the environments, and the first one without. */
  others?: { at: string; goneAt?: string };
  /** When access read clear after the last known loss, or a person closed its incident. */
  lossEndedAt?: string;
  /** Environments that were disabled by then belong to an incident, or a person closed over them. */
  environmentsJudgedAt?: string;
}

/** Environments that a lock takes down turn disabled within this time of each other. */
export const TOGETHER_MS = 30 * 60_000;

/** A stored time that is further ahead of a reading comes from a clock that ran ahead. */
export const AHEAD_MS = 10 * 60_000;

/**
 * The effect with each time that a clock which ran ahead stored set to that of this reading. Otherwise the
 * readings of a lock would be older than what they continue, until that clock's time. Of the lists,
 * `rememberList` decides.
 */
export function withoutTimesAhead(effect: EffectHistory, readAt: string): EffectHistory {
  const isAhead = (at: unknown) => typeof at === 'string' && isAfter(at, readAt, AHEAD_MS);
  const past = <T extends object>(one: T): T => {
    const entries = Object.entries(one);
    if (!entries.some(([name, value]) => name !== 'listAt' && isAhead(value))) return one;
    return Object.fromEntries(
      entries.map(([name, value]) => [name, name !== 'listAt' && isAhead(value) ? readAt : value]),
    ) as T;
  };
  const next = past({ ...effect });
  if (next.down) next.down = past(next.down);
  if (next.unhealthy) next.unhealthy = past(next.unhealthy);
  if (next.encryptionOff) next.encryptionOff = past(next.encryptionOff);
  if (next.others) next.others = past(next.others);
  return next;
}

/** False where either is missing or no time. */
export function isAfter(a: string | undefined, b: string | undefined, byMs = 0): boolean {
  return a !== undefined && b !== undefined && Date.parse(a) > Date.parse(b) + byMs;
}
