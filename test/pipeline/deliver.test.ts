import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GIVE_UP_MS, LEASE_MS } from '../../shared/notices/outbox.ts';
import { respond } from '../../shared/pipeline/on-message.ts';
import { deliverPending, sweep } from '../../shared/pipeline/sweep.ts';
import { aWorld, policyId, VAULT_GONE, vaultEvent, type World } from './a-world.ts';

/** A world in which p1's vault is gone and this has just been responded to. */
async function broken(prepare: (world: World) => void): Promise<World> {
  const world = aWorld();
  await world.clock.drive(sweep(world.ports));
  await world.clock.advance(60_000);
  world.observedState.set(policyId('p1').toLowerCase(), VAULT_GONE);
  prepare(world);
  await world.clock.drive(respond(vaultEvent({ at: world.clock.now() }), world.ports));
  return world;
}
async function rows(world: World) {
  const incident = (await world.ports.store.readPolicyState(policyId('p1')))?.policyState.incident;
  assert(incident);
  return new Map((await world.ports.store.listNotices(incident)).map((row) => [row.channel, row]));
}
const teamsOf = ({ channels: [teams] }: World) => teams ?? assert.fail();
const emailOf = ({ channels: [, email] }: World) => email ?? assert.fail();

describe('a channel that fails', () => {
  it('delays no other; its row keeps the reason and is tried again with growing delay until it is sent', async () => {
    const failed = { outcome: 'failed', permanent: false, detail: 'HTTP 503' } as const;
    const world = await broken((it) => teamsOf(it).answers.push(failed, failed));
    assert.equal(emailOf(world).sent.length, 1);
    const first = (await rows(world)).get('teams');
    assert.equal(first?.state, 'pending');
    assert.equal(first?.lastError, 'HTTP 503');
    const delay = () =>
      rows(world).then((all) => Date.parse(all.get('teams')?.nextTryAt ?? '') - world.clock.nowMs());
    assert.equal(await delay(), 15_000);
    assert.equal(await world.clock.drive(deliverPending(world.ports)), 0, 'not due yet');
    await world.clock.advance(15_000);
    await world.clock.drive(deliverPending(world.ports));
    assert.equal(await delay(), 30_000);
    await world.clock.advance(30_000);
    await world.clock.drive(deliverPending(world.ports));
    assert.equal((await rows(world)).get('teams')?.state, 'sent');
    assert.equal((await rows(world)).get('teams')?.attempts, 3);
    assert.equal(teamsOf(world).sent.length, 1);
    assert.deepEqual(
      teamsOf(world).sent[0]?.incidents[0]?.environments.map(({ id }) => id),
      ['p1-1', 'p1-2'],
      'a later try reads the environments from the store',
    );
    assert.equal(emailOf(world).sent.length, 1);
  });

  it('that hangs is let go after its timeout, and the other has long been served', async () => {
    const world = await broken((it) => teamsOf(it).answers.push('hang'));
    assert.equal((await rows(world)).get('teams')?.lastError, 'No answer within 10 s.');
    assert.equal((await rows(world)).get('email')?.state, 'sent');
    const sentAt = Date.parse((await rows(world)).get('email')?.sentAt ?? '');
    assert(world.clock.nowMs() - sentAt >= 10_000, 'the email did not wait for Teams');
  });

  it('that throws, which it must not, is a failure like any other and shows nothing of the error', async () => {
    const world = await broken((it) => teamsOf(it).answers.push(new Error('https://secret?sig=abc')));
    const row = (await rows(world)).get('teams');
    assert.equal(row?.state, 'pending');
    assert(!JSON.stringify(row).includes('sig=abc'));
  });

  it('is heeded when it asks to wait', async () => {
    const world = await broken((it) =>
      teamsOf(it).answers.push({
        outcome: 'failed',
        permanent: false,
        detail: 'HTTP 429',
        retryAfterMs: 120_000,
      }),
    );
    assert.equal(
      Date.parse((await rows(world)).get('teams')?.nextTryAt ?? '') - world.clock.nowMs(),
      120_000,
    );
  });

  it('for good gives the notice up, with its reason', async () => {
    const world = await broken((it) =>
      teamsOf(it).answers.push({ outcome: 'failed', permanent: true, detail: 'HTTP 400' }),
    );
    const row = (await rows(world)).get('teams');
    assert.deepEqual([row?.state, row?.lastError], ['givenUp', 'HTTP 400']);
    await world.clock.advance(3_600_000);
    assert.equal(await world.clock.drive(deliverPending(world.ports)), 0);
  });

  it('for a day gives the notice up, with its last reason', async () => {
    const world = await broken((it) => {
      for (let n = 0; n < 200; n += 1)
        teamsOf(it).answers.push({ outcome: 'failed', permanent: false, detail: 'HTTP 502' });
    });
    const end = world.clock.nowMs() + GIVE_UP_MS + 3_600_000;
    while (world.clock.nowMs() < end) {
      await world.clock.advance(300_000);
      await world.clock.drive(deliverPending(world.ports));
    }
    const row = (await rows(world)).get('teams');
    assert.deepEqual([row?.state, row?.lastError], ['givenUp', 'HTTP 502']);
    assert((row?.attempts ?? 0) > 50 && (row?.attempts ?? 0) < 200, `${row?.attempts} tries`);
  });
});

describe('a process that dies', () => {
  it('after the commit leaves rows that its successor sends when the claim has ended, and no sooner', async () => {
    const world = aWorld();
    await world.clock.drive(sweep(world.ports));
    await world.clock.advance(60_000);
    world.observedState.set(policyId('p1').toLowerCase(), VAULT_GONE);
    const dying = {
      ...world.ports,
      channels: world.channels.map((channel) => ({ ...channel, send: () => new Promise<never>(() => {}) })),
    };
    void respond(vaultEvent({ at: world.clock.now() }), { ...dying, channelTimeoutMs: 1e9 });
    for (let n = 0; n < 50; n += 1) await world.clock.advance(0);
    const next = world.restart();
    assert.equal(await world.clock.drive(deliverPending(next)), 0, 'the claim still holds');
    await world.clock.advance(LEASE_MS);
    assert.equal(await world.clock.drive(deliverPending(next)), 2);
    for (const channel of world.channels) assert.equal(channel.sent.length, 1);
  });
});

it('two processes that find the same notice due send it once', async () => {
  const world = await broken((it) =>
    teamsOf(it).answers.push({ outcome: 'failed', permanent: false, detail: 'HTTP 503' }),
  );
  await world.clock.advance(15_000);
  await world.clock.drive(
    Promise.all([
      deliverPending(world.ports),
      deliverPending(world.restart()),
      deliverPending(world.restart()),
    ]),
  );
  assert.equal(teamsOf(world).sent.length, 1);
});

it('a channel that is not configured any more is a reason, not a crash', async () => {
  const world = await broken((it) =>
    teamsOf(it).answers.push({ outcome: 'failed', permanent: false, detail: 'HTTP 503' }),
  );
  await world.clock.advance(15_000);
  await world.clock.drive(deliverPending({ ...world.restart(), channels: [emailOf(world)] }));
  assert.match((await rows(world)).get('teams')?.lastError ?? '', /'teams' is not configured/);
});
