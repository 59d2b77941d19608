import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { teamsBody } from '../../shared/notices/render/card.ts';
import { emailContent } from '../../shared/notices/render/email.ts';
import { say } from '../../shared/notices/say/say.ts';
import { respond } from '../../shared/pipeline/on-message.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import { heartbeatIn, onHeartbeat, onTimer, watchTimer } from '../../shared/pipeline/watchdog.ts';
import { SAY } from '../notices/a-notice.ts';
import { SUBSCRIPTION, VAULT_ID } from '../triggers/a-reading.ts';
import { aWorld, policyId, VAULT_GONE, type World } from './a-world.ts';

const breakVault = (world: World, name = 'p1') =>
  world.observedState.set(policyId(name).toLowerCase(), VAULT_GONE);

/** Turns the clock second by second; `eachSecond` runs first, then the heartbeat messages that are due. */
async function run(
  world: World,
  seconds: number,
  eachSecond?: (second: number) => Promise<unknown>,
): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    await world.clock.advance(1000);
    if (eachSecond) await world.clock.drive(eachSecond(second));
    const due = world.heartbeats.filter(({ dueAt }) => dueAt <= world.clock.nowMs());
    for (const message of due) {
      world.heartbeats.splice(world.heartbeats.indexOf(message), 1);
      await world.clock.drive(onHeartbeat(heartbeatIn(message.text) ?? '', world.ports));
    }
  }
}

describe('a timer that stops without an error', () => {
  it('is noticed by the heartbeat message, which then sweeps at each interval: a lock is reported within 2 minutes', async () => {
    const world = aWorld();
    await world.clock.drive(onTimer(world.ports));
    breakVault(world);
    const stoppedAt = world.clock.nowMs();
    await run(world, 120);
    const [notice] = world.channels[0]?.sent ?? [];
    assert.equal(notice?.reason, 'opened');
    assert(Date.parse(notice?.at ?? '') - stoppedAt <= 120_000);
    world.reads.length = 0;
    await run(world, 90);
    assert(world.reads.length >= 2 && world.reads.length <= 4, `${world.reads.length} sweeps in 90 s`);
  });

  it('is noticed by whatever else runs, where the message is lost too', async () => {
    const world = aWorld();
    await world.clock.drive(onTimer(world.ports));
    world.heartbeats.length = 0;
    breakVault(world);
    await world.clock.advance(60_000);
    await world.clock.drive(watchTimer(world.ports, 'signal'));
    assert.equal(world.channels[0]?.sent.length, 0, 'two intervals are no silence yet');
    await world.clock.advance(31_000);
    await world.clock.drive(watchTimer(world.ports, 'signal'));
    assert.deepEqual(
      world.channels[0]?.sent.map(({ reason }) => reason),
      ['opened', 'visibilityLost'],
      'the lock, and the timer that did not see it',
    );
    const told = world.channels[0]?.sent[1] ?? assert.fail();
    const { subject, text } = emailContent(say(told, SAY));
    assert.match(text, /The app's timer has not run since Fri 20 Nov 2026, 10:00 UTC\. /);
    assert.doesNotMatch(`${subject}${text}${JSON.stringify(teamsBody(say(told, SAY)))}`, /\d-\d\dT\d\d:/);
  });

  it('that goes on makes the other heartbeats do nothing', async () => {
    const world = aWorld();
    await world.clock.drive(onTimer(world.ports));
    world.reads.length = 0;
    await run(world, 300, async (second) => (second % 30 === 29 ? onTimer(world.ports) : undefined));
    assert.equal(world.reads.length, 10, 'one sweep for each of the timer’s ten');
  });
});

describe('the heartbeat message', () => {
  it('is there before the first sweep is over, and does not wait for it', async () => {
    const world = aWorld();
    const { begin } = world.ports.facts;
    world.ports.facts = {
      begin: (...options) => ({ ...begin(...options), listPolicies: () => new Promise<never>(() => {}) }),
    };
    void onTimer(world.ports);
    for (let n = 0; n < 30; n += 1) await world.clock.advance(0);
    assert.equal(world.heartbeats.length, 1);
  });

  it('that can not be sent does not prevent the sweep', async () => {
    const world = aWorld();
    world.ports.rechecks.sendHeartbeat = async () => {
      throw new Error('the queue is away');
    };
    await world.clock.drive(onTimer(world.ports));
    assert.equal(world.reads.length, 1);
  });

  it('is one chain: a copy from before is dropped, and a lost one is begun anew by the timer', async () => {
    const world = aWorld();
    await world.clock.drive(onTimer(world.ports));
    const [first] = world.heartbeats;
    assert(first);
    world.heartbeats.length = 0;
    await run(world, 90, async (second) => (second % 30 === 29 ? onTimer(world.ports) : undefined));
    const alive = world.heartbeats.map(({ text }) => heartbeatIn(text));
    assert.equal(alive.length, 1);
    assert.notEqual(alive[0], heartbeatIn(first.text));
    await world.clock.drive(onHeartbeat(heartbeatIn(first.text) ?? '', world.ports));
    assert.equal(world.heartbeats.length, 1);
  });

  it('is distinguished from what comes from outside', () => {
    assert.equal(heartbeatIn('{"lockwatch":"heartbeat","messageId":"a"}'), 'a');
    assert.equal(heartbeatIn({ lockwatch: 'heartbeat', messageId: 'a' }), 'a');
    for (const other of [
      '',
      '{',
      '{"lockwatch":"heartbeat"',
      null,
      7,
      {},
      { lockwatch: 'recheck' },
      { lockwatch: 'heartbeat', messageId: 1 },
    ])
      assert.equal(heartbeatIn(other), undefined);
  });
});

describe('a sweep', () => {
  it('runs once where two begin it together, and again where the first died', async () => {
    const world = aWorld();
    await world.clock.drive(
      Promise.all([onTimer(world.ports), onTimer(world.restart()), onTimer(world.restart())]),
    );
    assert.equal(world.reads.length, 1);
    world.reads.length = 0;
    await world.clock.drive(
      world.ports.heartbeat.update((beat) => ({
        ...beat,
        leaseUntil: new Date(world.clock.nowMs() + 60_000).toISOString(),
      })),
    );
    await world.clock.drive(onTimer(world.restart()));
    assert.equal(world.reads.length, 0, 'somebody holds it');
    await world.clock.advance(60_001);
    await world.clock.drive(onTimer(world.restart()));
    assert.equal(world.reads.length, 1);
  });

  it('runs where a clock that ran ahead left a lease and marks of life far in the future', async () => {
    const world = aWorld();
    await world.clock.drive(onTimer(world.ports));
    world.reads.length = 0;
    const ahead = new Date(world.clock.nowMs() + 3_600_000).toISOString();
    const wrong = { leaseUntil: ahead, sweepBegunAt: ahead, sweepFinishedAt: ahead, timerAt: ahead };
    await world.clock.drive(world.ports.heartbeat.update((beat) => ({ ...beat, ...wrong })));
    await world.clock.drive(watchTimer(world.restart(), 'signal'));
    assert.equal(world.reads.length, 1);
  });

  it('tells what it found at one vault while another hangs', async () => {
    const world = aWorld(['p1', 'p2']);
    const other = VAULT_ID.replace(SUBSCRIPTION, '99999999-0000-0000-0000-000000000000');
    const begin = world.ports.facts.begin;
    const hang = new Set<string>();
    const ports = {
      ...world.ports,
      facts: {
        begin(budgetMs: number) {
          const session = begin(budgetMs);
          return {
            ...session,
            async read(id: string) {
              if (hang.has(id)) await world.clock.sleep(budgetMs);
              const facts = await session.read(id);
              if (id !== policyId('p2') || facts.policy.state !== 'known' || facts.vault.state !== 'known')
                return facts;
              facts.policy.value.vaultId = other;
              facts.vault.value.id = other;
              return facts;
            },
          };
        },
      },
    };
    await world.clock.drive(sweep(ports));
    await world.clock.advance(30_000);
    breakVault(world, 'p1');
    hang.add(policyId('p2'));
    const began = world.clock.nowMs();
    await world.clock.drive(sweep(ports));
    assert(world.clock.nowMs() - began >= 20_000, 'the other did hang');
    assert(Date.parse(world.channels[0]?.sent[0]?.at ?? '') - began < 1000);
  });

  it('takes the oldest readings first, and says how many the time did not reach', async () => {
    const world = aWorld(['p1', 'p2', 'p3', 'p4', 'p5', 'p6']);
    const vaultOf = (id: string) => VAULT_ID.replace(/kv-eu$/, `kv-${id.split('/').at(-1)}`);
    const begin = world.ports.facts.begin;
    const slow = { ms: 0 };
    const ports = {
      ...world.ports,
      facts: {
        begin(budgetMs: number) {
          const session = begin(budgetMs);
          return {
            ...session,
            async read(id: string) {
              await world.clock.sleep(slow.ms);
              const facts = await session.read(id);
              if (facts.policy.state === 'known') facts.policy.value.vaultId = vaultOf(id);
              if (facts.vault.state === 'known') facts.vault.value.id = vaultOf(id);
              return facts;
            },
          };
        },
      },
    };
    await world.clock.drive(sweep(ports));
    await world.clock.advance(30_000);
    slow.ms = 30_000;
    world.reads.length = 0;
    const first = await world.clock.drive(sweep(ports));
    assert.equal(first.notReached, 2);
    slow.ms = 0;
    const left = ['p1', 'p2', 'p3', 'p4', 'p5', 'p6'].filter((name) => !world.reads.includes(policyId(name)));
    world.reads.length = 0;
    await world.clock.drive(sweep(ports));
    assert.deepEqual(
      world.reads
        .slice(0, 2)
        .map((id) => id.split('/').at(-1))
        .sort(),
      left,
    );
    assert.equal(world.reads.length, 6);
  });
});

it('an invocation whose watch over the timer fails has done its own work all the same', async () => {
  const world = aWorld();
  await world.clock.drive(onTimer(world.ports));
  await world.clock.advance(200_000);
  world.tables.readModel.before = () => {
    throw Object.assign(new Error('busy'), { statusCode: 503 });
  };
  await world.clock.drive(watchTimer(world.ports, 'signal'));
  const response = await world.clock.drive(respond('[]', world.ports));
  assert.equal(response.unreadable, 1);
});
