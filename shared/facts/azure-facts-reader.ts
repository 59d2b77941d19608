import type { TokenCredential } from '@azure/core-auth';
import type { HttpClient } from '@azure/core-rest-pipeline';
import { type ArmSession, armClient } from '../azure/arm-client.ts';
import { armRateLimit } from '../azure/arm-rate-limit.ts';
import { deadlineIn } from '../azure/deadline.ts';
import type { RateLimitOptions } from '../azure/subscription-limit.ts';
import type { Clock } from '../clock.ts';
import type { EnvironmentSource } from './environments.ts';
import { readEventSource } from './event-source.ts';
import { listEverywhere } from './list-everywhere.ts';
import type { ListMemory, ListsSeen } from './listed-answers.ts';
import { readPolicy } from './policy.ts';
import { prefetch, readChain } from './read-chain.ts';
import type { FactsReader, Reading } from './reader.ts';

export interface FactsReaderOptions {
  armEndpoint: string;
  armScope: string;
  /** Subscriptions whose enterprise policies are listed. Vaults may be in other subscriptions. */
  subscriptions: readonly string[];
  credential: TokenCredential;
  clock: Clock;
  environments: EnvironmentSource;
  httpClient?: HttpClient;
  /** Concurrent requests to Azure Resource Manager in one subscription. */
  concurrency?: number;
  /** Azure Resource Manager's own bucket by default. */
  bucket?: RateLimitOptions['bucket'];
}

/**
 * The part of a sweep's time that is left for the readings after they have reserved their ARM rate limit
 * share.
 */
const TIME_TO_READ = 0.1;

/**
 * Reads the observed state through Azure Resource Manager. Opens no connection until a read session reads.
 */
export function createFactsReader(options: FactsReaderOptions): FactsReader {
  const arm = armClient(options);
  const budget = armRateLimit(options);
  const memory: ListMemory = { rows: new Map(), keys: new Map() };
  return {
    begin(
      budgetMs,
      { environmentsGraceMs, skipsKnownMembers, protection, sweep, withLists, askRefused } = {},
    ) {
      const deadline = deadlineIn(budgetMs, options.clock);
      // An answer that policies share may be as old as the session, so no reading in it is newer than that.
      const beganAt = options.clock.now();
      const sweepRateLimiter = sweep ? budget.forSweep() : undefined;
      const rateLimiter = sweepRateLimiter ?? budget.forSignal;
      const single = arm(deadline, rateLimiter);
      const { subscriptions } = options;
      const seen: ListsSeen = new Map();
      const fromLists = (reading: ArmSession, isPlan = false) =>
        withLists ? withLists(reading, { memory, seen, subscriptions, isPlan }) : reading;
      const session = fromLists(single);
      const environments = options.environments.begin(deadline, { askRefused, mayReuse: sweep });
      // Read in every tenth minute's sweep: a cold start does not load it.
      const protections = protection
        ? import('./protection.ts').then(({ protectionReader }) =>
            protectionReader((until) => arm(until, rateLimiter), session, deadline),
          )
        : undefined;
      const readOver =
        (over: ArmSession): Reading['read'] =>
        async (policyId, hints = {}, beside) => {
          const from = { session: over, environments, beganAt, watched: options.subscriptions };
          const ofMembers = skipsKnownMembers ? 'skip' : (environmentsGraceMs ?? environments.graceMs);
          const listGrace = hints.membersKnown ? ofMembers : environmentsGraceMs;
          if (beside) {
            const { readBeside } = await import('./read-beside.ts');
            return readBeside(from, policyId, hints, beside, listGrace);
          }
          const chain = await readChain(from, policyId, hints, listGrace);
          const readProtection = await protections;
          return readProtection ? { ...chain, protection: await readProtection(chain, hints.moved) } : chain;
        };
      return {
        arm: session,
        read: readOver(session),
        ...(withLists ? { readSingly: readOver(single) } : {}),
        ...(sweepRateLimiter ? { quota: sweepRateLimiter.quota } : {}),
        async reserve(policies) {
          if (!sweepRateLimiter) return 'reserved';
          const requests = single.plan((unlisted) => {
            const planned = fromLists(unlisted, true);
            for (const { policyId, hints = {} } of policies) {
              readPolicy(planned, policyId);
              prefetch(planned, hints);
            }
          });
          const inTime = { ...deadline, atMs: deadline.atMs - TIME_TO_READ * budgetMs };
          return sweepRateLimiter.reserve(requests, inTime);
        },
        readEventSource: (resourceId) => readEventSource(session, resourceId),
        listPolicies: () => listEverywhere(session, subscriptions),
      };
    },
  };
}
