import * as z from 'zod';
import { DATED } from '../components.ts';
import { actionEndpoint } from '../endpoint.ts';
import { NAMED } from '../read-query.ts';
import { answerDrill } from './answer-drill.ts';
import { BODIES } from './bodies.ts';

export const drillEndpoint = actionEndpoint({
  id: 'drill',
  method: 'POST',
  path: '/drill',
  title: 'Send a drill to every channel, or to one',
  access: 'write',
  query: z.strictObject({ channel: NAMED.optional() }),
  body: BODIES.drill,
  answer: z.object({
    ...DATED,
    ok: z.boolean(),
    incidentId: z.string(),
    href: z.string(),
    channels: z.array(
      z.object({
        channel: z.string(),
        sent: z.boolean(),
        detail: z.string().describe("The channel's answer, or why it was not sent."),
        milliseconds: z.number().nullable().describe('Null: it was not tried.'),
      }),
    ),
  }),
  hasEtag: false,
  problems: ['not-possible-now', 'changed-meanwhile'],
  handle: ({ query, by }, ports) => answerDrill(query.channel, by, ports),
});
