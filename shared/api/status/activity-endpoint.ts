import { createHash } from 'node:crypto';
import * as z from 'zod';
import { DATED, HISTORY_FAULT, TIME } from '../components.ts';
import { readEndpoint } from '../endpoint.ts';
import { ProblemError } from '../problem.ts';
import { NAMED, oneOf, POINT_IN_TIME } from '../read-query.ts';
import type { ActivityEntry } from './activity-entry.ts';
import { ACTIVITY_ENTRY } from './activity-schema.ts';
import { allPolicyStates } from './optional-reads.ts';
import { policyStateNamed } from './policy-answer.ts';
import { readActivity } from './read-activity.ts';

const PAGE = 100;

export const activityEndpoint = readEndpoint({
  id: 'activity',
  method: 'GET',
  path: '/activity',
  title: 'All that happened and was sent in the last month',
  access: 'read',
  query: z.strictObject({
    policy: NAMED.optional(),
    kind: oneOf(['change', 'notice']).optional(),
    channel: NAMED.optional(),
    from: POINT_IN_TIME.optional(),
    to: POINT_IN_TIME.optional(),
    after: z.string().optional(),
  }),
  answer: z.object({
    ...DATED,
    asOf: TIME.nullable().describe('The newest entry of this page; null: there is none.'),
    historyFault: HISTORY_FAULT,
    entries: z.array(ACTIVITY_ENTRY).describe('The newest first.'),
    next: z.string().nullable().describe('The address of the next page.'),
  }),
  problems: ['not-found', 'not-possible-now'],
  async handle({ query }, ports) {
    const { policy, kind, channel, from, to, after } = query;
    const all = await allPolicyStates(ports);
    const chosen = policy === undefined ? all : [policyStateNamed(all, policy)];
    const place = after === undefined ? undefined : placeOf(after);
    const now = ports.clock.now();
    const { entries, historyFault = null } = await readActivity(
      chosen,
      {
        from: from === undefined ? 0 : Date.parse(from),
        to: Math.min(Date.parse(to ?? '9999-12-31T00:00:00Z'), place?.at ?? Number.MAX_SAFE_INTEGER),
      },
      {
        isOfPolicy: policy !== undefined,
        wanted: PAGE + 1,
        fits: (entry) =>
          (kind === undefined || entry.kind === kind) &&
          (channel === undefined || (entry.kind === 'notice' && entry.channel === channel.toLowerCase())) &&
          (place === undefined || isBehind(entry, place)),
      },
      { store: ports.store, now: Date.parse(now) },
    );
    const page = entries.sort(inOrder).slice(0, PAGE);
    const last = page.at(-1);
    return {
      answeredAt: now,
      asOf: page[0]?.at ?? null,
      historyFault,
      entries: page,
      next: last && entries.length > PAGE ? addressAfter(last, { policy, kind, channel, from, to }) : null,
    };
  },
});

/** Where a page ends: the time, and the entry among those of the same time. */
interface Place {
  at: number;
  key: string;
}

function addressAfter(last: ActivityEntry, filter: Record<string, string | undefined>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) if (value !== undefined) query.set(name, value);
  query.set('after', `${last.at}~${keyOf(last)}`);
  return `/api/activity?${query}`;
}

function placeOf(after: string): Place {
  const [at = '', key = ''] = after.split('~');
  if (Number.isNaN(Date.parse(at)))
    throw new ProblemError(
      'bad-request',
      "'after' is no place in the list. Take `next` as it was given.",
      'after',
    );
  return { at: Date.parse(at), key };
}

function isBehind(entry: ActivityEntry, { at, key }: Place): boolean {
  const time = Date.parse(entry.at);
  return time < at || (time === at && keyOf(entry) > key);
}

function inOrder(one: ActivityEntry, other: ActivityEntry): number {
  return Date.parse(other.at) - Date.parse(one.at) || (keyOf(one) < keyOf(other) ? -1 : 1);
}

/** The same for the same entry, whatever became of its delivery. */
function keyOf(entry: ActivityEntry): string {
  const { kind, what, text, incidentId, policyId } = entry;
  const channel = entry.kind === 'notice' ? entry.channel : '';
  const parts = [kind, what, text, incidentId, policyId, channel];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 12);
}
