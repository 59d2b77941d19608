import { isShownRunning } from '../../facts/environment-state.ts';
import type { AffectedEnvironment, Incident } from '../../incidents/incident.ts';

/**
 * True where a list that was requested after the loss began shows the environment running. It goes offline with
 * the others (Power Platform docs: Lock environments), but how late is not published, so it is not called
 * offline. Its stored state stays `locked`: the deadlines count from the loss.
 */
export function isStillRunning(environment: AffectedEnvironment, incident: Incident): boolean {
  const { state, environmentsSource, environmentsAsOf, lockedSince, openedAt, drill } = incident;
  if (drill || (state !== 'revoked' && state !== 'suspected') || environmentsSource !== 'powerPlatform')
    return false;
  if (environment.state === 'deleted' || environment.missingSince !== undefined) return false;
  const isFresh = Date.parse(environmentsAsOf ?? '') >= Date.parse(lockedSince ?? openedAt);
  return isFresh && isShownRunning(environment);
}
