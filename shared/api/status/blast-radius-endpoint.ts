import * as z from 'zod';
import { readEndpoint } from '../endpoint.ts';
import { ProblemError } from '../problem.ts';
import { NAMED } from '../read-query.ts';
import { blastRadiusAnswer, blastScopeOf } from './blast-radius-answer.ts';
import { BLAST_RADIUS } from './blast-radius-schema.ts';

/** It names no principals, so whoever may read may ask. */
export const blastRadiusEndpoint = readEndpoint({
  id: 'blastRadius',
  method: 'GET',
  path: '/blast-radius',
  title: 'Which environments a vault, a key or a group would take down, and by what',
  access: 'read',
  query: z.strictObject({
    vault: NAMED.optional(),
    key: NAMED.optional(),
    version: NAMED.optional(),
    policy: NAMED.optional(),
    principal: NAMED.optional(),
    resourceGroup: NAMED.optional(),
    subscription: NAMED.optional(),
    after: z.string().optional(),
  }),
  answer: BLAST_RADIUS,
  problems: ['not-found', 'not-possible-now'],
  async handle({ query }, { facts, store, clock, config }) {
    const policyIds = async () =>
      (await store.listPolicyStates()).map(({ policyState }) => policyState.policyId);
    const scope = blastScopeOf(query, query.policy === undefined ? [] : await policyIds());
    if (facts === undefined)
      throw new ProblemError('not-available', 'This process can not read Azure. Try again in a moment.');
    const { readBlastRadius } = await import('../../pipeline/read-blast-radius.ts');
    const radius = await readBlastRadius(scope, { facts, store, clock, config });
    return blastRadiusAnswer(radius, query, clock.now());
  },
});
