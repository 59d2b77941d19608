import * as z from 'zod';
import { DATED, ENDED_INCIDENT, TIME, VERDICT } from '../components.ts';
import { readEndpoint } from '../endpoint.ts';
import { NO_QUERY } from '../read-query.ts';
import { allPolicyStates, readSweepIntervals } from './optional-reads.ts';
import { POLICY_STATUS } from './status-endpoint.ts';
import { vaultAnswer } from './vault-answer.ts';
import { WARNING } from './warnings-endpoint.ts';

export const vaultEndpoint = readEndpoint({
  id: 'vault',
  method: 'GET',
  path: '/vaults/{id}',
  title: 'One vault with its policies',
  access: 'read',
  query: NO_QUERY,
  answer: z.object({
    ...DATED,
    id: z.string(),
    name: z.string(),
    location: z.string().nullable(),
    permissionModel: z.enum(['accessPolicies', 'rbac']).nullable(),
    softDelete: z.boolean().nullable(),
    purgeProtection: z.boolean().nullable(),
    publicNetworkAccess: z.string().nullable(),
    goneAt: TIME.nullable(),
    verdict: VERDICT,
    policies: z.array(POLICY_STATUS),
    warnings: z.array(WARNING),
    endedIncidents: z.array(ENDED_INCIDENT),
  }),
  problems: ['not-found'],
  async handle({ id }, ports) {
    const [policyStates, intervals] = await Promise.all([allPolicyStates(ports), readSweepIntervals(ports)]);
    return vaultAnswer(policyStates, id, { now: ports.clock.now(), ...intervals });
  },
});
