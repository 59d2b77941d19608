import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { normalId } from '../../shared/azure/arm-id.ts';
import type { EnvironmentFact, Facts } from '../../shared/facts/facts.ts';
import { emailContent } from '../../shared/notices/render/email.ts';
import { say } from '../../shared/notices/say/say.ts';
import { onTimer } from '../../shared/pipeline/watchdog.ts';
import { DISABLED, environment, gone, known, policy, unread } from '../triggers/a-reading.ts';
import { aWorld, policyId, VAULT_GONE } from './a-world.ts';

const ID = policyId('p1');
const SAY = { adminCenterUrl: 'https://admin.example', portalUrl: 'https://portal.example' };
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

interface Tenant {
  members: string[];
  /** Environments whose rows are there without the link. */
  others: string[];
  isComplete: boolean;
  change: Partial<EnvironmentFact>;
  facts: Partial<Facts>;
}

function aTenant() {
  const world = aWorld(['p1'], ['email']);
  const now: Tenant = {
    members: ['alpha', 'beta'],
    others: ['gamma'],
    isComplete: true,
    change: {},
    facts: {},
  };
  const pass = async (forMs: number, change: Partial<Tenant> = {}, every = Math.min(forMs, HOUR)) => {
    Object.assign(now, change);
    world.ports.config.sweepBounds = { minMs: every, maxMs: every };
    for (let ms = 0; ms < forMs; ms += every) {
      await world.clock.advance(every);
      const list = now.members.map((name) => environment(name, now.change));
      world.observedState.set(normalId(ID), {
        policy: known(policy({ id: ID, name: 'p1', healthStatus: 'Healthy' })),
        environments: known({
          source: 'powerPlatform',
          asOf: world.clock.now(),
          environments: list,
          isComplete: now.isComplete,
          listed: [...now.members, ...now.others],
          outside: { running: now.others.length, disabled: 0 },
        }),
        ...now.facts,
      });
      await world.clock.drive(onTimer(world.ports));
    }
  };
  const sent = () => (world.channels[0]?.sent ?? []).filter(({ incidents }) => incidents.length > 0);
  return {
    pass,
    reasons: () => sent().map(({ reason }) => reason),
    /** Without the reminders. */
    news: () => sent().flatMap(({ reason }) => (reason === 'reminder' ? [] : [reason])),
    lastText: () => emailContent(say(sent().at(-1) ?? assert.fail(), SAY)).text,
    policyState: async () => (await world.ports.store.readPolicyState(ID))?.policyState ?? assert.fail(),
  };
}

const POLICY_GONE = { policy: gone(), vault: unread('follows'), key: unread('follows') };
const UNLINKED = { members: [], others: ['alpha', 'beta', 'gamma'] };

describe('an orderly teardown', () => {
  it('seen in its order raises nothing: unlinked first, then the policy is deleted', async () => {
    const { pass, reasons } = aTenant();
    await pass(3 * MINUTE, {}, MINUTE);
    await pass(2 * MINUTE, UNLINKED, MINUTE);
    await pass(3 * DAY, { facts: POLICY_GONE });
    assert.deepEqual(reasons(), []);
  });

  it('with a list that is late is suspected, never revoked, and ends a day after the last list that named it', async () => {
    const { pass, reasons, news, lastText, policyState } = aTenant();
    await pass(3 * MINUTE, {}, MINUTE);
    await pass(MINUTE, { facts: POLICY_GONE }, MINUTE);
    assert.deepEqual(reasons(), ['suspected']);
    await pass(2 * MINUTE, UNLINKED, MINUTE);
    await pass(23 * HOUR);
    assert.deepEqual(reasons(), ['suspected'], 'no reminder while no list names it');
    await pass(2 * HOUR);
    assert.deepEqual(news(), ['suspected', 'closed']);
    assert.match(lastText(), /left the policy: for a day no list has named one of them|reads clear now/);
    await pass(7 * DAY);
    assert.deepEqual(news(), ['suspected', 'closed']);
    assert.equal((await policyState()).incident, undefined);
  });

  it('is confirmed where the environments turn disabled instead', async () => {
    const { pass, news } = aTenant();
    await pass(3 * MINUTE, {}, MINUTE);
    await pass(2 * MINUTE, { facts: POLICY_GONE }, MINUTE);
    await pass(2 * MINUTE, { change: DISABLED }, MINUTE);
    assert.deepEqual(news(), ['suspected', 'confirmed']);
  });

  it('whose members only vanished is no proof: suspected for a day from a complete list', async () => {
    const { pass, news, policyState } = aTenant();
    await pass(3 * MINUTE, {}, MINUTE);
    await pass(2 * MINUTE, { members: [], facts: POLICY_GONE }, MINUTE);
    assert.deepEqual(news(), ['suspected']);
    await pass(22 * HOUR);
    assert.equal((await policyState()).incident?.state, 'suspected');
    await pass(3 * HOUR);
    assert.deepEqual(news(), ['suspected', 'closed']);
  });

  it('of which a partial list shows nothing goes quiet after a day, stays open as unknown, and asks once', async () => {
    const { pass, reasons, lastText, policyState } = aTenant();
    await pass(3 * MINUTE, { isComplete: false }, MINUTE);
    await pass(2 * MINUTE, { members: [], facts: POLICY_GONE }, MINUTE);
    await pass(26 * HOUR);
    const asked = reasons();
    assert.equal(asked.at(-1), 'reminder');
    assert.match(lastText(), /What to do: look for them in the admin center.*close this incident/s);
    await pass(40 * DAY, {}, 6 * HOUR);
    assert.deepEqual(reasons(), asked, 'no reminder and no deadline after that');
    const { incident, verdict } = await policyState();
    assert.ok(incident?.askedToCloseAt);
    assert.equal(verdict, 'unknown');
    await pass(HOUR, { others: ['alpha', 'beta', 'gamma'] });
    assert.equal(reasons().at(-1), 'closed', 'their rows are there without the link');
  });
});

describe('the environments of an open incident leave the policy', () => {
  for (const [title, departure] of [
    ['unlinked one by one, rows and all', UNLINKED],
    ['gone from a complete list', { members: [] }],
  ] as const)
    it(`${title}: it ends after a day, and its standing cause opens nothing until one is linked again`, async () => {
      const { pass, news, lastText } = aTenant();
      await pass(3 * MINUTE, {}, MINUTE);
      await pass(HOUR, { facts: VAULT_GONE }, MINUTE);
      await pass(2 * DAY, departure as Partial<Tenant>);
      const all = news();
      assert.deepEqual([all[0], all.at(-1)], ['opened', 'closed']);
      assert.match(lastText(), /Every environment of this incident has left the policy/);
      await pass(10 * DAY, {}, 6 * HOUR);
      assert.deepEqual(news(), all);
      await pass(HOUR, { members: ['delta'] });
      assert.equal(news().at(-1), 'opened');
    });

  it('after access came back: it ends after a day instead of never', async () => {
    const { pass, news } = aTenant();
    await pass(3 * MINUTE, {}, MINUTE);
    await pass(HOUR, { facts: VAULT_GONE, change: DISABLED }, MINUTE);
    await pass(HOUR, { facts: {} }, MINUTE);
    await pass(2 * DAY, UNLINKED);
    assert.deepEqual(news(), ['opened', 'accessRestored', 'closed']);
  });

  it('an environment that returns ends the quiet: reminders go on', async () => {
    const { pass, reasons, policyState } = aTenant();
    await pass(3 * MINUTE, { isComplete: false }, MINUTE);
    await pass(HOUR, { facts: VAULT_GONE }, MINUTE);
    await pass(2 * DAY, { members: [] });
    const before = reasons().length;
    await pass(2 * DAY, { members: ['alpha', 'beta'] });
    assert.equal((await policyState()).incident?.askedToCloseAt, undefined);
    assert.ok(reasons().length > before);
  });
});
