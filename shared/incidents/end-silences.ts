import type { Person, PolicyState, Silence, TimelineEntry, Transition } from './incident.ts';
import { reportSilence } from './report-silence.ts';
import { hasEnded } from './silence.ts';
import { endedRows } from './silence-rows.ts';

/**
 * Ends the silences that are in force over a policy, and cancels those that were planned. Pure; kind `none`
 * where there are none. A silence in force ends now, so that the next evaluation of the timers reports what
 * it suppressed. `vaultId`: only those that were requested for this vault.
 */
export function endSilences(
  policyState: PolicyState,
  asked: { why: string; vaultId?: string },
  by: Person,
  now: string,
): Transition {
  const isMeant = (silence: Silence) =>
    !hasEnded(silence, now) && (asked.vaultId === undefined || silence.vaultId === asked.vaultId);
  const meant = (policyState.silences ?? []).filter(isMeant);
  const { incident } = policyState;
  const rest = { ...(incident ? { incident } : {}), environments: [], notices: [] };
  if (meant.length === 0) return { kind: 'none', policyState, ...rest, timeline: [] };
  const { silenceRows: _, ...before } = policyState;
  const silences = (policyState.silences ?? []).flatMap((silence) => {
    if (!isMeant(silence)) return [silence];
    return Date.parse(silence.from) > Date.parse(now) ? [] : [{ ...silence, until: now }];
  });
  const entry: TimelineEntry = {
    at: now,
    what: 'silenceEnded',
    text: `${by.name} ended the silence: ${asked.why}`,
    by,
  };
  const { notices, kept } = reportSilence(policyState, { what: 'ended', by, ...asked }, now, meant);
  return {
    kind: 'acted',
    policyState: { ...before, silences, ...endedRows(policyState, now), ...kept },
    ...rest,
    notices,
    timeline: incident ? [entry] : [],
  };
}
