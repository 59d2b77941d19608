import * as z from 'zod';
import { DATED, ENVIRONMENT, INCIDENT_SUMMARY, POLICY_NAME, TIME } from '../components.ts';
import { readEndpoint } from '../endpoint.ts';
import { NO_QUERY } from '../read-query.ts';
import { environmentAnswer } from './environment-answer.ts';
import { ENVIRONMENT_STATE } from './incident-schema.ts';
import { allPolicyStates, readSweepIntervals } from './optional-reads.ts';

export const environmentEndpoint = readEndpoint({
  id: 'environment',
  method: 'GET',
  path: '/environments/{id}',
  title: 'Whether an environment is down because of its key',
  access: 'read',
  query: NO_QUERY,
  answer: z.object({
    ...DATED,
    id: z.string(),
    displayName: z.string(),
    downBecauseOfKey: z.enum(['yes', 'no', 'unknown']),
    because: z.string().describe('Why, or why it is not known.'),
    state: ENVIRONMENT_STATE.nullable().describe('Its state in the open incident; null: there is none.'),
    mayBeDeletedFrom: TIME.nullable().describe('An estimate on the safe side.'),
    recoverableUntil: TIME.nullable().describe('Of a deleted one, by the general rule.'),
    environment: ENVIRONMENT,
    listedAt: TIME.nullable(),
    listedBy: z.enum(['powerPlatform', 'inventory']).nullable(),
    policy: POLICY_NAME,
    incident: INCIDENT_SUMMARY.nullable(),
  }),
  problems: ['not-found', 'not-possible-now'],
  async handle({ id }, ports) {
    const [policyStates, intervals] = await Promise.all([allPolicyStates(ports), readSweepIntervals(ports)]);
    return environmentAnswer(policyStates, id, { now: ports.clock.now(), ...intervals });
  },
});
