import assert from 'node:assert/strict';
import { it } from 'node:test';
import { answer } from '../../shared/api/serve-api.ts';
import type { Facts, ProtectionFacts } from '../../shared/facts/facts.ts';
import type { ReadSessionOptions } from '../../shared/facts/reader.ts';
import { respond } from '../../shared/pipeline/on-message.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import {
  environment,
  known,
  NOTHING_HELD,
  network,
  permission,
  unread,
  VAULT_ID,
  vault,
} from '../triggers/a-reading.ts';
import { aWorld, policyId, vaultEvent, type World } from './a-world.ts';

const PROTECTION: ProtectionFacts = {
  policyLocks: known([]),
  vaultLocks: unread('forbidden'),
  rotation: known({ rotates: false }),
  timeBound: known([]),
  policyReaders: known([]),
};
const UNPROTECTED: Partial<Facts> = { vault: known(vault({ purgeProtection: undefined })) };

/** A world whose reader tells protection only where it is asked for it, and notes what each pass asked for. */
function advisedWorld(names = ['p1']): World & { asked: (boolean | undefined)[] } {
  const world = aWorld(names);
  const asked: (boolean | undefined)[] = [];
  const { begin } = world.ports.facts;
  world.ports.facts = {
    begin(budgetMs: number, options?: ReadSessionOptions) {
      asked.push(options?.protection);
      const session = begin(budgetMs, options);
      return {
        ...session,
        async read(...args: Parameters<typeof session.read>) {
          const facts = await session.read(...args);
          const moved = args[1]?.moved?.map((to) => ({ ...to, permission: known(permission(NOTHING_HELD)) }));
          return options?.protection ? { ...facts, protection: { ...PROTECTION, moved } } : facts;
        },
      };
    },
  };
  for (const name of names) world.observedState.set(policyId(name).toLowerCase(), UNPROTECTED);
  return Object.assign(world, { asked });
}
async function statusOf(world: World) {
  const ports = { ...world.ports, eventSources: { event: true, audit: false } };
  const { body } = await answer({ url: 'http://localhost/api/status', ifNoneMatch: null }, ports);
  return JSON.parse(body);
}
const swept = async (world: World) => world.clock.drive(sweep(world.ports));

it('a sweep finds what is missing, the status shows it, and it is no incident: one digest tells of it', async () => {
  const world = advisedWorld();
  await swept(world);
  await swept(world);
  const { counts, policies } = await statusOf(world);
  const [policy] = policies;
  assert.equal(policy.verdict, 'clear');
  assert.equal(policy.incident, null);
  for (const { sent } of world.channels)
    assert.deepEqual(
      sent.map(({ reason }) => reason),
      ['warning'],
    );
  const purge = policy.advisories.find(({ id }: { id: string }) => id === 'purge-protection-missing');
  assert.equal(purge.verdict, 'present');
  assert.equal(purge.severity, 'warning');
  assert.match(purge.evidence[0].text, /enablePurgeProtection/);
  assert.match(purge.remediation[0].command, /--enable-purge-protection true/);
  const locks = policy.advisories.find(({ id }: { id: string }) => id === 'no-delete-lock-on-vault');
  assert.deepEqual([locks.verdict, locks.remediation], ['unknown', []]);
  assert.ok(!policy.advisories.some(({ verdict }: { verdict: string }) => verdict === 'absent'));
  const present = policy.advisories.filter(({ verdict }: { verdict: string }) => verdict === 'present');
  assert.equal(counts.advisories, present.length);
  assert.ok(present.length > 0);
});

it('a signal’s reading does not look for them, and keeps the last known ones with their age', async () => {
  const world = advisedWorld();
  await swept(world);
  await swept(world);
  const before = (await statusOf(world)).policies[0];
  await world.clock.advance(60_000);
  world.observedState.set(policyId('p1').toLowerCase(), {});
  world.asked.length = 0;
  await world.clock.drive(
    respond(vaultEvent({ operation: 'Microsoft.KeyVault/vaults/write', at: world.clock.now() }), world.ports),
  );
  assert.deepEqual(world.asked, [undefined]);
  const after = (await statusOf(world)).policies[0];
  assert.ok(after.readAt > before.readAt);
  assert.equal(after.advisoriesAsOf, before.advisoriesAsOf);
  assert.deepEqual(after.advisories, before.advisories);
});

it('an expiry that comes near, as Key Vault tells it, has them looked for at once', async () => {
  const world = advisedWorld();
  await swept(world);
  await swept(world);
  world.asked.length = 0;
  const event = {
    id: 'near-1',
    topic: VAULT_ID,
    subject: 'cmk',
    eventType: 'Microsoft.KeyVault.KeyNearExpiry',
    eventTime: world.clock.now(),
    dataVersion: '1',
    metadataVersion: '1',
    data: {
      Id: 'x',
      VaultName: 'kv-eu',
      ObjectType: 'Key',
      ObjectName: 'cmk',
      Version: 'v1',
      NBF: null,
      EXP: 1,
    },
  };
  await world.clock.drive(respond(event, world.ports));
  assert.deepEqual(world.asked, [true]);
});

it('sweeps look for them every ten minutes, and at once where a policy is new', async () => {
  const world = advisedWorld();
  await swept(world);
  await swept(world);
  const asksIn = async () => {
    world.asked.length = 0;
    await swept(world);
    return world.asked.includes(true);
  };
  await world.clock.advance(30_000);
  assert.equal(await asksIn(), false);
  world.observedState.set(policyId('p2').toLowerCase(), UNPROTECTED);
  await asksIn();
  assert.equal(await asksIn(), true);
  assert.equal(await asksIn(), false);
  await world.clock.advance(10 * 60_000);
  assert.equal(await asksIn(), true);
});

it('what was fixed leaves the status with the next look', async () => {
  const world = advisedWorld();
  await swept(world);
  await swept(world);
  world.observedState.set(policyId('p1').toLowerCase(), {});
  await world.clock.advance(11 * 60_000);
  await swept(world);
  const [policy] = (await statusOf(world)).policies;
  assert.ok(!policy.advisories.some(({ id }: { id: string }) => id === 'purge-protection-missing'));
});

it('an environment that leaves, a toggled vault and an unreadable policy reach a digest and the status', async () => {
  const world = advisedWorld();
  const id = policyId('p1').toLowerCase();
  const show = (count: number, publicAccess: string) => {
    const all = [environment('p1-1'), environment('p1-2')];
    const value = {
      source: 'powerPlatform' as const,
      asOf: world.clock.now(),
      environments: all.slice(0, count),
      isComplete: true,
      listed: all.map((one) => one.id),
      policyOf: new Map(count === 0 ? [['p1-2', '/policies/b']] : []),
    };
    world.observedState.set(id, {
      vault: known(vault({ network: network(publicAccess, 'Allow', 'AzureServices') })),
      environments: known(value, world.clock.now()),
    });
  };
  const advisories = async () => (await statusOf(world)).policies[0].advisories as { id: string }[];
  const ids = async () => (await advisories()).map((one) => one.id);
  show(2, 'Enabled');
  await swept(world);
  for (let day = 1; day <= 3; day += 1)
    for (const access of ['Disabled', 'Enabled']) {
      await world.clock.advance(10 * 3_600_000);
      show(day < 3 ? 2 : 0, access);
      await swept(world);
    }
  await world.clock.advance(25 * 3_600_000);
  show(0, 'Enabled');
  await swept(world);
  await world.clock.advance(60_000);
  await swept(world);
  const found = await ids();
  for (const one of [
    'left-environment-still-needs-key',
    'new-policy-cannot-use-old-key',
    'vault-toggled-regularly',
    'policy-without-environments',
    'nobody-can-reenable',
  ])
    assert.ok(found.includes(one), `${one} is not in ${found}`);
  const text = JSON.stringify(world.channels[0]?.sent.filter(({ reason }) => reason === 'warning'));
  assert.match(text, /2 environments left the policy p1 and still need the key cmk in the vault kv-eu/);
  assert.match(text, /moved to the policy b, whose identity may not use the old key cmk/);
  assert.match(text, /closed at least 3 times in 7 days and opened again/);
  assert.match(text, /No environment is linked to the policy p1\. The policy may still encrypt/);
  assert.match(text, /after a lock nobody could re-enable its environments/);
});
