import type { Lead } from './lead.ts';
import type { NoticeFacts } from './notice-facts.ts';
import { whatToDo } from './say-phrases.ts';
import { whys } from './say-why.ts';
import { count, listed } from './words.ts';

/** Environments were deleted while the incident was open: the text of `incidents/deleted-environment.ts`. */
export function hasDeletions({ notice }: NoticeFacts): boolean {
  return notice.incidents.some(({ because }) => /^Deleted during this incident: /.test(because ?? ''));
}

export function sayDeletions(about: NoticeFacts): Lead {
  const deleted = about.notice.incidents.flatMap(({ environments }) =>
    environments.filter(({ state }) => state === 'deleted'),
  );
  const until = deleted
    .map(({ recoverableUntil }) => recoverableUntil)
    .filter((at) => at !== undefined)
    .sort()[0];
  const many = deleted.length > 0 ? count(deleted.length, 'environment') : 'Environments';
  const by =
    until === undefined
      ? ''
      : `, recover ${deleted.length === 1 ? 'it' : 'them'} by ${about.times.moment(until)}`;
  return {
    tone: 'alarm',
    title: `${many} of ${listed(about.policies.map(({ name }) => name))} deleted${by}`,
    sentences: [
      ...whys(about),
      `What to do: in the admin center, open Environments → Recover deleted environments, and recover ${deleted.length === 1 ? 'it' : 'each of them'} now. A deleted environment can be recovered for 7 days; whether that holds for one that was locked is not published. If it is not offered, open a request with Microsoft Support at once.`,
      ...(about.isRestored || about.total === 0
        ? []
        : [`For the others: ${whatToDo(about).replace(/^What to do: /, '')}`]),
    ],
  };
}
