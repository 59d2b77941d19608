import assert from 'node:assert/strict';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { describe, it, type TestContext } from 'node:test';
import { NOTICE_REASONS } from '../../../shared/incidents/notice-reason.ts';
import { cloudEventsPreset } from '../../../shared/notices/channels/cloudevents/webhook-cloudevents.ts';
import { pagerDutyPreset } from '../../../shared/notices/channels/pagerduty/webhook-pagerduty.ts';
import { serviceNowPreset } from '../../../shared/notices/channels/servicenow/webhook-servicenow.ts';
import { slackBody, slackPreset } from '../../../shared/notices/channels/slack/webhook-slack.ts';
import {
  createWebhookChannel,
  type WebhookPreset,
} from '../../../shared/notices/channels/webhook/webhook.ts';
import { drillNotice } from '../../../shared/notices/drill-notice.ts';
import type { Notice } from '../../../shared/notices/notice.ts';
import { noProgress } from '../../../shared/notices/progress.ts';
import type { Message } from '../../../shared/notices/say/message.ts';
import { say } from '../../../shared/notices/say/say.ts';
import { aNotice, anEnvironment, anIncident, NOW, policyId, SAY } from '../a-notice.ts';
import { type Answer, aServer, never } from '../a-server.ts';

const PRESETS = {
  cloudevents: cloudEventsPreset({ say: SAY, secret: 'signing-secret' }),
  pagerduty: pagerDutyPreset({ say: SAY, routingKey: 'routing-key', setting: 'LOCKWATCH_WEBHOOK_SECRET' }),
  slack: slackPreset({ say: SAY }),
  servicenow: serviceNowPreset({ say: SAY, userAndPassword: 'user:pässword' }),
};
const bodies = (preset: WebhookPreset, notice: Notice) =>
  preset.parts(notice).map(({ body }) => JSON.parse(body));
const pagerDuty = (notice: Notice) => bodies(PRESETS.pagerduty, notice);
const records = (notice: Notice) =>
  bodies(PRESETS.servicenow, notice).flatMap(({ records }: { records: Record<string, string>[] }) => records);
const actions = (notice: Notice) => pagerDuty(notice).map(({ event_action }) => event_action);

const VISIBILITY_LOST = aNotice('visibilityLost', [], {
  visibility: {
    id: 'visibility-1',
    reason: 'visibilityLost',
    at: NOW,
    gaps: [{ text: 'The vault kv can not be read.', remediation: 'Give it Reader.', since: NOW }],
    remainingGaps: 1,
  },
});
const visibilityAgain = (remainingGaps: number) =>
  aNotice('visibilityRestored', [], {
    visibility: {
      id: 'visibility-2',
      reason: 'visibilityRestored',
      at: NOW,
      gaps: [{ text: 'The vault kv can be read again.', remediation: '', since: NOW }],
      remainingGaps,
    },
  });
const WARNING = aNotice('warning', [], {
  visibility: {
    id: 'visibility-3',
    reason: 'warning',
    at: NOW,
    gaps: [],
    remainingGaps: 0,
    warnings: {
      items: [{ severity: 'urgent', text: 'The key expires.', steps: [{ text: 'Rotate it.' }] }],
      more: 2,
      alerts: { opens: [`urgent-${NOW}`], ends: [] },
    },
  },
});
const DELIVERY_RESTORED = aNotice('deliveryRestored', [], {
  visibility: {
    id: 'visibility-4',
    reason: 'deliveryRestored',
    at: NOW,
    gaps: [],
    remainingGaps: 0,
    channels: [{ channel: 'email', gaveUpAt: NOW, deliveredAt: NOW }],
  },
});
const UNDELIVERED = aNotice('undelivered', [], {
  undelivered: { channel: 'email', reason: 'opened', since: NOW, because: 'It refuses every recipient.' },
});
/** One notice of each kind, as far as what it is about goes. */
const EVERY: Notice[] = [
  ...NOTICE_REASONS.filter(
    (one) =>
      !['visibilityLost', 'visibilityRestored', 'warning', 'undelivered', 'deliveryRestored'].includes(one),
  ).map((reason) => aNotice(reason, [anIncident('ep-a')])),
  VISIBILITY_LOST,
  visibilityAgain(0),
  WARNING,
  UNDELIVERED,
  DELIVERY_RESTORED,
  aNotice('silenced', [], {
    silences: [{ what: 'set', by: { name: 'Ann' }, why: 'moved', from: NOW, until: NOW, policyName: 'ep-a' }],
  }),
];

const KEEPS_ALERTS: ReadonlySet<string> = new Set(['pagerduty', 'servicenow']);
const WAKES_NOBODY: ReadonlySet<string> = new Set(['eased', 'actorLearnt', 'keyUnreachable', 'silenced']);

describe('every preset', () => {
  for (const [name, preset] of Object.entries(PRESETS)) {
    it(`${name}: has something to say for every reason, with keys of their own`, () => {
      for (const notice of EVERY) {
        const parts = preset.parts(notice);
        const wakesNobody =
          (KEEPS_ALERTS.has(name) && WAKES_NOBODY.has(notice.reason)) ||
          (name === 'servicenow' && notice.reason === 'acknowledged');
        assert.equal(parts.length > 0, !wakesNobody, notice.reason);
        assert.equal(new Set(parts.map(({ key }) => key)).size, parts.length);
        for (const { body } of parts) assert.equal(typeof JSON.parse(body), 'object');
      }
    });

    it(`${name}: stays within bounds for 10,000 environments, and the same notice makes the same parts`, () => {
      const name200 = '😀'.repeat(100);
      const many = Array.from({ length: 10_000 }, (_, n) => anEnvironment(n, { displayName: name200 }));
      const notice = aNotice('opened', [anIncident('ep-big', {}, many), anIncident('ep-b')]);
      const parts = preset.parts(notice);
      for (const { body } of parts) assert(Buffer.byteLength(body) < 256_000, `${Buffer.byteLength(body)}`);
      assert.deepEqual(preset.parts(notice), parts);
    });
  }
});

describe('CloudEvents', () => {
  it('tells what a machine needs: who, what, where, until when, how to undo it', () => {
    const [event] = bodies(PRESETS.cloudevents, aNotice('opened', [anIncident('ep-a')]));
    assert.equal(event.specversion, '1.0');
    assert.equal(event.type, 'Lockwatch.Incident.Opened');
    assert.equal(event.source, 'https://lockwatch.example.com');
    assert.equal(event.id, 'a1b2c3d4.incident-of-ep-a');
    assert.equal(event.subject, policyId('ep-a'));
    assert.equal(event.time, NOW);
    assert.equal(event.datacontenttype, 'application/json');
    const { incident, causes, environments, policy } = event.data;
    assert.deepEqual(
      [incident.state, incident.drill, incident.url],
      ['revoked', false, 'https://lockwatch.example.com/incidents/incident-of-ep-a'],
    );
    assert.equal(causes[0].trigger, 'key-disabled');
    assert.match(causes[0].remediation[0].command, /^az keyvault key set-attributes/);
    assert.deepEqual([environments.total, environments.listed, environments.items.length], [2, 2, 2]);
    assert.equal(policy.name, 'ep-a');
  });

  it('more environments than are listed are counted', () => {
    const many = Array.from({ length: 1000 }, (_, n) => anEnvironment(n));
    const [event] = bodies(PRESETS.cloudevents, aNotice('opened', [anIncident('ep-a', {}, many)]));
    assert.deepEqual([event.data.environments.total, event.data.environments.listed], [1000, 200]);
  });

  it('one event for each incident; notices of the watch have types of their own', () => {
    const two = bodies(PRESETS.cloudevents, aNotice('opened', [anIncident('ep-a'), anIncident('ep-b')]));
    assert.deepEqual(
      two.map(({ id }) => id),
      ['a1b2c3d4.incident-of-ep-a', 'a1b2c3d4.incident-of-ep-b'],
    );
    assert.deepEqual(
      [VISIBILITY_LOST, visibilityAgain(0), WARNING, UNDELIVERED].flatMap((notice) =>
        bodies(PRESETS.cloudevents, notice).map(({ type }) => type),
      ),
      [
        'Lockwatch.Watch.VisibilityLost',
        'Lockwatch.Watch.VisibilityRestored',
        'Lockwatch.Watch.Warning',
        'Lockwatch.Watch.Undelivered',
      ],
    );
    const [visibilityLost] = bodies(PRESETS.cloudevents, VISIBILITY_LOST);
    assert.equal(visibilityLost.data.gaps[0].remediation, 'Give it Reader.');
    assert.equal(visibilityLost.subject, undefined);
    const [undelivered] = bodies(PRESETS.cloudevents, UNDELIVERED);
    assert.equal(undelivered.data.undelivered.channel, 'email');
  });

  it('is signed over the time and the body, and the check of docs/integrate.md accepts it and nothing else', async (context) => {
    const { channel, got } = await aHook(context, PRESETS.cloudevents, (_got, response) => response.end());
    await channel.send(aNotice('opened', [anIncident('ep-a')]), never());
    const [request] = got;
    assert.match(request?.headers['content-type'] ?? '', /^application\/cloudevents\+json/);
    const check = (body: string, secret: string, nowMs = Date.now()) =>
      isFromLockwatch(request?.headers ?? {}, body, secret, nowMs);
    assert(check(request?.body ?? '', 'signing-secret'));
    assert(!check(`${request?.body} `, 'signing-secret'));
    assert(!check(request?.body ?? '', 'another-secret'));
    assert(!check(request?.body ?? '', 'signing-secret', Date.now() + 600_000), 'an old one is not taken');
  });

  it('without a secret nothing is signed', () => {
    assert.equal(cloudEventsPreset({ say: SAY }).sign, undefined);
  });
});

/** As docs/integrate.md shows it. */
function isFromLockwatch(
  headers: Record<string, string | string[] | undefined>,
  body: string,
  secret: string,
  nowMs: number,
): boolean {
  const timestamp = String(headers['lockwatch-timestamp']);
  const given = Buffer.from(String(headers['lockwatch-signature']));
  const wanted = Buffer.from(
    `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`,
  );
  const isRecent = Math.abs(nowMs / 1000 - Number(timestamp)) < 300;
  return isRecent && given.length === wanted.length && timingSafeEqual(given, wanted);
}

describe('PagerDuty', () => {
  it('opens one alert for each incident, and resolves the same one at the end', () => {
    const opened = pagerDuty(aNotice('opened', [anIncident('ep-a'), anIncident('ep-b')]));
    assert.deepEqual(
      opened.map(({ event_action, dedup_key }) => [event_action, dedup_key]),
      [
        ['trigger', 'lockwatch-incident-of-ep-a'],
        ['trigger', 'lockwatch-incident-of-ep-b'],
      ],
    );
    const [first] = opened;
    assert.equal(first.routing_key, 'routing-key');
    assert.equal(first.payload.severity, 'critical');
    assert.equal(first.payload.class, 'key-disabled');
    assert.match(first.payload.summary, /^Lockwatch: 2 environments/);
    assert.equal(first.links[0].href, 'https://lockwatch.example.com/incidents/incident-of-ep-a');
    const [closed] = pagerDuty(aNotice('closed', [anIncident('ep-a', { state: 'closed' })]));
    assert.deepEqual(closed, {
      routing_key: 'routing-key',
      event_action: 'resolve',
      dedup_key: 'lockwatch-incident-of-ep-a',
    });
  });

  it('wakes somebody for what is new or urgent, and keeps quiet about what somebody has in hand', () => {
    const acknowledged = { by: { name: 'Ada' }, at: NOW };
    const of = (reason: Notice['reason'], changes = {}) =>
      actions(aNotice(reason, [anIncident('ep-a', changes)]));
    assert.deepEqual(of('reminder'), ['trigger']);
    assert.deepEqual(of('reminder', { acknowledged }), ['trigger', 'acknowledge']);
    assert.deepEqual(of('reminder', { state: 'accessRestored' }), [], 'enabling is work for office hours');
    for (const reason of ['eased', 'actorLearnt', 'silenced', 'keyUnreachable'] as const)
      assert.deepEqual(of(reason, { acknowledged }), [], reason);
    for (const reason of ['worsened', 'deadline', 'confirmed'] as const)
      assert.deepEqual(of(reason, { acknowledged }), ['trigger'], reason);
    assert.deepEqual(of('closed', { state: 'dismissed' }), ['resolve']);
    assert.deepEqual(of('closed', { state: 'closed', acknowledged }), ['resolve']);
  });

  it('acknowledges every key that was sent, ends those of the access when it is back, and all at the end', () => {
    const notification = {
      causes: [],
      remindFrom: NOW,
      reminded: 0,
      alerts: ['', 'confirmed', 'lost-again-1', 'deadline-3d'],
    };
    const of = (reason: Notice['reason'], changes = {}) =>
      pagerDuty(aNotice(reason, [anIncident('ep-a', { notification, ...changes })])).map(
        ({ event_action, dedup_key }) =>
          `${event_action} ${dedup_key.replace('lockwatch-incident-of-ep-a', '')}`,
      );
    assert.deepEqual(of('acknowledged', { acknowledged: { by: { name: 'Ada' }, at: NOW } }), [
      'acknowledge ',
      'acknowledge -confirmed',
      'acknowledge -lost-again-1',
      'acknowledge -deadline-3d',
    ]);
    assert.deepEqual(of('accessRestored', { state: 'accessRestored' }), [
      'resolve ',
      'resolve -confirmed',
      'resolve -lost-again-1',
    ]);
    for (const state of ['closed', 'dismissed'] as const)
      assert.deepEqual(of('closed', { state }), [
        'resolve ',
        'resolve -confirmed',
        'resolve -lost-again-1',
        'resolve -deadline-3d',
      ]);
  });

  it('grades: revoked, suspected, access back, drill', () => {
    const severity = (changes: object, reason: Notice['reason'] = 'opened') =>
      pagerDuty(aNotice(reason, [anIncident('ep-a', changes)]))[0].payload.severity;
    assert.equal(severity({ state: 'revoked' }), 'critical');
    assert.equal(severity({ state: 'suspected' }), 'error');
    assert.equal(severity({ state: 'accessRestored' }), 'warning');
    assert.equal(severity({ state: 'revoked', drill: true }), 'info');
  });

  it('a drill is opened and resolved at once', () => {
    const drill = drillNotice({ id: '1', now: NOW });
    assert.deepEqual(actions(drill), ['trigger', 'resolve']);
    assert.match(pagerDuty(drill)[0].payload.summary, /drill/i);
  });

  it('each visibility gap is an alert of its own until it is over, and each installation has its own', () => {
    const gap = (id: string) => ({
      id,
      text: `The vault ${id} can not be read.`,
      remediation: '',
      since: NOW,
    });
    const about = (reason: 'visibilityLost' | 'visibilityRestored', ids: string[], publicUrl?: string) =>
      pagerDuty(
        aNotice(reason, [], {
          ...(publicUrl ? { publicUrl } : {}),
          visibility: { id: 'v', reason, at: NOW, gaps: ids.map(gap), remainingGaps: 1 },
        }),
      ).map(({ event_action, dedup_key }) => [event_action, dedup_key]);
    const [[did, first] = [], [, second] = []] = about('visibilityLost', ['kv-a', 'kv-b']);
    assert.equal(did, 'trigger');
    assert.notEqual(first, second);
    assert.deepEqual(about('visibilityRestored', ['kv-b']), [['resolve', second]]);
    assert.notEqual(about('visibilityLost', ['kv-a'], 'https://other.example.com')[0]?.[1], first);
  });

  it('urgent warnings wake somebody, milder ones wake nobody, and each alert ends by its key', () => {
    const digest = (severity: 'urgent' | 'warning', alerts: { opens: string[]; ends: string[] }) =>
      pagerDuty(
        aNotice('warning', [], {
          visibility: {
            ...(WARNING.visibility ?? assert.fail()),
            warnings: { items: [{ severity, text: 'x', steps: [] }], more: 0, alerts },
          },
        }),
      ).map(({ event_action, dedup_key, payload }) => [
        event_action,
        dedup_key.replace(/^lockwatch-\w{8}-/, ''),
        payload?.severity,
      ]);
    assert.deepEqual(digest('urgent', { opens: ['urgent-b'], ends: ['urgent-a'] }), [
      ['trigger', 'urgent-b', 'error'],
      ['resolve', 'urgent-a', undefined],
    ]);
    assert.deepEqual(digest('warning', { opens: ['warnings'], ends: [] }), []);
    assert.deepEqual(digest('warning', { opens: [], ends: ['urgent-b'] }), [
      ['resolve', 'urgent-b', undefined],
    ]);
  });

  it('a channel that gave up has an alert of its own, whatever it gave up on', () => {
    const { undelivered } = UNDELIVERED;
    const about = pagerDuty(
      aNotice('undelivered', [anIncident('ep-a'), anIncident('ep-b')], { undelivered }),
    );
    for (const [event, ...others] of [pagerDuty(UNDELIVERED), about]) {
      assert.equal(others.length, 0);
      assert.match(event.dedup_key, /-undelivered-email$/);
      assert.equal(event.event_action, 'trigger');
    }
    const [end] = pagerDuty(DELIVERY_RESTORED);
    assert.deepEqual([end.event_action, end.dedup_key], ['resolve', pagerDuty(UNDELIVERED)[0].dedup_key]);
  });
});

describe('ServiceNow', () => {
  it('one record for each incident, in the fields and lengths that Event Management knows', () => {
    const all = records(aNotice('opened', [anIncident('ep-a'), anIncident('x'.repeat(300))]));
    assert.equal(all.length, 2);
    const [first] = all;
    assert.deepEqual(
      [first?.source, first?.message_key, first?.severity, first?.resolution_state, first?.time_of_event],
      ['Lockwatch', 'lockwatch-incident-of-ep-a', '1', 'New', '2025-11-23 02:13:53'],
    );
    assert.equal(JSON.parse(first?.additional_info ?? '').incident.id, 'incident-of-ep-a');
    for (const record of all) {
      for (const field of ['source', 'node', 'type', 'resource', 'metric_name', 'event_class'])
        assert((record[field]?.length ?? 0) <= 100, field);
      assert((record.description?.length ?? 0) <= 4000);
    }
  });

  it('is cleared at the end, and a drill is opened and cleared', () => {
    const [closed] = records(aNotice('closed', [anIncident('ep-a', { state: 'closed' })]));
    assert.deepEqual(
      [closed?.severity, closed?.resolution_state, closed?.message_key],
      ['0', 'Closing', 'lockwatch-incident-of-ep-a'],
    );
    const drill = records(drillNotice({ id: '1', now: NOW }));
    assert.deepEqual(
      drill.map(({ severity, time_of_event }) => [severity, time_of_event]),
      [
        ['5', '2025-11-23 02:13:53'],
        ['0', '2025-11-23 02:13:54'],
      ],
    );
  });

  it('signs in with user and password, and acknowledging is nothing that it needs to hear', () => {
    const acknowledged = { by: { name: 'Ada' }, at: NOW };
    const notice = aNotice('reminder', [anIncident('ep-a', { acknowledged })]);
    const [part] = PRESETS.servicenow.parts(notice);
    assert.equal(part?.headers.authorization, `Basic ${Buffer.from('user:pässword').toString('base64')}`);
    assert.equal(records(notice).length, 1);
  });

  it('many incidents are several requests', () => {
    const many = Array.from({ length: 45 }, (_, n) => anIncident(`ep-${n}`));
    assert.equal(PRESETS.servicenow.parts(aNotice('opened', many)).length, 3);
  });
});

describe('Slack', () => {
  const NASTY = '<!channel> <https://evil.example|click> & *bold* `code`';

  it('has a text for the notification, and blocks with everything of the message', () => {
    const { text, blocks } = slackBody(say(aNotice('opened', [anIncident('ep-a')]), SAY));
    assert.match(text, /^2 environments/);
    const all = JSON.stringify(blocks);
    for (const part of ['az keyvault key set-attributes', 'Environment 1', 'ep-a', 'This incident'])
      assert(all.includes(part), part);
  });

  it('no name becomes a mention or a link', () => {
    const nasty = anIncident('ep-a', {}, [anEnvironment(1, { displayName: NASTY })]);
    const { text, blocks } = slackBody(say(aNotice('opened', [{ ...nasty, policyName: NASTY }]), SAY));
    const marked = JSON.stringify(
      blocks.filter((block) => !('text' in block && JSON.stringify(block).includes('plain_text'))),
    );
    for (const said of [text, marked]) {
      assert(!said.includes('<!channel'), said);
      assert(!said.includes('<https://evil'), said);
    }
    assert(marked.includes('&lt;!channel&gt;'));
    assert(
      blocks.every(
        (block) =>
          !JSON.stringify(block).includes('"mrkdwn"') || JSON.stringify(block).includes('"verbatim":true'),
      ),
    );
  });

  it('keeps to the limits of Slack for any message, and cuts at whole lines', () => {
    const long = '&<'.repeat(5000);
    const message: Message = {
      ...say(aNotice('opened', [anIncident('ep-a')]), SAY),
      title: long,
      summary: long,
      lead: ['first', long],
      sections: Array.from({ length: 80 }, () => ({ id: 'happened' as const, heading: long, texts: [long] })),
    };
    const { text, blocks } = slackBody(message);
    assert(text.length <= 3000 && blocks.length <= 50);
    for (const block of blocks)
      for (const one of JSON.stringify(block).matchAll(/"text":"((?:[^"\\]|\\.)*)"/g))
        assert((one[1]?.length ?? 0) <= 3000, `${one[1]?.length}`);
    assert(JSON.stringify(blocks[1]).includes('first\\n…'));
  });
});

/** A webhook on loopback. */
async function aHook(context: TestContext, preset: WebhookPreset, answer: Answer) {
  const { origin, got } = await aServer(context, answer);
  const channel = createWebhookChannel({
    name: 'webhook',
    url: `${origin}/hook`,
    setting: 'LOCKWATCH_WEBHOOK_URL',
    preset,
  });
  return { channel, got };
}

const SUCCESS = '{"status":"success","message":"Event processed"}';

describe('a notice of several parts', () => {
  const THREE = aNotice('opened', [anIncident('ep-a'), anIncident('ep-b'), anIncident('ep-c')]);

  it('goes on where the last try ended, and repeats nothing', async (context) => {
    let calls = 0;
    const { channel, got } = await aHook(context, PRESETS.pagerduty, (_got, response) =>
      response.writeHead(++calls === 2 ? 503 : 202).end(SUCCESS),
    );
    const progress = noProgress();
    const first = await channel.send({ ...THREE, progress }, never());
    assert(first.outcome === 'failed' && !first.permanent);
    assert.match(first.detail, /^1 of 3 were taken; /);
    const second = await channel.send({ ...THREE, progress }, never());
    assert.equal(second.outcome, 'sent', second.detail);
    const keys = got.map(({ body }) => JSON.parse(body).dedup_key.at(-1));
    assert.deepEqual(keys, ['a', 'b', 'b', 'c']);
  });

  it('one that is refused for good does not hold up the others, and is told', async (context) => {
    const { channel, got } = await aHook(context, PRESETS.cloudevents, ({ body }, response) =>
      response.writeHead(body.includes('incident-of-ep-b') ? 422 : 202).end(),
    );
    const result = await channel.send(THREE, never());
    assert(result.outcome === 'failed' && result.permanent);
    assert.match(result.detail, /^2 of 3 were taken; .*422/);
    assert.equal(got.length, 3);
  });

  it('a later notice of the same incidents is sent whole', async (context) => {
    const { channel, got } = await aHook(context, PRESETS.pagerduty, (_got, response) =>
      response.end(SUCCESS),
    );
    await channel.send(THREE, never());
    await channel.send({ ...THREE, messageId: 'another', reason: 'reminder' }, never());
    assert.equal(got.length, 6);
  });
});
