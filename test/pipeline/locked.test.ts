import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { commitAction } from '../../shared/api/actions/commit-action.ts';
import { normalId } from '../../shared/azure/arm-id.ts';
import type { EnvironmentFact, Facts, PolicyFact } from '../../shared/facts/facts.ts';
import { applyIncidentAction } from '../../shared/incidents/actions.ts';
import { evaluateTimers } from '../../shared/incidents/evaluate-timers.ts';
import { alertsOf } from '../../shared/notices/channels/events/alert.ts';
import { say } from '../../shared/notices/say/say.ts';
import { auditMemory, respondToAudit } from '../../shared/pipeline/on-audit-batch.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import { auditMessage, auditRecord } from '../signals/audit-examples.ts';
import {
  DISABLED,
  environment,
  gone,
  key,
  known,
  network,
  PRINCIPAL,
  policy,
  unread,
  VAULT_ID,
  vault,
  version,
} from '../triggers/a-reading.ts';
import { aWorld, policyId, type World } from './a-world.ts';

const ID = policyId('p1');
const SAY = { adminCenterUrl: 'https://admin.example', portalUrl: 'https://portal.example' };

interface Scene {
  environments?: Partial<EnvironmentFact>[];
  health?: PolicyFact['healthStatus'] | 'absent';
  encryptionState?: string;
  outside?: { running: number; disabled: number };
  facts?: Partial<Facts>;
}

/** What Azure shows from now on; every sweep reads it afresh. */
function scene(world: World, { environments, health, encryptionState, outside, facts }: Scene): void {
  const list = (environments ?? [{}, {}]).map((change, n) => environment(`e${n + 1}`, change));
  world.observedState.set(normalId(ID), {
    policy: known(
      policy({
        id: ID,
        name: 'p1',
        healthStatus: health === 'absent' ? undefined : (health ?? 'Healthy'),
        ...(encryptionState ? { encryptionState } : {}),
      }),
    ),
    environments: known({
      source: 'powerPlatform',
      asOf: world.clock.now(),
      environments: list,
      ...(outside ? { outside } : {}),
    }),
    ...facts,
  });
}

/** Sweeps once a minute for so long. */
async function pass(world: World, minutes: number, what: Scene = {}): Promise<void> {
  for (let n = 0; n < minutes; n += 1) {
    await world.clock.advance(60_000);
    scene(world, what);
    await world.clock.drive(sweep(world.ports));
  }
}

async function watching(): Promise<World> {
  const world = aWorld();
  await pass(world, 3);
  assert.deepEqual(reasons(world), []);
  return world;
}

async function stateOf(world: World) {
  const stored = await world.ports.store.readPolicyState(ID);
  assert.ok(stored);
  return stored.policyState;
}

/** Other notices, and those that only time asks for. */
const BESIDE: ReadonlySet<string> = new Set(['warning', 'reminder', 'visibilityLost', 'visibilityRestored']);

/** What every channel got, the same on each. */
function reasons(world: World): string[] {
  const [first, ...others] = world.channels.map(({ sent }) => sent.map(({ reason }) => reason));
  for (const other of others) assert.deepEqual(other, first);
  return (first ?? []).filter((reason) => !BESIDE.has(reason));
}

function lastMessage(world: World) {
  const notice = world.channels[0]?.sent.filter(({ reason }) => !BESIDE.has(reason)).at(-1);
  assert.ok(notice);
  return { notice, message: say(notice, SAY) };
}

const OFF = [DISABLED, DISABLED];

describe('a lock whose cause no reading shows', () => {
  it('is revoked where environments turn disabled and the policy turns Unhealthy', async () => {
    const world = await watching();
    await pass(world, 2, { environments: OFF, health: 'Unhealthy' });
    assert.deepEqual(reasons(world), ['opened']);
    const { message } = lastMessage(world);
    assert.match(message.title, /2 environments offline: cause not known \(policy p1\)/);
    const text = JSON.stringify(message);
    for (const part of ['e1', 'e2', ID, 'Activity log', 'audit log', 'Microsoft Support'])
      assert.ok(text.includes(part), part);
    assert.deepEqual(message.glance.find(({ label }) => label === 'Cause')?.value, 'not known');
  });

  it('ends where the policy has been Healthy for 15 minutes, and closes when all run', async () => {
    const world = await watching();
    await pass(world, 2, { environments: OFF, health: 'Unhealthy' });
    await pass(world, 14, { environments: OFF });
    assert.deepEqual(reasons(world), ['opened']);
    await pass(world, 3, { environments: OFF });
    assert.deepEqual(reasons(world), ['opened', 'accessRestored']);
    await pass(world, 3, { environments: [{}, DISABLED] });
    assert.deepEqual(reasons(world), ['opened', 'accessRestored']);
    await pass(world, 3);
    assert.deepEqual(reasons(world), ['opened', 'accessRestored', 'closed']);
    await pass(world, 60);
    assert.deepEqual(reasons(world), ['opened', 'accessRestored', 'closed']);
  });

  it('is suspected by the environments alone, and ends when they are seen running', async () => {
    const world = await watching();
    await pass(world, 1, { environments: OFF });
    assert.deepEqual(reasons(world), [], 'one list is not enough');
    await pass(world, 1, { environments: OFF });
    assert.deepEqual(reasons(world), ['suspected']);
    const lead = lastMessage(world).message.lead.join(' ');
    assert.match(lead, /No reading of the key shows why, and nothing else points to a lock/);
    assert.match(lead, /which change took the key away \(steps below\)/);
    assert.doesNotMatch(lead, /undo the change now/, 'no change is known');
    await pass(world, 1);
    assert.deepEqual(reasons(world), ['suspected', 'closed']);
  });

  it('is suspected by health alone, whatever the list shows, and ends 15 minutes after', async () => {
    for (const facts of [{}, { environments: unread() }]) {
      const world = await watching();
      await pass(world, 2, { health: 'Unhealthy', facts });
      assert.deepEqual(reasons(world), ['suspected']);
      await pass(world, 10, { health: 'absent', facts: { environments: unread() } });
      assert.deepEqual(reasons(world), ['suspected'], 'no health is not healthy');
      await pass(world, 17);
      assert.deepEqual(reasons(world), ['suspected', 'closed']);
    }
  });

  it('is suspected by an encryption that is off, of a policy with environments', async () => {
    for (const encryptionState of ['Disabled', 'NotConfigured']) {
      const world = await watching();
      await pass(world, 2, { encryptionState });
      assert.deepEqual(reasons(world), ['suspected']);
    }
  });

  it('becomes revoked with the second witness, and only once', async () => {
    const world = await watching();
    await pass(world, 5, { environments: OFF });
    await pass(world, 5, { environments: OFF, health: 'Unhealthy' });
    assert.deepEqual(reasons(world), ['suspected', 'confirmed']);
  });
});

describe('environments', () => {
  it('in administration mode, with a warning or being provisioned, linked or unlinked are no witness', async () => {
    const changes: Partial<EnvironmentFact>[] = [
      { runtimeState: 'AdminMode' },
      { runtimeState: 'Warning' },
      { instanceState: 'Provisioning', runtimeState: 'Enabled' },
      { ...DISABLED, linkStatus: 'Linking' },
      { ...DISABLED, linkStatus: 'Unlinking' },
      { ...DISABLED, linkStatus: 'LinkingOnline' },
      { ...DISABLED, instanceState: 'Deleting' },
      { runtimeState: undefined, instanceState: undefined },
    ];
    for (const change of changes) {
      const world = await watching();
      await pass(world, 5, { environments: [change, change] });
      assert.deepEqual(reasons(world), [], JSON.stringify(change));
    }
  });

  it('in administration mode beside disabled ones run, and count where they turn disabled', async () => {
    const kept: Partial<EnvironmentFact>[] = [{ runtimeState: 'AdminMode' }, { runtimeState: 'Warning' }];
    for (const one of kept) {
      const world = await watching();
      await pass(world, 60, { environments: [DISABLED, one] });
      assert.deepEqual(reasons(world), [], JSON.stringify(one));
      await pass(world, 2, { environments: OFF });
      assert.deepEqual(reasons(world), ['suspected'], JSON.stringify(one));
    }
  });

  it('of which one still runs are no witness, and one disabled before counts on neither side', async () => {
    const world = await watching();
    await pass(world, 60, { environments: [DISABLED, {}, {}] });
    assert.deepEqual(reasons(world), []);
    await pass(world, 2, { environments: [DISABLED, DISABLED, DISABLED] });
    assert.deepEqual(reasons(world), ['suspected']);
    assert.match(
      lastMessage(world).notice.incidents[0]?.because ?? '',
      /2 running environments turned disabled/,
    );
  });

  it('that turn disabled one after another within 30 minutes count together, over hours they do not', async () => {
    const together = aWorld();
    await pass(together, 3, { environments: [{}, {}, {}] });
    await pass(together, 12, { environments: [DISABLED, {}, {}] });
    await pass(together, 12, { environments: [DISABLED, DISABLED, {}] });
    await pass(together, 2, { environments: [DISABLED, DISABLED, DISABLED] });
    assert.deepEqual(reasons(together), ['suspected']);
    assert.equal((await stateOf(together)).incident?.causes[0]?.finding.level, undefined);
    const apart = await watching();
    await pass(apart, 90, { environments: [DISABLED, {}] });
    await pass(apart, 2, { environments: OFF });
    assert.equal((await stateOf(apart)).incident?.causes[0]?.finding.level, 'warning');
  });

  it('a single one gets one warning: no page, no reminder, no deadline, and likely reasons', async () => {
    const world = aWorld();
    await pass(world, 3, { environments: [{ sku: 'Sandbox' }] });
    await pass(world, 3, { environments: [{ ...DISABLED, sku: 'Sandbox' }] });
    assert.deepEqual(reasons(world), ['suspected']);
    const { notice } = lastMessage(world);
    assert.match(JSON.stringify(say(notice, SAY).lead), /administrator, missing capacity or inactivity/);
    assert.deepEqual(
      alertsOf(notice, SAY).map(({ severity, pagesNobody }) => [severity, pagesNobody]),
      [['warning', true]],
    );
    const policyState = await stateOf(world);
    for (let hours = 1; hours < 240; hours += 1) {
      const later = new Date(world.clock.nowMs() + hours * 3_600_000).toISOString();
      assert.deepEqual(evaluateTimers(policyState, later).notices, []);
    }
    await pass(world, 2, { environments: [{ ...DISABLED, sku: 'Sandbox' }], health: 'Unhealthy' });
    assert.deepEqual(reasons(world), ['suspected', 'confirmed']);
    assert.equal(alertsOf(lastMessage(world).notice, SAY)[0]?.pagesNobody, false);
  });

  it('outside the policy that turn disabled at the same time are named, and confirm nothing', async () => {
    const world = aWorld();
    await pass(world, 5, { outside: { running: 40, disabled: 2 } });
    await pass(world, 5, { environments: OFF, outside: { running: 0, disabled: 42 } });
    assert.deepEqual(reasons(world), ['suspected']);
    const text = lastMessage(world).notice.incidents[0]?.because ?? '';
    assert.match(text, /40 environments outside this policy turned disabled in the same time/);
    assert.match(text, /when a subscription expires/);
  });
});

it('a suspected network change is not confirmed by environments that turn disabled with those of others', async () => {
  const facts: Partial<Facts> = {
    vault: known(vault({ network: network('Disabled', 'Deny', 'AzureServices') })),
  };
  for (const [after, told] of [
    [{ running: 40, disabled: 2 }, ['suspected', 'confirmed']],
    [{ running: 0, disabled: 42 }, ['suspected']],
  ] as const) {
    const world = aWorld();
    await pass(world, 5, { outside: { running: 40, disabled: 2 } });
    await pass(world, 2, { outside: { running: 40, disabled: 2 }, facts });
    await pass(world, 5, { environments: OFF, outside: after, facts });
    assert.deepEqual(reasons(world), told);
  }
});

describe('unwraps', () => {
  const record = (world: World, status: number, more: object = { oid: PRINCIPAL }) =>
    auditMessage(
      auditRecord({
        operation: 'KeyUnwrap',
        status,
        enabled: undefined,
        id: 'https://kv-eu.vault.azure.net/keys/cmk/0123456789abcdef0123456789abcdef',
        claim: more,
        record: { resourceId: VAULT_ID, time: world.clock.now() },
      }),
    );
  const refuse = async (world: World, minutes: number, status = 403, claim?: object) => {
    const memory = auditMemory();
    for (let n = 0; n < minutes; n += 1) {
      await pass(world, 1);
      await world.clock.drive(respondToAudit([record(world, status, claim)], world.ports, memory));
    }
    return memory;
  };

  it('refused to the policy’s identity for more than 5 minutes are a witness, until one succeeds', async () => {
    const world = await watching();
    await refuse(world, 4);
    assert.deepEqual(reasons(world), []);
    const memory = await refuse(world, 3);
    assert.deepEqual(reasons(world), ['suspected']);
    await pass(world, 10);
    await world.clock.drive(respondToAudit([record(world, 200)], world.ports, memory));
    await pass(world, 17);
    assert.deepEqual(reasons(world), ['suspected', 'closed']);
  });

  it('in one late batch count by their own times, and not if one succeeded after them', async () => {
    for (const isOver of [false, true]) {
      const world = await watching();
      const batch: string[] = [];
      for (let n = 0; n < 9; n += 1) {
        await pass(world, 1);
        batch.push(String(record(world, 403)));
      }
      if (isOver) batch.push(String(record(world, 200)));
      await world.clock.drive(respondToAudit(batch, world.ports));
      await pass(world, 2);
      assert.deepEqual(reasons(world), isOver ? [] : ['suspected']);
      await world.clock.drive(respondToAudit(batch, world.ports));
      assert.deepEqual(reasons(world), isOver ? [] : ['suspected'], 'delivered again');
    }
  });

  it('with 401 count where the record names the identity, and refused to others they never do', async () => {
    const named = await watching();
    await refuse(named, 7, 401);
    assert.deepEqual(reasons(named), ['suspected']);
    for (const claim of [{}, { oid: '33333333-3333-3333-3333-333333333333' }]) {
      const other = await watching();
      await refuse(other, 7, claim.oid ? 403 : 401, claim);
      assert.deepEqual(reasons(other), []);
    }
  });
});

describe('at the first reading', () => {
  it('all disabled and Unhealthy is revoked; all disabled is suspected, already so', async () => {
    const both = aWorld();
    await pass(both, 1, { environments: OFF, health: 'Unhealthy' });
    assert.deepEqual(reasons(both), ['opened']);
    const alone = aWorld();
    await pass(alone, 1, { environments: OFF });
    assert.deepEqual(reasons(alone), ['suspected']);
    assert.match(
      lastMessage(alone).notice.incidents[0]?.because ?? '',
      /already disabled when Lockwatch first looked/,
    );
    await pass(alone, 60, { environments: OFF });
    assert.deepEqual(reasons(alone).slice(0, 1), ['suspected']);
    const one = aWorld();
    await pass(one, 60, { environments: [DISABLED] });
    assert.deepEqual(reasons(one), ['suspected']);
  });

  it('Unhealthy with environments that run is a warning, until it was Healthy once or one turns disabled', async () => {
    const world = aWorld();
    await pass(world, 60, { health: 'Unhealthy' });
    assert.deepEqual(reasons(world), []);
    assert.match((await stateOf(world)).warnings.join(' '), /Unhealthy/);
    await pass(world, 3);
    assert.deepEqual((await stateOf(world)).warnings, []);
    await pass(world, 2, { health: 'Unhealthy' });
    assert.deepEqual(reasons(world), ['suspected']);
    const fell = aWorld();
    await pass(fell, 5, { health: 'Unhealthy' });
    await pass(fell, 2, { environments: [DISABLED, {}], health: 'Unhealthy' });
    assert.deepEqual(reasons(fell), ['suspected']);
  });
});

describe('where a cause is found', () => {
  const KEY_OFF: Partial<Facts> = { key: known(key(version('v1', { enabled: false }))) };

  it('the cause speaks, and the lock is evidence of it', async () => {
    const world = await watching();
    await pass(world, 5, { environments: OFF, health: 'Unhealthy', facts: KEY_OFF });
    assert.deepEqual(reasons(world), ['opened']);
    const { incident } = await stateOf(world);
    assert.deepEqual(
      incident?.causes.map(({ trigger }) => trigger),
      ['key-disabled'],
    );
    const texts = incident?.causes[0]?.finding.evidence.map(({ text }) => text) ?? [];
    assert.equal(texts.filter((text) => /Unhealthy/.test(text)).length, 1);
    assert.equal(texts.filter((text) => /disabled$/.test(text)).length, 1);
  });

  it('later than the lock, it takes the place of the lock', async () => {
    const world = await watching();
    await pass(world, 3, { environments: OFF, health: 'Unhealthy' });
    await pass(world, 3, { environments: OFF, health: 'Unhealthy', facts: KEY_OFF });
    assert.deepEqual(reasons(world), ['opened', 'confirmed']);
    const { incident } = await stateOf(world);
    assert.deepEqual(
      incident?.causes.map(({ trigger }) => trigger),
      ['key-disabled'],
    );
    assert.match(lastMessage(world).notice.incidents[0]?.because ?? '', /^The cause of the lock is found/);
  });

  it('that can’t be read for a while, or has just ended, has no lock beside it', async () => {
    const world = await watching();
    await pass(world, 5, { environments: OFF, health: 'Unhealthy', facts: KEY_OFF });
    await pass(world, 5, { environments: OFF, health: 'Unhealthy', facts: { key: unread() } });
    assert.deepEqual(reasons(world), ['opened']);
    await pass(world, 60, { environments: OFF, health: 'Unhealthy' });
    assert.deepEqual(reasons(world), ['opened', 'accessRestored']);
  });

  it('a vault that is gone explains everything', async () => {
    const world = await watching();
    const facts = {
      vault: gone(),
      deletedVault: known({}),
      key: unread('follows'),
      permission: unread('follows'),
    };
    await pass(world, 5, { environments: OFF, health: 'Unhealthy', facts });
    assert.deepEqual(
      (await stateOf(world)).incident?.causes.map(({ trigger }) => trigger),
      ['vault-deleted'],
    );
  });
});

it('a person who closes a suspicion hears no more of it until the environments have run and turn disabled again', async () => {
  const world = await watching();
  await pass(world, 3, { environments: OFF });
  await close(world);
  const before = reasons(world).length;
  await pass(world, 120, { environments: OFF });
  assert.equal(reasons(world).length, before);
  await pass(world, 3);
  await pass(world, 3, { environments: OFF });
  assert.deepEqual(reasons(world).slice(before), ['suspected']);
});

it('environments that a person closed over are no second witness beside the health of the policy', async () => {
  const world = await watching();
  await pass(world, 3, { environments: OFF });
  await close(world);
  const before = reasons(world).length;
  await pass(world, 60, { environments: OFF });
  await pass(world, 3, { environments: OFF, health: 'Unhealthy' });
  assert.deepEqual(reasons(world).slice(before), ['suspected']);
});

async function close(world: World): Promise<void> {
  const { incident } = await stateOf(world);
  assert.ok(incident);
  await world.clock.drive(
    commitAction(
      ID,
      (policyState, now) =>
        applyIncidentAction(
          policyState,
          incident.id,
          { what: 'close', why: 'switched off for the holidays' },
          { name: 'Ann' },
          now,
        ),
      world.ports,
    ),
  );
}
