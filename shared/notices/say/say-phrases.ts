import { triggerOf } from '../../triggers/register.ts';
import { isEffect, type NoticeFacts } from './notice-facts.ts';
import { between, duration } from './words.ts';

/** "3 environments offline", "2 environments may be locked". */
export function down(about: NoticeFacts): string {
  const name = about.total > 0 ? about.environments : `environments of ${about.policyNames}`;
  if (about.isSuspected) return `${name} may be locked`;
  const offline = about.total - about.running.count;
  if (about.running.count > 0 && offline <= 0) return `${name} about to go offline`;
  return about.running.count > 0 ? `${offline} of ${name} offline` : `${name} offline`;
}

export function whatIsDown(about: NoticeFacts): string {
  const who = `${upper(about.environments)} of ${about.policyNames}`;
  if (about.isSuspected) return `${who} may be locked, which stops flows and agents in ${them(about)} too.`;
  if (about.isRestored)
    return `Access is back; ${about.environments} of ${about.policyNames} must each be enabled again.`;
  const state = `${who} ${whichRun(about)}`;
  if (about.causes.length > 0 && about.causes.every(isEffect))
    return `${state}, and no reading of ${possessive(about)} encryption key shows why. ${flowsStop(about)}`;
  return `${state}: ${possessive(about)} encryption key can't be used any more. ${flowsStop(about)}`;
}

/** Power Platform docs, customer-managed key: what else is encrypted under the same policy. */
export function flowsStop(about: NoticeFacts): string {
  return `Flows and agents in ${them(about)} stop too.`;
}

function them({ total }: NoticeFacts): string {
  return total === 1 ? 'it' : 'them';
}

/** "are offline", unless a list from after the loss shows some of them running. */
function whichRun(about: NoticeFacts): string {
  const { running, total, times } = about;
  if (running.count === 0) return `${are(about)} offline`;
  const shown = `still shown running at ${times.moment(running.asOf)}`;
  if (running.count >= total)
    return `${are(about)} ${shown}; expect ${total === 1 ? 'it' : 'them'} to go offline`;
  return `are affected; ${running.count} of them ${running.count === 1 ? 'is' : 'are'} ${shown}, expect ${running.count === 1 ? 'it' : 'them'} to go offline like the others`;
}

/** Only Microsoft can restore a deleted policy, so the message must not ask people to undo it. */
export function whatToDo({ causes }: NoticeFacts): string {
  if (onlyMicrosoftUndoes(causes))
    return 'What to do: open a request with Microsoft Support now (steps below). A policy made anew unlocks nothing.';
  if (causes.length > 0 && causes.every(isEffect))
    return 'What to do: find the change that took the key away and undo it (steps below), then enable each environment again.';
  return 'What to do: undo the change to the key access (steps below), then enable each environment again.';
}

/** Only where no steps follow, which say the same in more detail. */
export function toDoWithoutSteps(about: NoticeFacts): string[] {
  const hasSteps = about.causes.some(({ finding }) => finding.remediation.length > 0);
  return hasSteps ? [] : [whatToDo(about)];
}

/** True where people can undo nothing that brings the access back. */
export function onlyMicrosoftUndoes(causes: NoticeFacts['causes']): boolean {
  return causes.some(({ trigger }) => triggerOf(trigger)?.isUndoneByPeople === false);
}

/** Where no reading shows a cause, there is no change yet that could be undone. */
export function whatToCheck({ causes, total }: NoticeFacts): string {
  const open = total === 1 ? 'the environment below' : 'one of the environments below';
  const undo =
    causes.length > 0 && causes.every(isEffect)
      ? 'find out who disabled it, or which change took the key away (steps below), and undo that'
      : 'undo the change now';
  return `What to do: open ${open} in the admin center. If it is disabled, ${undo}. If it works, nothing is lost.`;
}

export function are(about: NoticeFacts): string {
  return about.total === 1 ? 'is' : 'are';
}

export function possessive(about: NoticeFacts): string {
  return about.policies.length === 1 ? 'its' : 'their';
}

/** "4 hours" from then to the message; empty if either is not known. */
export function elapsed(since: string | undefined, { notice }: NoticeFacts): string {
  const ms = between(since, notice.at);
  return ms === undefined || ms < 0 ? '' : duration(ms);
}

export function upper(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
