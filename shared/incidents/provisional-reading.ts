import { isOperation } from '../signals/is-operation.ts';
import type { Signal } from '../signals/signal.ts';
import type { Trigger } from '../triggers/finding.ts';
import { TRIGGERS } from '../triggers/register.ts';
import { CLOCK_SKEW_MS } from './attribute-actor.ts';
import type { Incident, PolicyState } from './incident.ts';
import { untilOrIgnored } from './stored-time.ts';

const MAX_MS = Math.max(...TRIGGERS.map(({ operations }) => operations.propagationMs));

/**
 * Until when a reading that shows access *present* is provisional, after the changes that these signals
 * report: ARM may show a change before it takes effect. Undefined: nothing was changed that propagates late.
 * A reading that shows access missing counts at once. While an incident is open, only a change that its causes
 * are about counts, and only one from before they read clear: pipelines write to vaults all the time. Times
 * ISO 8601.
 */
export function propagationEndsAt(
  policyState: PolicyState | undefined,
  signals: readonly Signal[],
  now: string,
): string | undefined {
  const open = policyState?.incident;
  const triggers = TRIGGERS.filter((trigger) => !open || isAbout(trigger, open));
  const readsClearSince = open?.accessRestoredAt ?? open?.readsClearSince;
  const latestAt = readsClearSince === undefined ? undefined : Date.parse(readsClearSince) + CLOCK_SKEW_MS;
  const ends = signals
    .filter(({ outcome, at }) => outcome === 'success' && !(Date.parse(at) > (latestAt ?? Number.NaN)))
    .map((signal) => endOf(signal, triggers, now));
  const before = untilOrIgnored(policyState?.propagationEndsAt, now, MAX_MS);
  const latest = [before, ...ends]
    .filter((end) => end !== undefined)
    .sort()
    .at(-1);
  return untilOrIgnored(latest, now, MAX_MS);
}

/** Whether the trigger is a cause of the incident, or was hidden behind one. */
function isAbout({ id, about }: Trigger, { causes }: Incident): boolean {
  const present = TRIGGERS.filter((trigger) => causes.some((cause) => cause.trigger === trigger.id));
  return present.some((trigger) => trigger.id === id || trigger.hides?.about.some((one) => one === about));
}

function endOf(signal: Signal, triggers: readonly Trigger[], now: string): string | undefined {
  // A signal from the future must not keep an incident open for ever.
  const at = Math.min(Date.parse(signal.at), Date.parse(now));
  const ends = triggers
    .map(({ operations }) => operations)
    .flatMap(({ change, propagationMs }) =>
      propagationMs > 0 && isOperation(signal, change) ? [at + propagationMs] : [],
    );
  return ends.length === 0 || Number.isNaN(at) ? undefined : new Date(Math.max(...ends)).toISOString();
}
