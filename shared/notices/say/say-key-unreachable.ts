import type { Lead } from './lead.ts';
import type { NoticeFacts } from './notice-facts.ts';
import { possessive } from './say-phrases.ts';

/** The key of a policy without a known environment: one warning, and no claim that nothing is affected. */
export function sayKeyUnreachable(about: NoticeFacts): Lead {
  const { policyNames, policies, cause, isSuspected } = about;
  const they = policies.length === 1 ? 'the policy' : 'a policy';
  const state = isSuspected ? 'may not be usable any more' : 'can’t be used any more';
  return {
    tone: 'warning',
    title: `Key ${isSuspected ? 'may be ' : ''}unreachable, no environment known (${policyNames}): ${cause}`,
    sentences: [
      `The encryption key of ${policyNames} ${state}. No environment is known to be linked to ${policies.length === 1 ? 'it' : 'them'}, but other data of the tenant may be encrypted with ${possessive(about)} key.`,
      'What to do: find out whether this was intended. If it was not, undo the change (steps below).',
      `No reminder follows. Lockwatch reports it again if an environment is linked or ${they} turns Unhealthy.`,
    ],
  };
}

/** In place of the environments: why none is named. */
export const NO_ENVIRONMENT_LISTED =
  'The last complete list names no environment of it. A policy can also encrypt the tenant’s platform apps data, which no list shows.';
