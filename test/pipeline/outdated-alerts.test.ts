import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import type { Facts } from '../../shared/facts/facts.ts';
import { alertStepId } from '../../shared/notices/channels/events/alert.ts';
import { serviceNowPreset } from '../../shared/notices/channels/servicenow/webhook-servicenow.ts';
import type { Channel, SendResult } from '../../shared/notices/notice.ts';
import { visibilityRows } from '../../shared/notices/outbox.ts';
import { OUTDATED, withoutOutdated } from '../../shared/notices/outdated-notices.ts';
import { respond } from '../../shared/pipeline/on-message.ts';
import type { Ports } from '../../shared/pipeline/ports.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import type { OutboxRow } from '../../shared/storage/incident-store.ts';
import { aNotice, OPENED_AT, SAY } from '../notices/a-notice.ts';
import { aPagerDuty } from '../notices/a-pagerduty.ts';
import { aServiceNow } from '../notices/a-servicenow.ts';
import { unread } from '../triggers/a-reading.ts';
import { aWorld, policyId, VAULT_GONE, vaultEvent } from './a-world.ts';

const REFUSED: SendResult = { outcome: 'failed', permanent: true, detail: 'HTTP 410' };

/** A world with Teams and email, and both services that keep alerts open until they are resolved. */
function anAlertingWorld() {
  const world = aWorld(['p1']);
  const pagerDuty = aPagerDuty(world.clock);
  const serviceNow = aServiceNow();
  const channels: Channel[] = [...world.channels, pagerDuty.channel, serviceNow.channel];
  const ports: Ports = { ...world.ports, channels };
  return {
    world,
    pagerDuty,
    serviceNow,
    openCounts: () => [pagerDuty.open().length, serviceNow.open().length],
    everOpened: () => [pagerDuty.pages.length, serviceNow.alerts.length],
    setDown: (isDown: boolean) => {
      pagerDuty.outage.isDown = isDown;
      serviceNow.outage.isDown = isDown;
    },
    sweeps: async (count: number) => {
      for (let n = 0; n < count; n += 1) {
        await world.clock.advance(30_000);
        await world.clock.drive(sweep(ports));
      }
    },
    observe: (facts: Partial<Facts>) => world.observedState.set(policyId('p1').toLowerCase(), facts),
    event: async (operation: 'delete' | 'write') => {
      const at = world.clock.now();
      const told = vaultEvent({ id: at, operation: `Microsoft.KeyVault/vaults/${operation}`, at });
      await world.clock.drive(respond(told, ports));
    },
    rows: async (reason: string) => {
      const [listed] = await world.ports.store.listIncidents();
      const incident = listed && (await world.ports.store.readIncident(listed.id));
      const rows = incident ? await world.ports.store.listNotices(incident) : [];
      return rows.filter((row) => row.reason === reason && row.channel.startsWith('webhook-'));
    },
  };
}

describe('a service that refused an alert for now', () => {
  it('never gets it where the incident was over before the next try', async () => {
    const { world, setDown, sweeps, observe, event, rows, everOpened, openCounts } = anAlertingWorld();
    await sweeps(1);
    setDown(true);
    observe(VAULT_GONE);
    await event('delete');
    // Tried at 0, 30, 60 and 120 s; the next try is two minutes later.
    await sweeps(4);
    assert.ok((await rows('opened')).every(({ attempts, state }) => attempts >= 3 && state === 'pending'));
    setDown(false);
    observe({});
    await event('write');
    const restored = await rows('accessRestored');
    assert.deepEqual(
      restored.map(({ state }) => state),
      ['sent', 'sent'],
      'the end has been delivered',
    );
    await sweeps(20);
    assert.deepEqual(
      [everOpened(), openCounts()],
      [
        [0, 0],
        [0, 0],
      ],
    );
    const given = await rows('opened');
    assert.deepEqual(
      given.map(({ state, lastError }) => [state, lastError]),
      [
        ['givenUp', OUTDATED],
        ['givenUp', OUTDATED],
      ],
    );
    const reports = world.channels.flatMap(({ sent }) =>
      sent.filter(({ reason }) => reason === 'undelivered'),
    );
    assert.deepEqual(reports, [], 'nobody misses it');
  });

  it('gets it late where the incident goes on', async () => {
    const { setDown, sweeps, observe, event, openCounts } = anAlertingWorld();
    await sweeps(1);
    setDown(true);
    observe(VAULT_GONE);
    await event('delete');
    await sweeps(4);
    setDown(false);
    await sweeps(6);
    assert.deepEqual(openCounts(), [1, 1]);
  });

  it('never gets that of a visibility gap which has closed', async () => {
    const { world, setDown, sweeps, observe, everOpened, openCounts } = anAlertingWorld();
    await sweeps(1);
    observe({ vault: unread('forbidden'), key: unread('follows'), permission: unread('follows') });
    const reasons = () => world.channels[1]?.sent.map(({ reason }) => reason) ?? [];
    setDown(true);
    for (let n = 0; n < 60 && !reasons().includes('visibilityLost'); n += 1) await sweeps(1);
    await sweeps(4);
    setDown(false);
    observe({});
    for (let n = 0; n < 60 && !reasons().includes('visibilityRestored'); n += 1) await sweeps(1);
    assert.ok(reasons().includes('visibilityRestored'));
    await sweeps(20);
    assert.deepEqual(
      [everOpened(), openCounts()],
      [
        [0, 0],
        [0, 0],
      ],
    );
  });

  it('never gets that of a channel which delivers again', async () => {
    const { world, setDown, sweeps, observe, event, everOpened, openCounts } = anAlertingWorld();
    const [teams, email] = world.channels;
    assert.ok(teams && email);
    await sweeps(1);
    setDown(true);
    teams.answers.push(REFUSED);
    observe(VAULT_GONE);
    await event('delete');
    await sweeps(3);
    observe({});
    setDown(false);
    await event('write');
    await sweeps(20);
    assert.ok(email.sent.some(({ reason }) => reason === 'deliveryRestored'));
    assert.deepEqual(
      [everOpened(), openCounts()],
      [
        [0, 0],
        [0, 0],
      ],
    );
  });
});

describe('an outdated step of a notice', () => {
  const URL = 'https://lockwatch.example.com';
  const gap = (id: string) => ({ id, text: `${id} can't be read.`, remediation: '', since: '' });
  const rowOf = (
    reason: 'visibilityLost' | 'visibilityRestored',
    minute: number,
    gaps: string[],
    more: Partial<OutboxRow> = {},
  ): OutboxRow => {
    const at = `2026-11-20T10:0${minute}:00.000Z`;
    const notice = { id: `n${minute}`, reason, at, gaps: gaps.map(gap), remainingGaps: 0 };
    const [row] = visibilityRows([notice], [{ name: 'webhook-a' }], at);
    return { ...(row ?? assert.fail()), ...more };
  };
  const outcome = (row: OutboxRow, known: OutboxRow[]) => {
    const { toSend, outdated } = withoutOutdated([row], known, { publicUrl: URL });
    return [toSend.length, outdated.map((step) => step.split(' ')[1])];
  };

  it('is left out alone: the rest of the notice is sent', () => {
    const lost = rowOf('visibilityLost', 1, ['a', 'b']);
    assert.deepEqual(outcome(lost, [lost]), [1, []]);
    assert.deepEqual(outcome(lost, [lost, rowOf('visibilityRestored', 2, ['a'])]), [1, ['trigger']]);
    const ends = ['a', 'b'].map((id, n) => rowOf('visibilityRestored', 2 + n, [id]));
    assert.deepEqual(outcome(lost, [lost, ...ends]), [0, ['trigger', 'trigger']]);
  });

  it('is none where the end was an earlier one', () => {
    const lost = rowOf('visibilityLost', 3, ['a']);
    assert.deepEqual(outcome(lost, [rowOf('visibilityRestored', 2, ['a']), lost]), [1, []]);
  });

  it('is also the end of an alert that was opened again on this channel since then', () => {
    const end = rowOf('visibilityRestored', 2, ['a']);
    const again = (more: Partial<OutboxRow>) => outcome(end, [end, rowOf('visibilityLost', 3, ['a'], more)]);
    assert.deepEqual(again({ state: 'sent' }), [0, ['resolve']]);
    assert.deepEqual(again({ state: 'pending' }), [1, []], 'the end goes first');
    assert.deepEqual(again({ state: 'sent', channel: 'webhook-b' }), [1, []]);
  });
});

test('a later try of many alerts at ServiceNow leaves out those that ended, and no other', () => {
  const preset = serviceNowPreset({ say: SAY, userAndPassword: 'lockwatch:password' });
  const gaps = Array.from({ length: 25 }, (_, n) => ({
    id: `${n}`,
    text: `The vault kv-${n} can't be read.`,
    remediation: '',
    since: OPENED_AT,
  }));
  const visibility = { id: 'v', reason: 'visibilityLost', at: OPENED_AT, gaps, remainingGaps: 25 } as const;
  const notice = aNotice('visibilityLost', [], { visibility });
  const keysIn = ({ body }: { body: string }): string[] =>
    JSON.parse(body).records.map((record: { message_key: string }) => record.message_key);
  const [taken, ...others] = preset.parts(notice);
  assert.ok(taken && others.length === 1, 'the first of two requests was taken');
  const all = [taken, ...others].flatMap(keysIn);
  const ended = all.slice(3, 5);
  const later = preset.parts({ ...notice, outdated: ended.map((key) => alertStepId(key, 'trigger')) });
  const sent = later.filter(({ key }) => key !== taken.key).flatMap(keysIn);
  assert.deepEqual(
    all.filter((key) => !keysIn(taken).includes(key) && !sent.includes(key)),
    [],
  );
  assert.ok(ended.every((key) => !sent.includes(key)));
});
