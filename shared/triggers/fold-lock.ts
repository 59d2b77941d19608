import type { Evidence, Finding } from './finding.ts';
import type { History } from './history.ts';
import { clear, unknownFinding } from './make-finding.ts';
import { type Witness, witnessesOf } from './witnesses.ts';

/** An open incident whose access is not back: the causes that stood after the reading before this one. */
export interface StandingCauses {
  causes: readonly { trigger: Finding['trigger'] }[];
  isStanding: boolean;
  /** It was revoked at some time, so that environments may still be disabled from it. */
  wasProven?: boolean;
}

/**
 * The findings, with `locked` as evidence where another finding explains it. A cause never has a second one
 * beside it that only shows its effect: not while it stands, not while it can't be read, and not in the
 * reading in which it ends. Pure; applying it twice has the same result as applying it once.
 */
export function foldLock(
  findings: readonly Finding[],
  history: History,
  now: string,
  earlier?: StandingCauses,
): Finding[] {
  const locked = findings.find(({ trigger }) => trigger === 'locked');
  if (!locked || locked.follows !== undefined) return [...findings];
  const others = findings.filter((one) => one !== locked);
  const cause =
    others.find(({ verdict }) => verdict === 'revoked') ??
    others.find(({ verdict }) => verdict === 'suspected');
  if (cause) {
    const explained = withWitnesses(cause, witnessesOf(history, now));
    return findings.map((one) => (one === cause ? explained : one === locked ? ofCause(locked, cause) : one));
  }
  if (!earlier?.isStanding || !isTripped(locked)) return [...findings];
  const causes = earlier.causes.filter(({ trigger }) => trigger !== 'locked');
  if (causes.length === 0) return [...findings];
  const unread = causes.find(
    ({ trigger }) => others.find((one) => one.trigger === trigger)?.verdict === 'unknown',
  );
  // A suspicion that was never proven took nothing down, so what is disabled is not its.
  if (!unread && !earlier.wasProven) return [...findings];
  const instead = unread ? follows(locked, unread.trigger) : ofEndedLoss(locked);
  return findings.map((one) => (one === locked ? instead : one));
}

function isTripped({ verdict }: Finding): boolean {
  return verdict === 'revoked' || verdict === 'suspected';
}

function ofCause(locked: Finding, { trigger }: Finding): Finding {
  return isTripped(locked) ? follows(locked, trigger) : locked;
}

function follows(locked: Finding, trigger: Finding['trigger']): Finding {
  return {
    ...unknownFinding('locked', locked.scope, `Not known: follows from ${trigger}.`),
    follows: trigger,
  };
}

function ofEndedLoss(locked: Finding): Finding {
  return clear(
    'locked',
    locked.scope,
    'What is still disabled belongs to the loss that ended.',
    locked.evidence,
  );
}

/** A witness confirms a suspicion, unless something other than the key explains that witness as well. */
function withWitnesses(cause: Finding, witnesses: readonly Witness[]): Finding {
  if (witnesses.length === 0) return cause;
  const evidence = withoutRepeats([...cause.evidence, ...witnesses.flatMap((witness) => witness.evidence)]);
  const isProven = witnesses.length > 1 || witnesses.some(({ isWeak }) => !isWeak);
  if (cause.verdict === 'revoked' || !isProven) return { ...cause, evidence };
  const said = witnesses.map(({ says }) => says).join('; ');
  return {
    ...cause,
    verdict: 'revoked',
    summary: `${cause.summary} The effect shows that access is lost: ${said}.`,
    evidence,
  };
}

function withoutRepeats(evidence: readonly Evidence[]): Evidence[] {
  const texts = new Set<string>();
  return evidence.filter(({ text }) => !texts.has(text) && texts.add(text));
}
