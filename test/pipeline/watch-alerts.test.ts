import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Facts, ProtectionFacts } from '../../shared/facts/facts.ts';
import { policyKey } from '../../shared/incidents/ids.ts';
import type { Channel, SendResult } from '../../shared/notices/notice.ts';
import { respond } from '../../shared/pipeline/on-message.ts';
import type { Ports } from '../../shared/pipeline/ports.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import { nextVisibility } from '../../shared/visibility/next-visibility.ts';
import { NO_GAPS, type VisibilityGap } from '../../shared/visibility/visibility-state.ts';
import { aNotice } from '../notices/a-notice.ts';
import { aPagerDuty } from '../notices/a-pagerduty.ts';
import { aServiceNow } from '../notices/a-servicenow.ts';
import { known, policy, unread, VAULT_ID, vault } from '../triggers/a-reading.ts';
import { aWorld, OTHER_VAULT_ID, policyId, VAULT_GONE, vaultEvent } from './a-world.ts';

const HOUR = 3_600_000;
/** Early warnings are judged where this was read. */
const PROTECTION: ProtectionFacts = {
  policyLocks: unread('forbidden'),
  vaultLocks: unread('forbidden'),
  rotation: known({ rotates: false }),
  timeBound: known([]),
  policyReaders: unread('forbidden'),
};
const REFUSED: SendResult = { outcome: 'failed', permanent: true, detail: 'HTTP 410' };

/** A world with Teams and email, and both services that keep alerts open until they are resolved. */
function anAlertingWorld(names = ['p1']) {
  const world = aWorld(names);
  const pagerDuty = aPagerDuty(world.clock);
  const serviceNow = aServiceNow();
  const withAlerts = (channels: readonly Channel[]) => [...channels, pagerDuty.channel, serviceNow.channel];
  const started = (ports: Ports): Ports => ({ ...ports, channels: withAlerts(world.channels) });
  let ports = started(world.ports);
  const kindOf = (key: string) => key.replace(/^lockwatch-[0-9a-f]{8}-/, '');
  const isWatch = (key: string) => /^lockwatch-[0-9a-f]{8}-/.test(key);
  return {
    world,
    pagerDuty,
    /** Pages about Lockwatch itself, and what is open at each service. */
    pages: () =>
      pagerDuty.pages
        .map(({ key }) => key)
        .filter(isWatch)
        .map(kindOf),
    open: () => {
      const [ofPagerDuty, ofServiceNow] = [pagerDuty.open(), serviceNow.open()].map((alerts) =>
        alerts
          .map(({ key }) => key)
          .filter(isWatch)
          .map(kindOf),
      );
      assert.deepEqual(
        ofServiceNow?.filter((key) => key !== 'warnings'),
        ofPagerDuty,
        'both services have the same alerts open',
      );
      return ofServiceNow ?? [];
    },
    reasons: () => world.channels[1]?.sent.map(({ reason }) => reason) ?? [],
    sweeps: async (count = 1, stepMs = 30_000) => {
      for (let n = 0; n < count; n += 1) {
        await world.clock.advance(stepMs);
        await world.clock.drive(sweep(ports));
      }
    },
    restart: () => {
      ports = started(world.restart());
    },
    /** From now on, only these are configured. */
    configure: (channels: readonly Channel[]) => {
      ports = { ...ports, channels: withAlerts(channels) };
    },
    /** The vault goes, or is back: a notice for every channel. */
    change: async (facts: Partial<Facts>) => {
      await world.clock.advance(60_000);
      world.observedState.set(policyId('p1').toLowerCase(), facts);
      const operation = `Microsoft.KeyVault/vaults/${facts === VAULT_GONE ? 'delete' : 'write'}`;
      await world.clock.drive(
        respond(vaultEvent({ id: world.clock.now(), operation, at: world.clock.now() }), ports),
      );
    },
  };
}

describe('the alert of a channel that gave up', () => {
  it('ends when the channel delivers again, and the next failure wakes somebody again', async () => {
    const { world, pages, open, reasons, sweeps, change } = anAlertingWorld();
    const [teams] = world.channels;
    assert.ok(teams);
    await sweeps();
    teams.answers.push(REFUSED);
    await change(VAULT_GONE);
    assert.deepEqual([pages(), open()], [['undelivered-teams'], ['undelivered-teams']]);
    await sweeps(3);
    assert.deepEqual(open(), ['undelivered-teams'], 'nothing was delivered since then');

    await change({});
    await sweeps();
    assert.deepEqual(open(), []);
    assert.equal(reasons().filter((reason) => reason === 'deliveryRestored').length, 1);
    await sweeps(3);
    assert.equal(reasons().filter((reason) => reason === 'deliveryRestored').length, 1, 'told once');

    teams.answers.push(REFUSED);
    await change(VAULT_GONE);
    assert.deepEqual([pages(), open()], [['undelivered-teams', 'undelivered-teams'], ['undelivered-teams']]);
    await change({});
    await sweeps();
    assert.deepEqual(open(), []);
  });

  it('ends also where it was dead for a day, and the process was started anew in between', async () => {
    const { world, pages, open, sweeps, change, restart } = anAlertingWorld();
    const [teams] = world.channels;
    assert.ok(teams);
    const { send } = teams;
    let isDead = true;
    teams.send = async (notice, abort) =>
      isDead ? { outcome: 'failed', permanent: false, detail: 'HTTP 503' } : send(notice, abort);
    await sweeps();
    for (const round of [1, 2]) {
      isDead = true;
      await change(VAULT_GONE);
      await sweeps(26 * 4, HOUR / 4);
      assert.deepEqual([pages().length, open()], [round, ['undelivered-teams']]);
      isDead = false;
      await change({});
      restart();
      await sweeps(4, HOUR / 4);
      assert.deepEqual(open(), [], `round ${round}`);
    }
  });

  it('stays while some recipients are still refused, and ends when a message reaches all of them', async () => {
    const { world, pages, open, sweeps, change } = anAlertingWorld();
    const email = world.channels[1] ?? assert.fail();
    const { send } = email;
    let hasLeft = true;
    email.send = async (notice, abort) => {
      if (hasLeft) notice.progress?.refused.push({ to: 'left@example.com', why: '550' });
      return send(notice, abort);
    };
    await sweeps();
    await change(VAULT_GONE);
    await change({});
    await sweeps(3);
    assert.deepEqual([pages(), open()], [['undelivered-email'], ['undelivered-email']]);
    hasLeft = false;
    await change(VAULT_GONE);
    await sweeps();
    assert.deepEqual([pages(), open()], [['undelivered-email'], []]);
  });

  it('ends when the channel is not configured any more', async () => {
    const { world, open, sweeps, change, configure } = anAlertingWorld();
    const [teams, email] = world.channels;
    assert.ok(teams && email);
    await sweeps();
    teams.answers.push(REFUSED);
    await change(VAULT_GONE);
    configure([email]);
    await sweeps();
    assert.deepEqual(open(), []);
    const [end] = email.sent.filter(({ reason }) => reason === 'deliveryRestored');
    assert.equal(end?.visibility?.channels?.[0]?.deliveredAt, undefined);
  });
});

describe('the alert of urgent warnings', () => {
  const isMissing = (id: string): Partial<Facts> => ({
    policy: known(policy({ id: policyId(id), name: id, vaultId: id === 'p2' ? OTHER_VAULT_ID : VAULT_ID })),
    vault: known(vault({ id: id === 'p2' ? OTHER_VAULT_ID : VAULT_ID, softDelete: false })),
  });
  const urgent = (keys: readonly string[]) => keys.filter((key) => key.startsWith('urgent'));

  it('ends with the last of them, wakes somebody again where another one joins, and again where one comes back', async () => {
    const { world, pages, open, sweeps } = anAlertingWorld(['p1', 'p2']);
    const observe = (id: string, facts: Partial<Facts>) =>
      world.observedState.set(policyId(id).toLowerCase(), { protection: PROTECTION, ...facts });
    const later = () => sweeps(25);
    await later();
    observe('p1', isMissing('p1'));
    await later();
    assert.deepEqual([urgent(pages()).length, urgent(open()).length], [1, 1]);
    const [first] = urgent(open());

    observe('p2', isMissing('p2'));
    await later();
    assert.deepEqual([urgent(pages()).length, urgent(open()).length], [2, 1]);
    assert.notEqual(urgent(open())[0], first, 'the alert of all of them takes the place of the first');

    observe('p1', {});
    await later();
    assert.equal(urgent(open()).length, 1, 'one is left');
    observe('p2', { ...isMissing('p2'), vault: unread('timeout') });
    await later();
    assert.equal(urgent(open()).length, 1, 'what can not be read is not over');
    observe('p2', {});
    await later();
    assert.deepEqual(urgent(open()), []);

    await sweeps(2, 13 * HOUR);
    observe('p1', isMissing('p1'));
    await later();
    assert.deepEqual([urgent(pages()).length, urgent(open()).length], [3, 1]);
    observe('p1', {});
    await later();
    assert.deepEqual(urgent(open()), []);
  });

  it('ends also where the stored state was lost while it was open', async () => {
    const { world, open, sweeps } = anAlertingWorld();
    const observe = (facts: Partial<Facts>) =>
      world.observedState.set(policyId('p1').toLowerCase(), { protection: PROTECTION, ...facts });
    observe(isMissing('p1'));
    await sweeps(25);
    assert.equal(urgent(open()).length, 1);
    const row = { partitionKey: policyKey('lockwatch'), rowKey: 'visibility', json: '{' };
    await world.tables.policies.updateEntity(row, 'Replace', { etag: '*' });
    await sweeps(1);
    assert.equal(urgent(open()).length, 1);
    observe({});
    await sweeps(25);
    assert.deepEqual(urgent(open()), []);
  });

  it('is no news for people when it ends; milder ones wake nobody, and end at ServiceNow with the last of them', async () => {
    const { world, pages, open, reasons, sweeps } = anAlertingWorld();
    const observe = (facts: Partial<Facts>) =>
      world.observedState.set(policyId('p1').toLowerCase(), { protection: PROTECTION, ...facts });
    await sweeps(25);
    observe({ vault: known(vault({ purgeProtection: undefined })) });
    await sweeps(25);
    assert.deepEqual([pages(), open()], [[], ['warnings']]);
    const told = reasons().length;
    observe({});
    await sweeps(25);
    assert.deepEqual([pages(), open()], [[], []]);
    assert.equal(reasons().length, told);
  });
});

describe('the alerts of visibility gaps', () => {
  it('all end, also where more end at once than one notice lists', async () => {
    const { world, pagerDuty } = anAlertingWorld();
    const gap = (n: number): VisibilityGap => ({
      id: `read|${n}|vault`,
      text: `The vault kv-${n} can't be read.`,
      remediation: '',
      urgent: true,
    });
    const all = Array.from({ length: 160 }, (_, n) => gap(n));
    let visibility = NO_GAPS;
    for (const gaps of [all.slice(0, 80), all, []]) {
      await world.clock.advance(60_000);
      const step = nextVisibility(visibility, gaps, world.clock.now(), 0);
      visibility = step.visibility;
      for (const one of step.notices)
        await pagerDuty.channel.send(
          aNotice(one.reason, [], { messageId: one.id, visibility: one }),
          new AbortController().signal,
        );
      if (gaps.length > 0) assert.equal(pagerDuty.open().length, gaps.length);
    }
    assert.deepEqual([pagerDuty.pages.length, pagerDuty.open().length], [160, 0]);
  });
});
