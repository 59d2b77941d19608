import * as z from 'zod';
import { DATED, ENDED_INCIDENT, FINDING, REMEDIATION_STEP, TIME, TRIGGER } from '../components.ts';
import { readEndpoint } from '../endpoint.ts';
import { NO_QUERY } from '../read-query.ts';
import { allPolicyStates, readSweepIntervals } from './optional-reads.ts';
import { onePolicyAnswer, policyStateNamed } from './policy-answer.ts';
import { POLICY_FIELDS } from './status-endpoint.ts';

export const policyEndpoint = readEndpoint({
  id: 'policy',
  method: 'GET',
  path: '/policies/{id}',
  title: 'All of one policy',
  access: 'read',
  query: NO_QUERY,
  answer: z.object({
    ...DATED,
    ...POLICY_FIELDS,
    findings: z.array(
      FINDING.extend({
        remediation: z.array(REMEDIATION_STEP),
        follows: TRIGGER.nullable().describe('The cause from which this one follows.'),
      }).meta({ id: 'PolicyFinding' }),
    ),
    principalId: z.string().nullable().describe("The policy's own managed identity."),
    permissionModel: z.enum(['accessPolicies', 'rbac']).nullable(),
    vault: z
      .object({ id: z.string(), name: z.string(), location: z.string(), goneAt: TIME.nullable() })
      .nullable()
      .describe('As last read.'),
    keyVersions: z.array(
      z
        .object({
          version: z.string(),
          enabled: z.boolean(),
          created: z.string().nullable(),
          notBefore: z.string().nullable(),
          expires: z.string().nullable(),
          lastSeenAt: TIME,
        })
        .meta({ id: 'KeyVersion' }),
    ),
    endedIncidents: z.array(ENDED_INCIDENT).describe('Those of the last month that are over.'),
  }),
  problems: ['not-found', 'not-possible-now'],
  async handle({ id }, ports) {
    const [policyStates, intervals] = await Promise.all([allPolicyStates(ports), readSweepIntervals(ports)]);
    return onePolicyAnswer(policyStateNamed(policyStates, id), { now: ports.clock.now(), ...intervals });
  },
});
