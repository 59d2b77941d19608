import * as z from 'zod';
import { DATED, SILENCE } from '../components.ts';
import { actionEndpoint } from '../endpoint.ts';
import { NO_QUERY } from '../read-query.ts';
import { BODIES } from './bodies.ts';
import { answerPolicySilence } from './policy-actions.ts';

export const policySilenceEndpoint = actionEndpoint({
  id: 'policySilence',
  method: 'POST',
  path: '/policies/{id}/silence',
  title: 'Silence a policy, now or later',
  access: 'write',
  query: NO_QUERY,
  body: BODIES.plannedSilence,
  answer: z.object({
    ...DATED,
    policyId: z.string(),
    key: z.string(),
    name: z.string(),
    silences: z.array(SILENCE),
  }),
  hasEtag: false,
  problems: ['not-found', 'not-possible-now', 'changed-meanwhile'],
  handle: ({ id, body, by }, ports) => answerPolicySilence(id, body, by, ports),
});
