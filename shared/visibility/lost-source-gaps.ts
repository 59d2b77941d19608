import type { LostEventSource, VisibilityGap } from './visibility-state.ts';

/** A source that is due for its first check; nothing of it is reported until then. */
export const NEVER_CHECKED = new Date(0).toISOString();

export function lostSourceGaps(lostSources: readonly LostEventSource[]): VisibilityGap[] {
  return lostSources.filter(({ evidence }) => evidence !== 'none').map(lostSourceGap);
}

export function otherSourceGaps(lostSources: readonly LostEventSource[]): VisibilityGap[] {
  return lostSources
    .filter(isOtherSource)
    .filter(({ checkedAt }) => checkedAt !== NEVER_CHECKED)
    .map(lostSourceGap);
}

/** Whether nothing shows that it is ours. */
export function isOtherSource({ evidence }: LostEventSource): boolean {
  return evidence === 'none';
}

/** One lost source, as it is reported. */
export function lostSourceGap({
  scope,
  operation,
  by = 'Somebody',
  since,
  state,
  evidence,
}: LostEventSource): VisibilityGap {
  const did = `${by} did ${operation} on ${scope}`;
  const kind = evidence === 'none' ? 'otherSource' : 'lostSource';
  const gap = {
    id: `${kind}|${scope}`,
    since,
    urgent: state === 'lost',
    ...(evidence === undefined ? {} : { group: kind }),
  };
  if (state === 'changed')
    return {
      ...gap,
      text: `${did}, and Lockwatch can't read what became of it. If it gets its events or audit records that way, they may have stopped.`,
      remediation: `Give the app's identity the role Reader on ${scope}.`,
    };
  if (evidence === 'none')
    return {
      ...gap,
      text: `${did}, and it is gone or delivers nothing. The deployment does not know it as an event source of Lockwatch. If events or audit records came that way all the same, they stop coming.`,
      remediation:
        'If it was an event source of Lockwatch, put it back or deploy Lockwatch again. If not, nothing has to be done.',
    };
  return {
    ...gap,
    text: `${did}. If Lockwatch gets its events or audit records that way, they stop coming.`,
    remediation: 'Put it back, or deploy Lockwatch again. The sweep goes on meanwhile.',
  };
}
