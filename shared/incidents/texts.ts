import type { EnvironmentFact } from '../facts/facts.ts';
import type { Operation } from './attribute-actor.ts';
import type { CauseChange } from './causes.ts';
import type { Cause, Incident } from './incident.ts';
import { type JudgedReading, whyUnknown } from './reading.ts';
import type { StateStep } from './step.ts';

/**
 * Why a transition happened, in one or two sentences, for the timeline and the outbox. Plain, not escaped.
 */
export function becauseOf(
  kind: StateStep['kind'],
  incident: Incident,
  change: CauseChange,
  context: { reading: JudgedReading; joined: readonly EnvironmentFact[] },
): string {
  const root = incident.causes[0]?.finding.summary ?? '';
  switch (kind) {
    case 'opened':
      return `${root} ${reach(incident, context.reading)}`;
    case 'confirmed':
      return confirmed(incident, change, root);
    case 'worsened':
      return worsened(change, context);
    case 'eased':
      return eased(change);
    case 'relapsed':
      return `Access is lost again while this incident is still open: ${root}`;
    case 'lockShown':
      return `The lock shows only now: after access came back, Power Platform shows its environments disabled and none running. Enable each again.`;
    case 'accessRestored':
      return `Every cause reads clear again: ${names(incident.causes)}. Environments stay disabled until each is re-enabled.`;
    case 'closed':
      if (incident.noEnvironments)
        return `Every cause reads clear again: ${names(incident.causes)}. No environment was known to be affected.`;
      if (incident.environmentsSource !== 'powerPlatform' && !incident.noEnvironments)
        return 'Every cause has read clear for 7 days. No list could show whether the environments run, so nobody has verified that they do.';
      return incident.environmentCount === 0
        ? 'Access is back, and no environment is linked to the policy.'
        : `Access is back, and ${count(incident.environmentCount, 'environment was', 'environments were all')} seen enabled.`;
    case 'dismissed':
      return `The suspicion was not confirmed; it reads clear now: ${names(incident.causes)}.`;
    case 'none':
      return '';
  }
}

/** "Microsoft.KeyVault/vaults/write by eve@contoso.com from 203.0.113.7". */
export function operationText({ signal, actor }: Operation): string {
  const who = actor?.name ?? actor?.objectId ?? actor?.application;
  const by = who === undefined ? '' : ` by ${who}`;
  const from = actor?.ipAddress === undefined ? '' : ` from ${actor.ipAddress}`;
  return `${signal.operation ?? signal.type}${by}${from}`;
}

function reach(incident: Incident, reading: JudgedReading): string {
  if (incident.noEnvironments)
    return 'No environment is known to be linked to this policy, so which data it affects is not known.';
  if (!reading.history.environments) {
    return `Which environments it takes down is not known${whyUnknown(reading.facts)}`;
  }
  if (incident.environmentCount === 0 && incident.environmentsSource !== 'inventory') {
    return `Which environments it takes down is not known: a list of ${incident.environmentsAsOf} named none, and it can't be read now${whyUnknown(reading.facts)}`;
  }
  if (incident.environmentCount === 0) {
    return 'Which environments it takes down is not known: the inventory names none of this policy.';
  }
  return incident.state === 'revoked'
    ? `It takes ${count(incident.environmentCount, 'environment', 'environments')} offline.`
    : `It may take ${count(incident.environmentCount, 'environment', 'environments')} offline.`;
}

function confirmed(incident: Incident, change: CauseChange, root: string): string {
  if (change.explained) return `The cause of the lock is found: ${change.explained.finding.summary}`;
  const [sure] = change.confirmed;
  if (sure) return `What was suspected is confirmed: ${sure.finding.summary}`;
  const other = incident.causes.find(({ verdict }) => verdict === 'revoked')?.finding.summary ?? root;
  return `Access is revoked, by another cause than the one suspected: ${other}`;
}

function worsened({ fresh, grown }: CauseChange, { joined }: { joined: readonly EnvironmentFact[] }): string {
  const parts = [
    ...fresh.map(({ finding }) => finding.summary),
    // The additions come first: they are the part that may be truncated last.
    ...grown.map(({ cause, added }) => `New: ${added.join(', ')}. ${cause.finding.summary}`),
  ];
  const isAre = joined.length === 1 ? 'environment is' : 'environments are';
  if (joined.length > 0) parts.push(`${joined.length} more ${isAre} affected.`);
  return parts.join(' ');
}

function eased({ cleared, fresh, standing }: CauseChange): string {
  const seen =
    fresh.length > 0 ? ` Now that this can be read, another cause shows: ${fresh[0]?.finding.summary}` : '';
  const isSure = standing.some(({ verdict }) => verdict === 'revoked');
  const left = isSure
    ? `Access is not back: ${names(standing)} still stands.`
    : `Access may not be back: ${names(standing)} is still suspected.`;
  return `No longer a cause: ${names(cleared)}. ${left}${seen}`;
}

function names(causes: readonly Cause[]): string {
  return causes.map(({ trigger }) => trigger).join(', ');
}

function count(n: number, one: string, many: string): string {
  return `${n} ${n === 1 ? one : many}`;
}
