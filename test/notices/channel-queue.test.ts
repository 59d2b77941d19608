import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SendResult } from '../../shared/notices/notice.ts';
import type { Ports } from '../../shared/pipeline/ports.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import { StorageUnavailableError } from '../../shared/storage/storage-errors.ts';
import { aWorld, policyId, type ScriptedChannel, VAULT_GONE, type World } from '../pipeline/a-world.ts';
import { known, policy } from '../triggers/a-reading.ts';

/** More messages than a channel has slots: four. */
const MANY = ['p1', 'p2', 'p3', 'p4', 'p5', 'p6'];

/** Each policy has a vault of its own, so each is a message of its own. */
function chain(name: string) {
  const vaultId = policy().vaultId?.replace(/[^/]+$/, `kv-${name}`);
  return { policy: known(policy({ id: policyId(name), name, vaultId })) };
}
async function healthy(): Promise<World> {
  const world = aWorld([...MANY, 'last']);
  for (const name of [...MANY, 'last']) world.observedState.set(policyId(name).toLowerCase(), chain(name));
  await world.clock.drive(sweep(world.ports));
  await world.clock.advance(30_000);
  return world;
}
const lose = (world: World, ...names: string[]) => {
  for (const name of names)
    world.observedState.set(policyId(name).toLowerCase(), { ...chain(name), vault: VAULT_GONE.vault });
};
const policiesOf = ({ sent }: ScriptedChannel) =>
  new Set(sent.flatMap(({ incidents }) => incidents.map(({ policyName }) => policyName)));

describe('a channel’s slot is given back, so that what comes later goes by the same process', () => {
  const away = async () => {
    throw new StorageUnavailableError('write', { name: 'RestError', statusCode: 503 });
  };
  const answering = (answer: SendResult | 'hang' | Error) => (world: World) => {
    world.channels[0]?.answers.push(...Array<typeof answer>(6).fill(answer));
  };
  const failing =
    (broken: (store: Ports['store']) => Partial<Ports['store']>) =>
    ({ ports }: World): Ports => ({
      ...ports,
      store: Object.assign(ports.store, broken({ ...ports.store })),
    });
  const ENDINGS: Record<string, (world: World) => unknown> = {
    'it took the messages': () => undefined,
    'it failed': answering({ outcome: 'failed', permanent: false, detail: 'HTTP 503' }),
    'it refused for good': answering({ outcome: 'failed', permanent: true, detail: 'HTTP 400' }),
    'it asked to wait, and the rest was held back': answering({
      outcome: 'failed',
      permanent: false,
      detail: 'HTTP 429',
      retryAfterMs: 60_000,
    }),
    'it hung': answering('hang'),
    'it threw, which it must not': answering(new Error('a bug')),
    'storage failed on what became of them': failing(() => ({ updateNotice: away, giveUp: away })),
    'storage failed on the lease of the group': failing(() => ({ leaseGroup: away })),
  };
  for (const [words, prepare] of Object.entries(ENDINGS)) {
    it(`after ${words}`, async () => {
      const world = await healthy();
      const whole = { ...world.ports.store };
      prepare(world);
      lose(world, ...MANY);
      await Promise.allSettled([world.clock.drive(sweep(world.ports))]);
      Object.assign(world.ports.store, whole);
      for (const channel of world.channels) channel.answers.length = 0;
      await world.clock.advance(120_000);
      lose(world, 'last');
      for (let n = 0; n < 4; n += 1) {
        await world.clock.drive(sweep(world.ports));
        await world.clock.advance(30_000);
      }
      const teams = world.channels[0] ?? assert.fail();
      assert(policiesOf(teams).has('last'));
      if (words !== 'it refused for good')
        assert.deepEqual(policiesOf(teams), new Set([...MANY, 'last']), 'and what had waited');
    });
  }

  it('and is not waited for longer than a lease lasts: the rest is left for later, and then goes', async () => {
    const world = await healthy();
    const { store } = world.ports;
    const whole = { ...store };
    // Storage hangs on what became of the first four: their slots are held for as long as it does.
    Object.assign(store, { updateNotice: () => new Promise<never>(() => {}) });
    lose(world, ...MANY);
    const left: unknown[] = [];
    const info = (event: string, fields?: Record<string, unknown>) => {
      if (event === 'notice-left-for-later') left.push(fields?.channel);
    };
    void sweep({ ...world.ports, log: { ...world.ports.log, info } });
    for (let n = 0; n < 40; n += 1) await world.clock.advance(1_000);
    Object.assign(store, whole);
    assert.deepEqual(left.toSorted(), ['email', 'email', 'teams', 'teams']);
    const next = world.restart();
    for (let n = 0; n < 4; n += 1) {
      await world.clock.drive(sweep(next));
      await world.clock.advance(30_000);
    }
    for (const channel of world.channels) assert.deepEqual(policiesOf(channel), new Set(MANY));
  });
});
