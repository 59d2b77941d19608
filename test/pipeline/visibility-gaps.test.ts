import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Facts } from '../../shared/facts/facts.ts';
import type { Notice } from '../../shared/notices/notice.ts';
import { emailContent } from '../../shared/notices/render/email.ts';
import { say } from '../../shared/notices/say/say.ts';
import { onTimer } from '../../shared/pipeline/watchdog.ts';
import { BrokenRowError } from '../../shared/storage/storage-errors.ts';
import { known, policy, unread, VAULT_ID, vault } from '../triggers/a-reading.ts';
import { aWorld, policyId, type World } from './a-world.ts';

const SAY = {
  adminCenterUrl: 'https://admin.powerplatform.microsoft.com',
  portalUrl: 'https://portal.azure.com',
};
const FOLLOWS = { vault: unread('follows'), key: unread('follows'), permission: unread('follows') };
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Policies that nobody can see, each by one of the ways in which that happens. */
interface Darkness {
  what: string;
  says: (names: string) => RegExp;
  facts?: Partial<Facts>;
  hide?: (world: World, names: ReadonlySet<string>) => void;
}

const KINDS: Darkness[] = [
  {
    what: 'a vault that can not be read',
    says: (names) => new RegExp(`key vault of ${names} can't be read`),
    facts: { vault: unread('forbidden'), key: unread('follows'), permission: unread('follows') },
  },
  {
    what: 'a subscription that is forbidden',
    says: (names) => new RegExp(`enterprise policy itself of ${names} can't be read`),
    facts: { policy: unread('forbidden'), ...FOLLOWS, environments: unread('follows') },
  },
  {
    what: 'environments that can not be listed',
    says: (names) => new RegExp(`list of environments of ${names} can't be read`),
    facts: { environments: unread('timeout') },
  },
  {
    what: 'a commit that fails every time',
    says: (names) => new RegExp(`state of ${names} can't be written`),
    hide(world, names) {
      const { store } = world.ports;
      const { commit } = store;
      world.ports.store = {
        ...store,
        async commit(...args) {
          const name = args[0].policyState.policyId.split('/').at(-1) ?? '';
          if (names.has(name)) throw new BrokenRowError('A row of 9 MB is more than one holds.');
          return commit(...args);
        },
      };
    },
  },
  {
    what: 'a throttling budget that never reaches them',
    says: (names) => new RegExp(`sweep does not come round: ${names} (was|were) not read in time`),
    hide(world, names) {
      const { begin } = world.ports.facts;
      world.ports.facts = {
        begin: (...args) => ({
          ...begin(...args),
          async reserve(chains) {
            const isShort = chains.some(({ policyId: id }) => names.has(id.split('/').at(-1) ?? ''));
            return isShort ? 'short' : 'reserved';
          },
        }),
      };
    },
  },
];

/** A world in which policies disappear, each with a vault of its own, and come back. */
function aDarkWorld(names: string[], { facts, hide }: Darkness) {
  const world = aWorld(names, ['email']);
  const hidden = new Set<string>();
  hide?.(world, hidden);
  const show = (name: string, more: Partial<Facts> = {}) => {
    const id = VAULT_ID.replace(/kv-eu$/, `kv-${name}`);
    world.observedState.set(policyId(name).toLowerCase(), {
      policy: known(policy({ id: policyId(name), name, vaultId: id })),
      vault: known(vault({ id })),
      ...more,
    });
  };
  for (const name of names) show(name);
  return {
    world,
    goes(name: string) {
      hidden.add(name);
      if (facts) show(name, facts);
    },
    comes(name: string) {
      hidden.delete(name);
      show(name);
    },
  };
}

async function passes(world: World, ms: number, stepMs: number): Promise<void> {
  world.ports.config.sweepBounds = { minMs: stepMs, maxMs: stepMs };
  for (let passed = 0; passed < ms; passed += stepMs) {
    await world.clock.advance(stepMs);
    await world.clock.drive(onTimer(world.ports)).catch((error) => {
      if (!(error instanceof BrokenRowError)) throw error;
    });
  }
}

const sent = (world: World) => world.channels[0]?.sent ?? [];
const reasons = (world: World) => sent(world).map(({ reason }) => reason);
const textOf = (notice: Notice | undefined) => (notice ? emailContent(say(notice, SAY)).text : '');

for (const kind of KINDS) {
  describe(kind.what, () => {
    it('is reported again for a policy that comes into it a day later, and over when the last is back', async () => {
      const { world, goes, comes } = aDarkWorld(['p1', 'p2', 'p3'], kind);
      await passes(world, 10 * MINUTE, 5 * MINUTE);
      goes('p1');
      await passes(world, 20 * MINUTE, 5 * MINUTE);
      assert.deepEqual(reasons(world), ['visibilityLost']);
      assert.match(textOf(sent(world)[0]), kind.says('policy p1'));
      await passes(world, 24 * HOUR, 2 * HOUR);
      goes('p2');
      await passes(world, 20 * MINUTE, 5 * MINUTE);
      assert.deepEqual(reasons(world), ['visibilityLost', 'visibilityLost']);
      const added = textOf(sent(world)[1]);
      assert.match(added, kind.says('policy p2'), 'what is new, and only that');
      assert.match(added, /Lockwatch can't see everything: 1 more policy/);
      assert.match(added, /1 other policy had been reported before/);
      await passes(world, 7 * 24 * HOUR, 6 * HOUR);
      assert.deepEqual(reasons(world), ['visibilityLost', 'visibilityLost'], 'a week of it is no news');
      comes('p1');
      await passes(world, 2 * HOUR, 30 * MINUTE);
      assert.deepEqual(reasons(world), ['visibilityLost', 'visibilityLost'], 'the rest stays');
      comes('p2');
      await passes(world, 10 * MINUTE, 5 * MINUTE);
      assert.deepEqual(reasons(world), ['visibilityLost', 'visibilityLost', 'visibilityRestored']);
    });

    it('is not reported again for a policy that leaves it and is soon back', async () => {
      const { world, goes, comes } = aDarkWorld(['p1', 'p2'], kind);
      await passes(world, 10 * MINUTE, 5 * MINUTE);
      goes('p1');
      goes('p2');
      await passes(world, HOUR, 5 * MINUTE);
      for (let n = 0; n < 6; n += 1) {
        comes('p2');
        await passes(world, 15 * MINUTE, 5 * MINUTE);
        goes('p2');
        await passes(world, 20 * MINUTE, 5 * MINUTE);
      }
      assert.deepEqual(reasons(world), ['visibilityLost']);
    });

    it('of one policy alone that comes and goes all day is four messages at most', async () => {
      const { world, goes, comes } = aDarkWorld(['p1'], kind);
      await passes(world, 10 * MINUTE, 5 * MINUTE);
      for (let n = 0; n < 10; n += 1) {
        goes('p1');
        await passes(world, 20 * MINUTE, 5 * MINUTE);
        comes('p1');
        await passes(world, 15 * MINUTE, 5 * MINUTE);
      }
      await passes(world, 2 * HOUR, 30 * MINUTE);
      assert.deepEqual(reasons(world), [
        'visibilityLost',
        'visibilityRestored',
        'visibilityLost',
        'visibilityRestored',
      ]);
    });
  });
}

it('policies that disappear one after another are few messages, and each of them is named', async () => {
  const names = Array.from({ length: 24 }, (_, n) => `pol-${n}-x`);
  const { world, goes } = aDarkWorld(names, KINDS[0] as Darkness);
  await passes(world, 4 * MINUTE, 2 * MINUTE);
  for (const name of names) {
    goes(name);
    await passes(world, 2 * MINUTE, 2 * MINUTE);
  }
  await passes(world, 30 * MINUTE, 2 * MINUTE);
  // The first after 10 minutes, then one each 15 until all have been there for 10.
  assert.ok(reasons(world).length <= 4, `${reasons(world).length} messages`);
  const times = sent(world).map(({ visibility }) => Date.parse(visibility?.at ?? ''));
  for (const [n, time] of times.entries()) assert.ok(n === 0 || time - (times[n - 1] ?? 0) >= 15 * MINUTE);
  const all = sent(world).map(textOf).join('\n');
  for (const name of names) assert.ok(all.includes(name), name);
});

it('a policy that can not be read now for this reason, now for that one, is reported, and not again and again', async () => {
  const { world } = aDarkWorld(['p1'], KINDS[0] as Darkness);
  await passes(world, 10 * MINUTE, 5 * MINUTE);
  const detectionSources: Partial<Facts>[] = [
    { vault: unread('timeout'), key: unread('follows'), permission: unread('follows') },
    { vault: unread('throttled'), key: unread('follows'), permission: unread('follows') },
    { policy: unread('forbidden'), ...FOLLOWS },
    { key: unread('invalidAnswer') },
  ];
  const flicker = async (sweeps: number) => {
    for (let n = 0; n < sweeps; n += 1) {
      const observedState = world.observedState.get(policyId('p1').toLowerCase());
      world.observedState.set(policyId('p1').toLowerCase(), {
        ...observedState,
        ...detectionSources[n % detectionSources.length],
      });
      await passes(world, MINUTE, MINUTE);
    }
  };
  await flicker(12);
  assert.equal(reasons(world)[0], 'visibilityLost');
  await flicker(60);
  const soFar = reasons(world).length;
  assert.ok(soFar <= 9, `${soFar} messages`);
  await flicker(60);
  assert.equal(reasons(world).length, soFar, 'then nothing more is said of it');
});
