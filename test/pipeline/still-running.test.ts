import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { normalId } from '../../shared/azure/arm-id.ts';
import type { EnvironmentFact, EnvironmentsFact } from '../../shared/facts/facts.ts';
import { emailContent } from '../../shared/notices/render/email.ts';
import { say } from '../../shared/notices/say/say.ts';
import { onTimer } from '../../shared/pipeline/watchdog.ts';
import { DISABLED, environment, known } from '../triggers/a-reading.ts';
import { aWorld, policyId, VAULT_GONE } from './a-world.ts';

const ID = policyId('p1');
const SAY = { adminCenterUrl: 'https://admin.example', portalUrl: 'https://portal.example' };
const MINUTE = 60_000;

/** The vault is deleted, and the list shows the environments like this from then on. */
async function afterTheLoss(
  changes: Partial<EnvironmentFact>[],
  list: { source?: EnvironmentsFact['source']; ageMs?: number } = {},
  minutes = 1,
) {
  const world = aWorld(['p1'], ['email']);
  const sweepOnce = async (isLost: boolean) => {
    world.ports.config.sweepBounds = { minMs: MINUTE, maxMs: MINUTE };
    await world.clock.advance(MINUTE);
    world.observedState.set(normalId(ID), {
      environments: known({
        source: list.source ?? 'powerPlatform',
        asOf: new Date(world.clock.nowMs() - (list.ageMs ?? 0)).toISOString(),
        environments: changes.map((change, n) => environment(`e${n + 1}`, isLost ? change : {})),
      }),
      ...(isLost ? VAULT_GONE : {}),
    });
    await world.clock.drive(onTimer(world.ports));
  };
  await sweepOnce(false);
  for (let n = 0; n < minutes; n += 1) await sweepOnce(true);
  const notices = (world.channels[0]?.sent ?? []).filter(({ incidents }) => incidents.length > 0);
  const message = say(notices.at(-1) ?? assert.fail(), SAY);
  return {
    reason: message.reason,
    title: message.title,
    states: message.sections
      .flatMap(({ policies = [] }) => policies)
      .flatMap(({ environments }) => environments.map(({ state }) => state)),
    text: emailContent(message).text,
    policyState: (await world.ports.store.readPolicyState(ID))?.policyState,
    stored: notices.at(-1)?.incidents[0]?.environments.map(({ state }) => state),
  };
}

describe('environments that a list from after the loss shows running', () => {
  it('are not called offline: when they were seen, and what to expect', async () => {
    const { title, states, text, policyState, stored } = await afterTheLoss([{}, {}]);
    assert.match(title, /^2 environments about to go offline: vault deleted/);
    for (const state of states) assert.match(state, /^still shown running at /);
    assert.match(text, /are still shown running at .*; expect them to go offline: its encryption key/);
    assert.doesNotMatch(text, /are offline|\boffline\b.*since/);
    assert.deepEqual(stored, ['locked', 'locked'], 'the deadlines count from the loss');
    assert.ok(policyState?.incident?.recoverBy);
  });

  it('beside others that are disabled are told apart', async () => {
    const { title, states, text } = await afterTheLoss([DISABLED, {}, DISABLED]);
    assert.match(title, /^2 of 3 environments offline: vault deleted/);
    assert.deepEqual(
      states.map((state) => state.replace(/ at .*/, '')),
      ['offline', 'still shown running', 'offline'],
    );
    assert.match(text, /1 of them is still shown running at .*, expect it to go offline like the others/);
  });

  it('in administration mode or with a warning run as well', async () => {
    const { title } = await afterTheLoss([{ runtimeState: 'AdminMode' }, { runtimeState: 'Warning' }]);
    assert.match(title, /^2 environments about to go offline/);
  });

  it('are reported so in a reminder, and not said to have been offline all the time', async () => {
    const { reason, text } = await afterTheLoss([{}, {}], {}, 20);
    assert.equal(reason, 'reminder');
    assert.match(text, /still shown running at/);
    assert.doesNotMatch(text, /have been offline for/);
  });

  for (const [title, changes, list] of [
    ['a list that shows them disabled', [DISABLED, DISABLED], {}],
    ['a list from before the loss', [{}, {}], { ageMs: 10 * MINUTE }],
    ['an inventory, which has no states', [{}, {}], { source: 'inventory' }],
    ['a list without a state', [{ runtimeState: undefined, instanceState: undefined }], {}],
  ] as const satisfies [string, Partial<EnvironmentFact>[], object][])
    it(`are called offline by ${title}`, async () => {
      const { title: headline, states } = await afterTheLoss([...changes], list);
      assert.match(headline, /environments? offline: vault deleted/);
      for (const state of states) assert.equal(state, 'offline');
    });
});
