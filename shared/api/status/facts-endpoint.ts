import * as z from 'zod';
import type { EnvironmentsFact, Facts } from '../../facts/facts.ts';
import { DATED } from '../components.ts';
import { readEndpoint } from '../endpoint.ts';
import { ProblemError } from '../problem.ts';
import { NO_QUERY } from '../read-query.ts';

/** What a preview is computed from, to save it: it names principals, so it is for operators alone. */
export const factsEndpoint = readEndpoint({
  id: 'facts',
  method: 'GET',
  path: '/facts',
  title: 'What was read of every policy, for previews without a connection',
  access: 'operatorRead',
  query: NO_QUERY,
  answer: z.object({
    ...DATED,
    kind: z.literal('lockwatchFacts'),
    networkReading: z.enum(['trustedService', 'literal']),
    chains: z.array(
      z.object({
        facts: z.record(z.string(), z.unknown()),
        history: z.record(z.string(), z.unknown()),
        otherModel: z.record(z.string(), z.unknown()).optional(),
      }),
    ),
  }),
  problems: [],
  async handle(_request, { facts, store, clock, config }) {
    if (facts === undefined)
      throw new ProblemError('not-available', 'This process can not read Azure. Try again in a moment.');
    const { readChains } = await import('../../pipeline/read-chains.ts');
    const chains = await readChains({ facts, store, clock, config });
    const readAt = chains.map((chain) => chain.facts.readAt).sort()[0] ?? null;
    return {
      answeredAt: clock.now(),
      asOf: readAt,
      kind: 'lockwatchFacts' as const,
      networkReading: config.networkReading ?? 'trustedService',
      chains: chains.map((chain) => ({ ...chain, facts: withoutTenant(chain.facts) })) as never,
    };
  },
});

/** Without the list of the whole tenant's environments, which is of other policies. */
function withoutTenant(facts: Facts): Facts {
  if (facts.environments.state !== 'known') return facts;
  const { policyOf: _policies, listed: _listed, ...value }: EnvironmentsFact = facts.environments.value;
  return { ...facts, environments: { ...facts.environments, value } };
}
