import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Ports } from '../../shared/pipeline/ports.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import { unread } from '../triggers/a-reading.ts';
import { aWorld, policyId, type World } from './a-world.ts';

const FORBIDDEN = { vault: unread('forbidden'), key: unread('follows'), permission: unread('follows') };

/** A part of every sweep that rejects, and how people could be left without a visibility notice by it. */
const FAILING: Record<string, (ports: Ports) => Ports> = {
  'the search for new policies': (ports) => ({
    ...ports,
    facts: {
      begin: (...options) => ({
        ...ports.facts.begin(...options),
        listPolicies: () => Promise.reject(new RangeError('no list')),
      }),
    },
  }),
  'the reading of the known policies': (ports) => ({
    ...ports,
    facts: {
      begin: (...options) => ({
        ...ports.facts.begin(...options),
        reserve: () => Promise.reject(new RangeError('no reservation')),
      }),
    },
  }),
};

async function minutes(world: World, ports: Ports, count: number): Promise<PromiseSettledResult<unknown>[]> {
  const results: PromiseSettledResult<unknown>[] = [];
  for (let n = 0; n < count; n += 1) {
    await world.clock.advance(60_000);
    results.push(...(await Promise.allSettled([world.clock.drive(sweep(ports))])));
  }
  return results;
}

describe('a sweep of which one part fails', () => {
  for (const [part, failing] of Object.entries(FAILING))
    it(`reports what can't be seen all the same, and then fails: ${part}`, async () => {
      const world = aWorld(['p1', 'p2'], ['email']);
      await minutes(world, world.ports, 1);
      world.observedState.set(policyId('p1').toLowerCase(), FORBIDDEN);
      // The reading that shows it, before the part begins to fail.
      await minutes(world, world.ports, 1);
      const results = await minutes(world, failing(world.ports), 15);
      assert.ok(results.every(({ status }) => status === 'rejected'));
      const gaps = (world.channels[0]?.sent ?? []).flatMap(({ reason, visibility }) =>
        reason === 'visibilityLost' ? (visibility?.gaps ?? []) : [],
      );
      assert.ok(
        gaps.some(({ text }) => text.includes('The key vault of policy p1')),
        JSON.stringify(gaps),
      );
    });
});
