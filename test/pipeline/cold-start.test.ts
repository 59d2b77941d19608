import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { answerAction } from '../../shared/api/serve-api.ts';
import { mainIds } from '../dev/azure-simulator/harness.ts';
import { vaultEvent } from './a-world.ts';
import { type Around, type Cold, type ColdProcess, coldTenant, startAround } from './cold-harness.ts';

// Every dependency refuses (403) or can't be reached, and every process of the app begins anew: over real storage
// (Azurite), the Azure simulator and real receivers. What does not need the dependency works.

let around: Around;
before(async () => {
  around = await startAround();
});

type How = 'refuses' | 'can not be reached';
const HOW: readonly How[] = ['refuses', 'can not be reached'];
const place = (how: How) => (how === 'refuses' ? around.refusing : around.nobody);

interface Received {
  teams: number;
  mails: number;
  events: number;
}
async function received(): Promise<Received> {
  return (await (await fetch(`${around.receivers.readUrl}/counts`)).json()) as Received;
}
/** Which receivers got something new since. */
async function newSince(earlier: Received): Promise<string[]> {
  const now = await received();
  return (Object.keys(now) as (keyof Received)[]).filter((name) => now[name] > earlier[name]).sort();
}
const EVERYBODY = ['events', 'mails', 'teams'];

/** Sweeps, each in a new process, until every policy is known: on a busy machine one may not reach all of them. */
async function learn(start: () => ColdProcess): Promise<void> {
  for (let n = 0; n < 5; n += 1) {
    const process = start();
    await process.timer();
    if ((await process.app.store.listPolicyStates()).length === POLICIES) return;
  }
  assert.fail('the tenant is never known whole');
}
/** Of the simulated tenant, without the one that is for networks. */
const POLICIES = 7;
/** A reading goes on for as long as this where Azure does not answer. */
const SHORT = { LOCKWATCH_READ_BUDGET_SECONDS: '4' };

async function deleteVault(cold: Cold, policy: string): Promise<void> {
  assert.equal((await cold.simulator.scenario('vault-deleted', { policy })).error, undefined);
}

/** The event of it, as Event Grid tells who did it where it has no name. */
function deletion({ simulator }: Cold): string {
  const event = JSON.parse(vaultEvent({ vaultId: mainIds(simulator).vault, at: new Date().toISOString() }));
  event.data.claims = {
    'http://schemas.microsoft.com/identity/claims/objectidentifier': '99999999-0000-4000-8000-000000000001',
  };
  return JSON.stringify(event);
}

async function isOpen(policy: string, { app }: ColdProcess): Promise<boolean> {
  const policyStates = await app.store.listPolicyStates();
  return policyStates.some(
    ({ policyState }) => policyState.policyId.endsWith(`/${policy}`) && policyState.incident !== undefined,
  );
}

async function healthOf(of: ColdProcess) {
  const { status, json } = await of.get('/api/health');
  assert.equal(status, 200, JSON.stringify(json));
  const { dependencies, channels } = json as unknown as {
    dependencies: { name: string; state: string; detail?: string }[];
    channels: { name: string; state: string }[];
  };
  const named = <T extends { name: string }>(all: T[], name: string) => all.find((one) => one.name === name);
  return {
    status: json.status,
    dependency: (name: string) => named(dependencies, name),
    channel: (name: string) => named(channels, name),
  };
}

/** What is away, and what works without it: who is told, and what health says. */
interface Away {
  settings(how: How): Record<string, string>;
  told: string[];
  /** Both ways where it is not set. Each channel's own tests show what it makes of either. */
  how?: How;
  dependencies?: Record<string, string>;
  channels?: string[];
}

// What is told without several at once is told without each of them.
const AWAY: Record<string, Away> = {
  'the queue service, the table of the read model, and both environment APIs': {
    settings: (how) => {
      const { refusing, breaking } = around.tablesBut;
      const tables = how === 'refuses' ? refusing : breaking;
      return {
        ...SHORT,
        AzureWebJobsStorage__queueServiceUri: `${place(how)}/devstoreaccount1`,
        AzureWebJobsStorage__tableServiceUri: `${tables}/devstoreaccount1`,
        LOCKWATCH_POWER_PLATFORM_ENDPOINT: place(how),
        LOCKWATCH_POWER_PLATFORM_API_ENDPOINT: place(how),
      };
    },
    told: EVERYBODY,
    dependencies: { queueStorage: 'failing', tableStorage: 'partly', powerPlatform: 'failing' },
  },
  'Teams, the Event Grid topic, Communication Services, and Microsoft Graph for names and mails': {
    settings: (how) => ({
      LOCKWATCH_TEAMS_WEBHOOK_URL: `${place(how)}/workflows/1?sig=secret`,
      LOCKWATCH_EVENTGRID_TOPIC: `${place(how)}/api/events`,
      LOCKWATCH_ACS_ENDPOINT: place(how),
      LOCKWATCH_ACTOR_NAMES: 'graph',
      LOCKWATCH_GRAPH_MAIL: 'true',
      LOCKWATCH_GRAPH_ENDPOINT: place(how),
    }),
    told: ['events', 'mails'],
    channels: ['teams', 'eventgrid', 'email-acs', 'email-graph'],
  },
  // The relay can't be reached, and the webhook refuses.
  'the mail relay and the webhook': {
    settings: () => ({
      LOCKWATCH_SMTP_URL: around.nobody.replace('https://', 'smtps://user:password@'),
      LOCKWATCH_WEBHOOK_URL: `${around.refusing}/hook`,
    }),
    told: ['teams'],
    how: 'refuses',
    channels: ['email', 'webhook'],
  },
};

for (const [what, { settings, told, dependencies = {}, channels = [], how: only }] of Object.entries(AWAY))
  for (const how of only === undefined ? HOW : [only])
    test(`${what} ${how}: a signal and a sweep are reported all the same, each by a new process`, async () => {
      const cold = await coldTenant(around);
      const start = () => cold.process(settings(how));
      await learn(start);
      const first = await received();
      await deleteVault(cold, 'ep-finance');
      const signalled = start();
      await signalled.signal(deletion(cold));
      assert.deepEqual(await newSince(first), told, 'by the signal');
      assert(await isOpen('ep-finance', signalled));
      const second = await received();
      await deleteVault(cold, 'ep-sales');
      let swept = start();
      await swept.timer();
      // On a busy machine one sweep may end before it has read every policy.
      for (let n = 1; n < 5 && !(await isOpen('ep-sales', swept)); n += 1) {
        swept = start();
        await swept.timer();
      }
      assert.deepEqual(await newSince(second), told, 'by the sweep');
      assert(await isOpen('ep-sales', swept));
      const now = await healthOf(start());
      for (const [name, state] of Object.entries(dependencies))
        assert.deepEqual([name, now.dependency(name)?.state, now.status], [name, state, 'degraded']);
      for (const channel of channels) assert.equal(now.channel(channel)?.state, 'failing', channel);
    });

describe('a queue service that refuses', () => {
  test('is one line for each queue, with its name and the role that is missing, and is in health', async () => {
    const cold = await coldTenant(around);
    const process = cold.process({
      AzureWebJobsStorage__queueServiceUri: `${around.refusing}/devstoreaccount1`,
    });
    await process.timer();
    await process.timer();
    const lines = process.log.lines.filter(({ event }) => event === 'queue-unavailable');
    assert.deepEqual(
      lines.map(({ level, fields }) => [level, fields.queue, fields.role]),
      [
        ['error', 'lockwatch-signals', 'Storage Queue Data Message Processor'],
        ['error', 'lockwatch-signals-poison', 'Storage Queue Data Message Processor'],
        ['error', 'lockwatch-unreadable', 'Storage Queue Data Reader'],
      ],
    );
    const [sending] = process.log.lines.filter(({ event }) => event === 'heartbeat-message-failed');
    assert.match(
      String(sending?.fields.error),
      /the queue lockwatch-signals: .*403 \(AuthorizationPermissionMismatch\).*Storage Queue Data Message Sender/,
    );
    const queue = (await healthOf(process)).dependency('queueStorage');
    assert.equal(queue?.state, 'failing');
    assert.match(queue?.detail ?? '', /lockwatch-unreadable.*Storage Queue Data Reader/);
    assert.doesNotMatch(JSON.stringify([process.log.lines, queue]), /Bearer|eyJ/);
  });

  test('is reported by health of a process that itself can ask the queues', async () => {
    const cold = await coldTenant(around);
    await cold
      .process({ AzureWebJobsStorage__queueServiceUri: `${around.refusing}/devstoreaccount1` })
      .timer();
    const queue = (await healthOf(cold.process())).dependency('queueStorage');
    assert.equal(queue?.state, 'partly');
    assert.match(queue?.detail ?? '', /lockwatch-signals.*Storage Queue Data Message Processor/);
    await cold.process().timer();
    assert.equal((await healthOf(cold.process())).dependency('queueStorage')?.state, 'ok');
  });
});

for (const how of HOW) {
  test(`table storage ${how}: queues are made, messages come back, and every answer says so`, async () => {
    const cold = await coldTenant(around);
    const settings = { AzureWebJobsStorage__tableServiceUri: `${place(how)}/devstoreaccount1` };
    const process = cold.process({ ...settings, LOCKWATCH_QUEUE: `q-${HOW.indexOf(how)}-signals` });
    const reason = how === 'refuses' ? /Storage Table Data Contributor/ : /could not be reached/;
    const failures = await Promise.allSettled([process.timer(), process.signal(deletion(cold))]);
    for (const failure of failures) {
      assert(failure.status === 'rejected');
      assert.match(String(failure.reason.message), reason);
    }
    assert(!process.log.events().includes('queue-unavailable'));
    assert.equal(await process.app.queues?.unreadable.count(), 0);
    for (const path of ['/api/status', '/api/health'])
      assert.equal((await process.get(path)).status, 503, path);
  });

  test(`Resource Manager ${how}: answers, drills and health are given, and nothing is called clear or lost`, async () => {
    const cold = await coldTenant(around);
    await learn(() => cold.process());
    const first = await received();
    await deleteVault(cold, 'ep-finance');
    const start = () => cold.process({ ...SHORT, LOCKWATCH_ARM_ENDPOINT: place(how) });
    await start().timer();
    const { app, get } = start();
    assert.equal((await healthOf(start())).dependency('resourceManager')?.state, 'failing');
    const { status, json } = await get('/api/status');
    assert.deepEqual([status, json.verdict], [200, 'unknown']);
    const drill = await answerAction(
      { url: 'https://localhost/api/drill', header: () => null, body: new Uint8Array() },
      { access: 'none' },
      app,
    );
    assert.deepEqual([drill.status, JSON.parse(drill.body).ok], [200, true]);
    assert.deepEqual(await newSince(first), EVERYBODY);
    // The event alone claims enough: what can't be read opens as suspected.
    const second = await received();
    await start().signal(deletion(cold));
    assert.deepEqual(await newSince(second), EVERYBODY);
  });
}
