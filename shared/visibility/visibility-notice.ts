import type { GapPolicy, ReportedGap } from './visibility-state.ts';

// A notice is a row for each channel, in the transaction that stores the visibility state: it must stay
// small.
export const MAX_GAPS_LISTED = 100;
/** Over all gaps of one notice. The others are counted. */
const MAX_POLICIES = 500;
const MAX_NAME = 100;
const MAX_TEXT = 800;

/** The gaps that are reported together, truncated to the size of a notice; the others are counted. Pure. */
export function withinNotice(gaps: readonly ReportedGap[]): { gaps: ReportedGap[]; more?: number } {
  let room = MAX_POLICIES;
  const listed = gaps.slice(0, MAX_GAPS_LISTED).map((whole) => {
    const gap = { ...whole, text: boundedText(whole.text), remediation: boundedText(whole.remediation) };
    if (!gap.policies) return gap;
    const policies = gap.policies.slice(0, room).map(short);
    room -= policies.length;
    const morePolicies = gap.policies.length - policies.length;
    return { ...gap, policies, ...(morePolicies > 0 ? { morePolicies } : {}) };
  });
  const more = gaps.length - listed.length;
  return more > 0 ? { gaps: listed, more } : { gaps: listed };
}

/** The sentence of a gap, truncated to the stored length. */
export function boundedText(text: string): string {
  return text.slice(0, MAX_TEXT).toWellFormed();
}

function short({ key, name }: GapPolicy): GapPolicy {
  return { key, name: name.slice(0, MAX_NAME).toWellFormed() };
}
