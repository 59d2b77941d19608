import * as z from 'zod';
import { ADVISORY, DATED, POLICY_NAME } from '../components.ts';
import { readEndpoint } from '../endpoint.ts';
import { NO_QUERY } from '../read-query.ts';
import { allPolicyStates } from './optional-reads.ts';
import { warningsAnswer } from './warnings-answer.ts';

export const WARNING = ADVISORY.extend({ policies: z.array(POLICY_NAME) }).meta({ id: 'Warning' });

export const warningsEndpoint = readEndpoint({
  id: 'warnings',
  method: 'GET',
  path: '/warnings',
  title: 'What may take environments offline later',
  access: 'read',
  query: NO_QUERY,
  answer: z.object({
    ...DATED,
    counts: z.object({
      urgent: z.int(),
      warning: z.int(),
      info: z.int(),
      unknown: z.int().describe('Warnings that could not be judged.'),
      notReadYet: z.int().describe('Policies that were not read for warnings yet.'),
    }),
    warnings: z.array(WARNING),
    remarks: z.array(z.object({ policy: POLICY_NAME, text: z.string() })),
  }),
  problems: [],
  handle: async (_, ports) => warningsAnswer(await allPolicyStates(ports), ports.clock.now()),
});
