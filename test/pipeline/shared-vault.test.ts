import assert from 'node:assert/strict';
import { it } from 'node:test';
import { sweep } from '../../shared/pipeline/sweep.ts';
import { known, vault } from '../triggers/a-reading.ts';
import { aWorld, policyId, type World } from './a-world.ts';

const NAMES = Array.from({ length: 30 }, (_, n) => `p${n}`);

/** Sweeps at that interval for so long, by two processes in turn; gives what Teams was told meanwhile. */
async function minutes(world: World, count: number, every: number) {
  const teams = world.channels[0] ?? assert.fail();
  const before = teams.sent.length;
  for (let n = 0; n < count / every; n += 1) {
    await world.clock.advance(every * 60_000);
    await world.clock.drive(sweep(n % 2 === 0 ? world.ports : world.restart()));
  }
  // That no event came is news of its own.
  const told = teams.sent.slice(before).filter(({ incidents }) => incidents.length > 0);
  return told.map(({ reason, incidents }) => `${reason} of ${incidents.length}`);
}

function set(world: World, facts: object): void {
  for (const name of NAMES) world.observedState.set(policyId(name).toLowerCase(), facts);
}

it('thirty policies of one vault are one message for each thing that is said of them', async () => {
  const world = aWorld(NAMES);
  await world.clock.drive(sweep(world.ports));
  const shut = {
    vault: known(vault({ network: { ...vault().network, defaultAction: 'Deny', bypass: 'None' } })),
  };
  set(world, shut);
  assert.deepEqual(await minutes(world, 1, 0.5), ['opened of 30']);
  assert.deepEqual(await minutes(world, 20, 2.5), ['reminder of 30']);
  assert.deepEqual(await minutes(world, 5 * 60, 20), ['reminder of 30', 'reminder of 30']);
  const days = await minutes(world, 7 * 24 * 60, 360);
  assert.deepEqual(new Set(days), new Set(['reminder of 30', 'deadline of 30']));
  assert.equal(days.filter((line) => line === 'deadline of 30').length, 3);
  set(world, {});
  assert.deepEqual(await minutes(world, 2, 0.5), ['accessRestored of 30', 'closed of 30']);
});
