import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SendResult } from '../../shared/notices/notice.ts';
import { respond } from '../../shared/pipeline/on-message.ts';
import { deliverPending, sweep } from '../../shared/pipeline/sweep.ts';
import { aWorld, policyId, VAULT_GONE, vaultEvent } from '../pipeline/a-world.ts';

const FIRST = 'first@contoso.com';
const BUSY: SendResult = { outcome: 'failed', permanent: false, detail: 'HTTP 503' };

/**
 * Two policies of one vault. The message about p1 has reached one recipient and not the other, and then p2 is lost
 * by the same cause. `tries`: the policies of each try on the channel, and who already had that message.
 */
async function partlySent(first: SendResult) {
  const world = aWorld(['p1', 'p2'], ['email']);
  const email = world.channels[0] ?? assert.fail();
  const tries: string[] = [];
  const { send } = email;
  email.send = async (notice, abort) => {
    const names = notice.incidents.map(({ policyName }) => policyName).sort();
    tries.push([names.join('+'), ...(notice.progress?.taken ?? [])].join(' had by '));
    if (tries.length === 1) notice.progress?.taken.push(FIRST);
    return send(notice, abort);
  };
  await world.clock.drive(sweep(world.ports));
  await world.clock.advance(60_000);
  const lose = async (name: string, ...answers: SendResult[]) => {
    email.answers.push(...answers);
    world.observedState.set(policyId(name).toLowerCase(), VAULT_GONE);
    const told = vaultEvent({ id: name, at: world.clock.now() });
    await world.clock.drive(respond(told, world.ports));
  };
  const groups = async () => {
    const policies = [policyId('p1'), policyId('p2')];
    return (await world.ports.store.pendingNotices(policies)).map(({ group }) => group);
  };
  await lose('p1', first);
  assert.deepEqual(tries, ['p1']);
  return {
    world,
    tries,
    lose,
    groups,
    later: async (ms: number) => {
      await world.clock.advance(ms);
      await world.clock.drive(deliverPending(world.ports));
    },
  };
}

describe('a message that some recipients already have', () => {
  it('is not joined by a policy that comes to its group later, nor sent along with it', async () => {
    const { world, tries, lose, groups, later } = await partlySent(BUSY);
    await world.clock.advance(10_000);
    await lose('p2', BUSY);
    assert.deepEqual(tries.splice(1), ['p2'], 'the message about p1 waits for its next try');
    assert.equal(new Set(await groups()).size, 1, 'both are of one group');
    await later(5_000);
    assert.deepEqual(tries.splice(1), [`p1 had by ${FIRST}`], 'the message about p2 waits for its next try');
    await later(10_000);
    assert.deepEqual(tries.splice(1), ['p2']);
  });

  it('stays a message of its own where both are tried again at once', async () => {
    const { world, tries, lose, later } = await partlySent(BUSY);
    await world.clock.advance(10_000);
    await lose('p2', BUSY);
    await later(60_000);
    assert.deepEqual(tries.splice(2).sort(), [`p1 had by ${FIRST}`, 'p2']);
  });

  it('stays a message of its own where the channel was left alone and works again', async () => {
    const { world, tries, lose, later } = await partlySent({ ...BUSY, retryAfterMs: 600_000 });
    await later(20_000);
    assert.equal(tries.length, 1, 'the channel is left alone');
    await world.clock.advance(20_000);
    await lose('p2');
    assert.deepEqual(tries.splice(1), ['p2', `p1 had by ${FIRST}`]);
  });
});
