import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PolicyState } from '../../shared/incidents/incident.ts';
import { silencePolicy } from '../../shared/incidents/request-silence.ts';
import {
  CommitConflictError,
  decideAndCommit,
  type PolicyDecision,
} from '../../shared/pipeline/decide-and-commit.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import { aWorld, policyId, type World } from './a-world.ts';

const POLICY = policyId('p1');

async function watching(): Promise<World> {
  const world = aWorld(['p1']);
  await world.clock.drive(sweep(world.ports));
  return world;
}
const stored = async ({ ports }: World) => (await ports.store.readPolicyState(POLICY))?.policyState;

/** A person silences the policy for an hour. */
function silenced(why: string) {
  return (policyState: PolicyState | undefined, now: string): PolicyDecision => {
    const until = new Date(Date.parse(now) + 3_600_000).toISOString();
    const times = { from: now, until, why };
    const decided = silencePolicy(policyState ?? assert.fail('no state'), times, { name: 'Ann' }, now);
    return { transition: 'refused' in decided ? assert.fail(decided.refused) : decided };
  };
}

/** Another process commits before each of the first `n` commits. */
function busy(world: World, n: number): { commits: () => number } {
  let commits = 0;
  const { store } = world.restart();
  const commit = world.ports.store.commit;
  world.ports.store.commit = async (...args) => {
    commits += 1;
    if (commits <= n) {
      const theirs = await store.readPolicyState(POLICY);
      const { transition } = silenced(`theirs ${commits}`)(theirs?.policyState, world.clock.now());
      await store.commit(transition, theirs?.etag, []);
    }
    return commit(...args);
  };
  return { commits: () => commits };
}

test('a decision that loses to another writer is made again on what that writer wrote', async () => {
  const world = await watching();
  const { commits } = busy(world, 1);
  const seen: number[] = [];
  const done = await decideAndCommit(
    POLICY,
    (policyState, now) => {
      seen.push(policyState?.silences?.length ?? 0);
      return silenced('ours')(policyState, now);
    },
    world.ports,
  );
  assert.deepEqual([seen, commits()], [[0, 1], 2]);
  assert.deepEqual(
    done.before?.silences?.map(({ why }) => why),
    ['theirs 1'],
  );
  const state = await stored(world);
  assert.deepEqual(state?.silences?.map(({ why }) => why).sort(), ['ours', 'theirs 1']);
});

test('where others keep writing it gives up with an error of its own, and writes nothing', async () => {
  const world = await watching();
  const { commits } = busy(world, Number.POSITIVE_INFINITY);
  await assert.rejects(decideAndCommit(POLICY, silenced('ours'), world.ports), CommitConflictError);
  assert.equal(commits(), 6);
  assert.ok((await stored(world))?.silences?.every(({ why }) => why !== 'ours'));
});

test('a decision that is no news writes nothing', async () => {
  const world = await watching();
  const { commits } = busy(world, 0);
  const done = await decideAndCommit(
    POLICY,
    (policyState, now) => ({ ...silenced('ours')(policyState, now), unchanged: true }),
    world.ports,
  );
  assert.deepEqual([commits(), done.rows, done.unchanged], [0, [], true]);
  assert.equal((await stored(world))?.silences, undefined);
});
