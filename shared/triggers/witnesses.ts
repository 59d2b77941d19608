import { type EffectHistory, isAfter, type Spell } from './effect-history.ts';
import type { Evidence } from './finding.ts';
import type { History } from './history.ts';
import { disabledEvidence, unhealthyEvidence } from './lock-signs.ts';
import { policyVaultId } from './policy-chain.ts';
import { MAX_PROPAGATION_MS } from './propagation.ts';

const DAY_MS = 86_400_000;
/** A policy without a linked environment for this long has nothing that a lock could take down. */
const LINKED_MS = 35 * DAY_MS;
const MIN_REFUSALS = 3;
const REFUSED_FOR_MS = 5 * 60_000;
/** Key Vault's audit log is not lossless, so the record of the next success may be missing. */
const REFUSALS_COUNT_MS = DAY_MS;

/** One independent observation of a lock's effect. */
export interface Witness {
  kind: 'environments' | 'health' | 'unwraps';
  /** A sentence without its full stop. */
  says: string;
  evidence: Evidence[];
  /** Something other than the key explains it as well: it confirms no suspicion by itself. */
  isWeak?: true;
}

/** The witnesses of a lock, from this reading and those before it. Empty: none, which proves nothing. */
export function witnessesOf(history: History, now: string): Witness[] {
  return [...environmentsWitness(history), ...otherWitnesses(history, now)];
}

/** The witnesses other than the environments, which stay disabled after a lock has ended. */
export function otherWitnesses(history: History, now: string): Witness[] {
  return [...healthWitness(history, now), ...unwrapsWitness(history, now)];
}

/**
 * Environments that ran and are disabled in two complete lists in a row, or in the first one. Not those that
 * an incident already holds, nor those that a person closed over.
 */
function environmentsWitness({ effect, environments }: History): Witness[] {
  const down = effect?.down;
  if (!down || !(down.atFirst || isAfter(down.at, down.since))) return [];
  if (!isAfter(down.since, effect.environmentsJudgedAt ?? EVER)) return [];
  const shown = disabledEvidence(environments?.members ?? [], down.at);
  const evidence =
    shown.length > 0
      ? shown
      : [{ text: `Environments of the policy: disabled in the list of ${down.at}`, readAt: down.at }];
  const isOne = down.count === 1;
  const says = down.atFirst
    ? `the policy's ${isOne ? 'only environment was' : `${down.count} environments were`} already disabled when Lockwatch first looked, at ${down.since}`
    : `the policy's ${isOne ? 'only running environment' : `${down.count} running environments`} turned disabled${isOne ? '' : ' within 30 minutes of each other'}, as a list of ${down.since} shows`;
  const outside = down.outside ?? 0;
  if (outside > 0)
    evidence.push({
      text: `Environments outside this policy that turned disabled in the same time: ${outside}`,
      readAt: down.at,
    });
  return [
    { kind: 'environments', says, evidence, ...(down.count === 1 || outside > 0 ? { isWeak: true } : {}) },
  ];
}

/** Earlier than every time of a reading. */
const EVER = '0000-01-01T00:00:00.000Z';

function healthWitness(history: History, now: string): Witness[] {
  const { effect, policyId } = history;
  if (!effect) return [];
  if (isUnhealthyWitness(effect, now)) {
    const since = effect.unhealthy?.since ?? '';
    return [
      {
        kind: 'health',
        says: `the policy has called itself Unhealthy since ${since}`,
        evidence: [unhealthyEvidence(policyId, effect.unhealthy?.at ?? since)],
      },
    ];
  }
  const { encryptionOff } = effect;
  if (!isNews(encryptionOff, effect) || !wasLinked(effect, now)) return [];
  return [
    {
      kind: 'health',
      says: `the policy has called its encryption off since ${encryptionOff?.since}`,
      evidence: [
        {
          text: 'Enterprise policy: encryption.state = Disabled or NotConfigured',
          source: policyId,
          readAt: encryptionOff?.at ?? now,
        },
      ],
    },
  ];
}

/**
 * Unhealthy in two readings in a row. One that was so at the first reading counts only where the first list
 * showed every environment disabled as well.
 */
function isUnhealthyWitness(effect: EffectHistory, now: string): boolean {
  const { unhealthy, healthyAt, down } = effect;
  if (!unhealthy) return false;
  if (unhealthy.atFirst)
    return down?.atFirst === true && isAfter(down.since, effect.environmentsJudgedAt ?? EVER);
  return isNews(unhealthy, effect) && (healthyAt !== undefined || wasLinked(effect, now));
}

/** Two readings in a row, of something that began after the last known loss. */
function isNews(spell: Spell | undefined, { lossEndedAt }: EffectHistory): boolean {
  if (!spell || !isAfter(spell.at, spell.since)) return false;
  return lossEndedAt === undefined || isAfter(spell.since, lossEndedAt, MAX_PROPAGATION_MS);
}

export function wasLinked({ linkedAt }: EffectHistory, now: string): boolean {
  return linkedAt !== undefined && !isAfter(now, linkedAt, LINKED_MS);
}

function unwrapsWitness(history: History, now: string): Witness[] {
  const { effect } = history;
  const unwraps = effect?.unwraps;
  if (!effect || !unwraps || unwraps.count < MIN_REFUSALS) return [];
  const { firstAt, lastAt, count } = unwraps;
  if (Date.parse(lastAt) - Date.parse(firstAt) < REFUSED_FOR_MS) return [];
  if (isAfter(now, lastAt, REFUSALS_COUNT_MS) || isContradicted(lastAt, effect)) return [];
  const text = `Key Vault refused the policy's own identity its key at least ${count} times from ${firstAt} to ${lastAt} (KeyUnwrap in the vault's audit log)`;
  const source = policyVaultId(history);
  return [
    {
      kind: 'unwraps',
      says: `the vault has refused the key to the policy's own identity since ${firstAt}`,
      evidence: [{ text, ...(source === undefined ? {} : { source }), readAt: lastAt }],
    },
  ];
}

/** The key was used afterwards, or the policy or an environment works although nothing is refused any more. */
function isContradicted(lastAt: string, { unwrappedAt, healthyAt, runsAt }: EffectHistory): boolean {
  if (unwrappedAt !== undefined && !isAfter(lastAt, unwrappedAt)) return true;
  return isAfter(healthyAt, lastAt, MAX_PROPAGATION_MS) || isAfter(runsAt, lastAt, MAX_PROPAGATION_MS);
}

/**
 * The policy calls itself Unhealthy and that is no witness: it was so at the first reading, or it has not been
 * Healthy since a loss that is over. A warning and an advisory say so.
 */
export function isUnhealthyUnwitnessed(history: History, now: string): boolean {
  const { effect } = history;
  const unhealthy = effect?.unhealthy;
  if (!effect || !unhealthy || witnessesOf(history, now).length > 0) return false;
  return unhealthy.atFirst === true || isAfter(unhealthy.at, unhealthy.since);
}
