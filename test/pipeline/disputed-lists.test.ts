import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { EnvironmentApi } from '../../shared/facts/environment-details.ts';
import { emailContent } from '../../shared/notices/render/email.ts';
import { say } from '../../shared/notices/say/say.ts';
import { onTimer } from '../../shared/pipeline/watchdog.ts';
import { environment, known } from '../triggers/a-reading.ts';
import { aWorld, policyId } from './a-world.ts';

const HOUR = 60 * 60_000;
const LINKS = {
  adminCenterUrl: 'https://admin.powerplatform.microsoft.com',
  portalUrl: 'https://portal.azure.com',
};

/** A policy with two environments; one of the two lists may lack the second. */
function aDisputedPolicy() {
  const world = aWorld(['p1'], ['email']);
  world.ports.config.sweepBounds = { minMs: HOUR, maxMs: HOUR };
  let lackedBy: EnvironmentApi | undefined;
  let isCompared = true;
  const sweep = async () => {
    await world.clock.advance(HOUR);
    const second = environment('b');
    const disputed = lackedBy === undefined ? [] : [{ id: second.id, lackedBy }];
    world.observedState.set(policyId('p1').toLowerCase(), {
      environments: known({
        source: 'powerPlatform',
        asOf: world.clock.now(),
        environments: [environment('a'), second],
        isComplete: true,
        listed: ['a', second.id],
        ...(isCompared ? { disputed } : {}),
      }),
    });
    await world.clock.drive(onTimer(world.ports));
  };
  const sent = () => world.channels[0]?.sent ?? [];
  return {
    async hours(count: number, by?: EnvironmentApi, compared = true) {
      lackedBy = by;
      isCompared = compared;
      for (let n = 0; n < count; n += 1) await sweep();
    },
    reasons: () => sent().map(({ reason }) => reason),
    text: () => {
      const last = sent().at(-1);
      return last ? emailContent(say(last, LINKS)).text : '';
    },
  };
}

for (const [api, name] of [
  ['platform', 'the Power Platform API'],
  ['admin', 'the Power Platform admin API'],
] as const)
  it(`a row that ${name} lacks for a day is reported as a visibility gap, and not as a departure`, async () => {
    const { hours, reasons, text } = aDisputedPolicy();
    await hours(2);
    await hours(24, api);
    assert.deepEqual(reasons(), [], 'lists lag');
    await hours(1, api);
    assert.deepEqual(reasons(), ['visibilityLost']);
    assert.ok(text().includes(`For a day ${name} has lacked an environment of policy p1`), text());
    await hours(48, api);
    assert.deepEqual(reasons(), ['visibilityLost'], 'two more days of it are no news');
    await hours(3);
    assert.deepEqual(reasons(), ['visibilityLost', 'visibilityRestored']);
  });

it('lists that agree in between, or that change sides, are no gap', async () => {
  const { hours, reasons } = aDisputedPolicy();
  for (let n = 0; n < 4; n += 1) {
    await hours(20, 'platform');
    await hours(1);
    await hours(20, 'platform');
    await hours(20, 'admin');
  }
  assert.deepEqual(reasons(), []);
});

it('a gap ends when the lists have not been compared for a day, since one of them is partial or refused', async () => {
  const { hours, reasons } = aDisputedPolicy();
  await hours(26, 'platform');
  assert.deepEqual(reasons(), ['visibilityLost']);
  await hours(20, undefined, false);
  assert.deepEqual(reasons(), ['visibilityLost'], 'a passing failure is no agreement');
  await hours(8, undefined, false);
  assert.deepEqual(reasons(), ['visibilityLost', 'visibilityRestored']);
});
