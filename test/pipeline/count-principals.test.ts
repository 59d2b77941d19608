import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normalId } from '../../shared/azure/arm-id.ts';
import type { Part } from '../../shared/azure/part.ts';
import type { LockingPrincipalCount } from '../../shared/facts/locking-principal-count.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import { protection } from '../triggers/a-guarded-reading.ts';
import { known, unread } from '../triggers/a-reading.ts';
import { aWorld, policyId, VAULT_GONE, type World } from './a-world.ts';

const HOUR = 3_600_000;

function counting(): {
  world: World;
  counts: string[];
  answers: { next: Part<LockingPrincipalCount> | 'hang' };
} {
  const world = aWorld(['p1']);
  world.observedState.set(normalId(policyId('p1')), { protection: protection() });
  const counts: string[] = [];
  const answers: { next: Part<LockingPrincipalCount> | 'hang' } = { next: known({ able: 3, inTwoSteps: 1 }) };
  world.ports.countPrincipals = async () => {
    const at = world.clock.now();
    counts.push(at);
    if (answers.next === 'hang') return new Promise(() => {});
    return { ...answers.next, readAt: at };
  };
  return { world, counts, answers };
}

async function swept({ ports, clock }: World, afterHours: number) {
  await clock.advance(afterHours * HOUR);
  await clock.drive(sweep(ports));
  const { policyState } = (await ports.store.listPolicyStates())[0] ?? assert.fail('no policy');
  return policyState;
}
const told = ({ advisories }: Awaited<ReturnType<typeof swept>>) =>
  advisories?.findings.find(({ advisory }) => advisory === 'more-principals-can-lock');

test('the principals who can lock a policy are counted once a day, and a growth is a warning', async () => {
  const { world, counts, answers } = counting();
  assert.equal(told(await swept(world, 0)), undefined, 'absent advisories are not stored');
  await swept(world, 1);
  assert.equal(counts.length, 1);
  answers.next = known({ able: 4, inTwoSteps: 1 });
  const grown = told(await swept(world, 24));
  assert.equal(counts.length, 2);
  assert.equal(grown?.verdict, 'present');
  assert.match(grown.summary, /5 principals can take .* it was 4/);
});

test('a count that fails or hangs is unknown, and delays no reading for long', async () => {
  for (const next of [unread('forbidden'), 'hang'] as const) {
    const { world, answers } = counting();
    answers.next = next;
    const state = await swept(world, 0);
    assert.equal(told(state)?.verdict, 'unknown');
    assert.equal(state.verdict, 'clear');
  }
});

test('the count delays no notice: it is left for a sweep that shows no loss', async () => {
  const { world, counts } = counting();
  world.observedState.set(normalId(policyId('p1')), { protection: protection(), ...VAULT_GONE });
  assert.equal((await swept(world, 0)).verdict, 'revoked');
  assert.equal(counts.length, 0);
  world.observedState.set(normalId(policyId('p1')), { protection: protection() });
  await swept(world, 1);
  assert.equal(counts.length, 1);
});

test('a process that counts nobody says that it is not known', async () => {
  const { world } = counting();
  delete world.ports.countPrincipals;
  const found = told(await swept(world, 0));
  assert.deepEqual(
    [found?.verdict, /not counted by this process/.test(found?.summary ?? '')],
    ['unknown', true],
  );
});
