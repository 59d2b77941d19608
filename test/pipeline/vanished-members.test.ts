import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { emailContent } from '../../shared/notices/render/email.ts';
import { say } from '../../shared/notices/say/say.ts';
import { onTimer } from '../../shared/pipeline/watchdog.ts';
import { environment, known } from '../triggers/a-reading.ts';
import { aWorld, policyId, VAULT_GONE } from './a-world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const LINKS = {
  adminCenterUrl: 'https://admin.powerplatform.microsoft.com',
  portalUrl: 'https://portal.azure.com',
};

/** A policy whose list shows these members now, and these other environments of the tenant. */
async function aPolicy() {
  const world = aWorld(['p1'], ['email']);
  let list = { members: ['alpha', 'beta'], others: ['gamma'], isComplete: true };
  let isLost = false;
  const sweep = async (afterMs: number) => {
    world.ports.config.sweepBounds = { minMs: afterMs, maxMs: afterMs };
    await world.clock.advance(afterMs);
    const environments = list.members.map((name) => environment(name));
    world.observedState.set(policyId('p1').toLowerCase(), {
      environments: known({
        source: 'powerPlatform',
        asOf: world.clock.now(),
        environments,
        isComplete: list.isComplete,
        listed: [...environments.map(({ id }) => id), ...list.others.map((name) => environment(name).id)],
        outside: { running: list.others.length, disabled: 0 },
      }),
      ...(isLost ? VAULT_GONE : {}),
    });
    await world.clock.drive(onTimer(world.ports));
  };
  await sweep(MINUTE);
  await sweep(MINUTE);
  return {
    shows(next: Partial<typeof list>) {
      list = { ...list, ...next };
    },
    sweep,
    async loses() {
      isLost = true;
      await sweep(MINUTE);
    },
    async restores() {
      isLost = false;
      await sweep(MINUTE);
    },
    reasons: () => (world.channels[0]?.sent ?? []).map(({ reason }) => reason),
    text: () => {
      const [first] = world.channels[0]?.sent ?? [];
      return first ? emailContent(say(first, LINKS)).text : '';
    },
  };
}

describe('the vault is deleted after environments are no longer in the list', () => {
  for (const isComplete of [true, false])
    it(`they are named still, an hour after they vanished from a ${isComplete ? 'complete' : 'partial'} list`, async () => {
      const { shows, sweep, loses, reasons, text } = await aPolicy();
      shows({ members: [], isComplete });
      await sweep(MINUTE);
      await sweep(HOUR);
      await loses();
      assert.deepEqual(reasons(), ['opened'], 'an empty list silences nothing');
      assert.match(text(), /alpha/);
      assert.match(text(), /beta/);
    });

  it('one of several that vanished is named with the others', async () => {
    const { shows, sweep, loses, text } = await aPolicy();
    shows({ members: ['alpha'] });
    await sweep(MINUTE);
    await loses();
    assert.match(text(), /beta/);
  });

  it('one that was unlinked, its row being there without the link, is not named', async () => {
    const { shows, sweep, loses, reasons, text } = await aPolicy();
    shows({ members: ['alpha'], others: ['beta', 'gamma'] });
    await sweep(MINUTE);
    await loses();
    assert.deepEqual(reasons(), ['opened']);
    assert.match(text(), /alpha/);
    assert.doesNotMatch(text(), /beta/);
  });

  it('one that vanished more than a day ago is not named', async () => {
    const { shows, sweep, loses, text } = await aPolicy();
    shows({ members: ['alpha'] });
    await sweep(MINUTE);
    await sweep(23 * HOUR);
    await sweep(HOUR);
    await loses();
    assert.doesNotMatch(text(), /beta/);
  });

  it('one that is back is named as before', async () => {
    const { shows, sweep, loses, text } = await aPolicy();
    shows({ members: ['alpha'] });
    await sweep(MINUTE);
    shows({ members: ['alpha', 'beta'] });
    await sweep(23 * HOUR);
    shows({ members: ['alpha'] });
    await sweep(2 * HOUR);
    await loses();
    assert.match(text(), /beta/);
  });
});

it('an incident does not close while a member has vanished: its state is unknown, whatever it was', async () => {
  const { shows, sweep, loses, restores, reasons } = await aPolicy();
  await loses();
  shows({ members: ['alpha'] });
  await sweep(MINUTE);
  await restores();
  for (let n = 0; n < 6; n += 1) await sweep(HOUR);
  const before = reasons();
  assert.ok(before.includes('accessRestored') && !before.includes('closed'), before.join());
  shows({ members: ['alpha', 'beta'] });
  await sweep(HOUR);
  assert.equal(reasons().at(-1), 'closed');
});
