import * as z from 'zod';
import { ACTOR, NOTICE_REASON, PERSON, TIME } from '../components.ts';
import { TIMELINE_WHAT } from './incident-schema.ts';

const SHARED = {
  at: TIME,
  text: z.string(),
  policyId: z.string().nullable().describe('Null: it is about Lockwatch itself.'),
  incidentId: z.string().nullable().describe('Null: it belongs to no incident.'),
};

// No `discriminatedUnion`: zod's is used nowhere else, and would be in what each process loads.
export const ACTIVITY_ENTRY = z
  .union([
    z.object({
      ...SHARED,
      kind: z.literal('change').describe('It happened, or somebody did it.'),
      what: TIMELINE_WHAT,
      actor: ACTOR.nullable(),
      by: PERSON.nullable(),
    }),
    z.object({
      ...SHARED,
      kind: z.literal('notice').describe('One notice on one channel.'),
      what: NOTICE_REASON,
      channel: z.string(),
      state: z.enum(['pending', 'sent', 'givenUp']),
      attempts: z.int(),
      sentAt: TIME.nullable(),
      lastError: z.string().nullable(),
      messageId: z.string().nullable(),
    }),
  ])
  .meta({ id: 'ActivityEntry' });
