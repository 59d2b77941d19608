import { acted, type Refusal, same } from './action-result.ts';
import type { Incident, Person, PolicyState, Silence, Transition } from './incident.ts';
import { reportSilence } from './report-silence.ts';
import { hasEnded } from './silence.ts';
import { silenceBegun } from './silence-change.ts';
import { endedRows, MAX_SILENCE_DAYS, MAX_SILENCE_MS, withSilence } from './silence-rows.ts';

/** A silence for a policy, planned or immediate. `vaultId`: the silence was requested for the whole vault. */
export type SilencePolicy = (
  policyState: PolicyState,
  silence: { from: string; until: string; why: string; vaultId?: string },
  by: Person,
  now: string,
) => Transition | Refusal;

const MAX_SILENCES = 20;

export const silencePolicy: SilencePolicy = (policyState, asked, by, now) => {
  const fault = faultOf(asked.from, asked.until, now);
  if (fault !== undefined) return { refused: fault };
  const silences = (policyState.silences ?? []).filter(
    (silence) => policyState.incident || !hasEnded(silence, now),
  );
  const isThere = silences.some(
    ({ from, until, why, vaultId }) =>
      from === asked.from && until === asked.until && why === asked.why && vaultId === asked.vaultId,
  );
  if (isThere) return same(policyState, policyState.incident);
  if (silences.length >= MAX_SILENCES)
    return {
      refused: `There are ${silences.length} silences for this policy already. Wait until one has ended.`,
    };
  const { rows, sum } = withSilence(policyState, asked, now);
  if (sum > MAX_SILENCE_MS) return { refused: TOO_LONG_IN_A_ROW };
  const silence: Silence = { ...asked, by, at: now };
  const { notices, kept } = reportSilence(policyState, silenceBegun(silence, now), now);
  const next: PolicyState = {
    ...policyState,
    silences: [...silences, silence],
    silenceRows: rows,
    ...kept,
  };
  if (!policyState.incident)
    return { kind: 'acted', policyState: next, environments: [], timeline: [], notices };
  const entry = { at: now, what: 'silenced' as const, text: silencedText(silence), by };
  return acted(next, policyState.incident, entry, notices);
};

/** A silence of one incident, which begins now; an `until` in the past ends the one that is there. */
export function silenceIncident(
  policyState: PolicyState,
  incident: Incident,
  { until, why }: { until: string; why: string },
  by: Person,
  now: string,
): Transition | Refusal {
  const before = incident.silence;
  if (before && Date.parse(until) <= Date.parse(now)) {
    const { silence: _ended, ...rest } = incident;
    const text = `${by.name} ended the silence: ${why}`;
    const { silenceRows: _, ...state } = policyState;
    const change = { what: 'ended' as const, by, why, incidentId: incident.id };
    const { notices, kept } = reportSilence(policyState, change, now, [before]);
    const next = { ...state, ...endedRows(policyState, now), ...kept };
    return acted(next, rest, { at: now, what: 'silenceEnded', text, by }, notices);
  }
  const fault = faultOf(now, until, now);
  if (fault !== undefined) return { refused: fault };
  if (before?.until === until && before.why === why) return same(policyState, incident);
  const { rows, sum } = withSilence(policyState, { from: now, until }, now);
  if (sum > MAX_SILENCE_MS) return { refused: TOO_LONG_IN_A_ROW };
  const silence: Silence = { from: now, until, by, why, at: now };
  const entry = { at: now, what: 'silenced' as const, text: silencedText(silence), by };
  const change = { ...silenceBegun(silence, now), incidentId: incident.id };
  const { notices, kept } = reportSilence(policyState, change, now);
  return acted({ ...policyState, silenceRows: rows, ...kept }, { ...incident, silence }, entry, notices);
}

const TOO_LONG_IN_A_ROW = `Together with the silences before and after it, this would be more than ${MAX_SILENCE_DAYS} days. Ask for a shorter one, or leave at least a day between them.`;

function faultOf(from: string, until: string, now: string): string | undefined {
  const [start, end] = [Date.parse(from), Date.parse(until)];
  if (Number.isNaN(start)) return `'from' is no time: give it as 2026-01-31T18:00:00Z.`;
  if (Number.isNaN(end)) return `'until' is no time: give it as 2026-01-31T18:00:00Z.`;
  if (end <= Date.parse(now)) return `'until' is past already: give a time to come.`;
  if (end <= start) return `'until' must come after 'from'.`;
  if (end - start > MAX_SILENCE_MS)
    return `A silence lasts ${MAX_SILENCE_DAYS} days at most. Ask for a shorter one.`;
  return undefined;
}

function silencedText({ by, from, until, why }: Silence): string {
  return `${by.name} asked for silence from ${from} until ${until}: ${why}`;
}
