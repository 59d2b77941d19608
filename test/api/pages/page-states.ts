import assert from 'node:assert/strict';
import type { ReadPorts } from '../../../shared/api/endpoint.ts';
import { normalId } from '../../../shared/azure/arm-id.ts';
import type { EnvironmentFact, Facts } from '../../../shared/facts/facts.ts';
import { respond } from '../../../shared/pipeline/on-message.ts';
import { onTimer } from '../../../shared/pipeline/watchdog.ts';
import { configurationRows } from '../../../shared/settings/configuration.ts';
import { aWorld, policyId, vaultEvent, type World } from '../../pipeline/a-world.ts';
import {
  DISABLED,
  environment,
  key,
  known,
  NOTHING_HELD,
  permission,
  policy,
  SUBSCRIPTION,
  unread,
  VAULT_ID,
  vault,
  version,
} from '../../triggers/a-reading.ts';

/** Every state that a page must show, each made by the real pipeline. */
export const PAGE_STATES = ['fine', 'suspected', 'down', 'unknown', 'gap', 'restored', 'closed'] as const;
export type PageState = (typeof PAGE_STATES)[number];

export interface StateWorld {
  world: World;
  ports: ReadPorts;
  /** The incident that this state is about; none where nothing happened. */
  incidentId?: string;
}

const NAMES = ['Contoso Sales', 'Field Service', 'HR Onboarding', 'Finance', 'Procurement', 'Service Desk'];
const MINUTE = 60_000;
const VERSION = '3f1c9a7be0d24c55a1b2c3d4e5f60718';
const KEY_ON = known(key(version(VERSION)));
const KEY_OFF = { key: known(key(version(VERSION, { enabled: false }))) };

/** Two policies of one vault and one of another, six and two environments. */
export async function pageState(state: PageState, names: readonly string[] = NAMES): Promise<StateWorld> {
  const world = aWorld(['sales-eu', 'finance-eu', 'labs-us']);
  let shown: [change?: Partial<Facts>, runs?: Partial<EnvironmentFact>] = [];
  const show = () => {
    const [change = {}, runs = {}] = shown;
    for (const [index, name] of ['sales-eu', 'finance-eu'].entries())
      world.observedState.set(normalId(policyId(name)), {
        environments: listOf(world, names.slice(index * 3, index * 3 + 3), runs, index),
        key: KEY_ON,
        ...change,
      });
    world.observedState.set(normalId(policyId('labs-us')), labs(world));
  };
  const set = (...next: typeof shown) => {
    shown = next;
    show();
  };
  const pass = async (minutes: number) => {
    await world.clock.advance(minutes * MINUTE);
    // A list is as old as its reading.
    show();
    await world.clock.drive(onTimer(world.ports));
  };
  set();
  await world.clock.drive(onTimer(world.ports));
  await pass(1);
  if (state === 'unknown' || state === 'gap') {
    set({ vault: unread('forbidden'), key: unread('follows'), permission: unread('follows') });
    for (let n = 0; n < (state === 'gap' ? 24 : 1); n += 1) await pass(0.5);
  } else if (state === 'suspected') {
    set({ vault: unread('timeout'), key: unread('follows'), permission: unread('follows') });
    await respondTo(world, 'Microsoft.KeyVault/vaults/delete');
  } else if (state === 'down') {
    set(KEY_OFF);
    await pass(0.5);
    set(KEY_OFF, DISABLED);
    await pass(3);
  } else if (state === 'restored' || state === 'closed') {
    set({ permission: known(permission(NOTHING_HELD)) }, DISABLED);
    await respondTo(world, 'Microsoft.Authorization/roleAssignments/delete');
    await pass(20);
    set({}, DISABLED);
    await pass(15);
    if (state === 'closed') {
      set();
      for (let n = 0; n < 4; n += 1) await pass(30);
    }
  }
  return { world, ports: portsOf(world), incidentId: await newestIncident(world) };
}

function labs(world: World): Partial<Facts> {
  const vaultId = VAULT_ID.replace('kv-eu', 'kv-us');
  const id = policyId('labs-us');
  return {
    policy: known(policy({ id, name: 'labs-us', geo: 'unitedstates', vaultId })),
    vault: known(vault({ id: vaultId, name: 'kv-us', purgeProtection: false })),
    environments: listOf(world, ['Labs US', 'Labs US test'], {}, 7),
  };
}

function listOf(
  world: World,
  names: readonly string[],
  change: Partial<EnvironmentFact>,
  place: number,
): Facts['environments'] {
  const list = names.map((displayName, n) =>
    environment(`00000000-0000-4000-8000-${String(place * 1000 + n).padStart(12, '0')}`, {
      displayName,
      sku: ['Production', 'Sandbox', 'Developer'][n % 3],
      ...change,
    }),
  );
  return known({ source: 'powerPlatform', asOf: world.clock.now(), environments: list, isComplete: true });
}

async function respondTo(world: World, operation: string): Promise<void> {
  const vaultId = operation.includes('roleAssignments')
    ? `${VAULT_ID}/providers/Microsoft.Authorization/roleAssignments/a1`
    : VAULT_ID;
  await world.clock.drive(respond(vaultEvent({ operation, vaultId, at: world.clock.now() }), world.ports));
}

async function newestIncident(world: World): Promise<string | undefined> {
  const all = await world.ports.store.listIncidents();
  return all.toSorted((a, b) => b.openedAt.localeCompare(a.openedAt))[0]?.id;
}

function portsOf(world: World): ReadPorts {
  const { store, heartbeat, visibility, config, clock, log, channels, facts } = world.ports;
  assert.ok(visibility);
  return {
    store,
    heartbeat,
    visibility,
    config,
    clock,
    log,
    channels,
    facts,
    eventSources: { event: true, audit: false },
    unreadableCount: async () => 0,
    configuration: async () =>
      configurationRows({
        LOCKWATCH_SUBSCRIPTIONS: SUBSCRIPTION,
        LOCKWATCH_TEAMS_URL: 'https://example.com/a-secret',
      }),
  };
}
