import type { GapPolicy, ReportedGap } from './visibility-state.ts';

// A notice is a row for each channel, in the transaction that remembers it: it must stay small whatever it reports.
const MAX_GAPS = 100;
/** All gaps of one notice together. What is beyond is counted. */
const MAX_POLICIES = 500;
const MAX_NAME = 100;
const MAX_TEXT = 800;

/** What is reported at once, cut to what a notice holds; the rest is counted. Pure. */
export function withinNotice(gaps: readonly ReportedGap[]): { gaps: ReportedGap[]; more?: number } {
  let room = MAX_POLICIES;
  const listed = gaps.slice(0, MAX_GAPS).map((whole) => {
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

/** The sentence of a gap, cut to what is remembered of it. */
export function boundedText(text: string): string {
  return text.slice(0, MAX_TEXT).toWellFormed();
}

function short({ key, name }: GapPolicy): GapPolicy {
  return { key, name: name.slice(0, MAX_NAME).toWellFormed() };
}
