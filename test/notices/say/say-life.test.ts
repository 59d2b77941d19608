import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Incident } from '../../../shared/incidents/incident.ts';
import { NOTICE_REASONS, type NoticeReason } from '../../../shared/incidents/notice-reason.ts';
import type { Notice } from '../../../shared/notices/notice.ts';
import type { Message, Section } from '../../../shared/notices/say/message.ts';
import { say } from '../../../shared/notices/say/say.ts';
import { last, RESTORED, REVOKED } from '../../incidents/play.ts';
import {
  aNotice,
  anEnvironment,
  anIncident,
  causeOf,
  KEY_DISABLED,
  NOW,
  OPENED_AT,
  SAY,
} from '../a-notice.ts';

/** What is said in an incident's life after its first notice: who has it, silences, reminders, the end, drills. */
const saying = (notice: Notice): Message => say(notice, SAY);
const section = (message: Message, id: Section['id']) => message.sections.find((one) => one.id === id);
const words = (message: Message) => JSON.stringify(message);
const ANN = { name: 'Ann' };
const fact = (message: Message, label: string) => message.glance.find((one) => one.label === label)?.value;

test('an open incident says who has it, and links to the page with the forms, without a key', () => {
  const free = saying(aNotice('opened', [anIncident('ep-a')]));
  assert.equal(fact(free, 'Who has it'), 'nobody yet');
  assert.equal(section(free, 'assignee'), undefined, 'the facts and the link have said all of it');
  const page = 'https://lockwatch.example.com/incidents/incident-of-ep-a';
  assert.deepEqual(
    free.links.filter(({ url }) => url.startsWith('https://lockwatch.example.com')),
    [
      { text: 'This incident', short: 'The incident', url: page },
      { text: 'Acknowledge or silence it', short: 'Acknowledge', url: `${page}#actions` },
    ],
  );
  const acknowledged = { by: ANN, at: NOW, why: 'on it' };
  const taken = saying(aNotice('reminder', [anIncident('ep-a', { acknowledged })]));
  assert.equal(fact(taken, 'Who has it'), 'Ann');
  const said = section(taken, 'assignee')?.texts.join(' ') ?? '';
  assert.match(said, /Ann has it, since Sun 23 Nov 2025, 02:13 UTC: on it\./);
  assert.doesNotMatch(said, /On its page/, 'the link has said it');
  assert.doesNotMatch(words(taken), /take it, which|Acknowledge or/, 'who has it is not asked to take it');
});

for (const [title, reason, changes] of [
  ['no environment is known', 'keyUnreachable', { noEnvironments: true }],
  [
    'something harmless is likely',
    'suspected',
    {
      state: 'suspected',
      causes: [causeOf({ ...KEY_DISABLED, verdict: 'suspected', level: 'warning' })],
    },
  ],
  ['people were asked to close it', 'reminder', { askedToCloseAt: NOW }],
] as const satisfies [string, NoticeReason, Partial<Incident>][]) {
  test(`where ${title}, "Who has it" mentions no reminders and no deadline, since none follow`, () => {
    const silence = { by: ANN, at: NOW, from: NOW, until: '2025-11-24T02:00:00.000Z', why: 'a rebuild' };
    const of = (more: Partial<Incident>) =>
      section(
        saying(aNotice(reason, [anIncident('ep-a', { ...changes, ...more })], { publicUrl: undefined })),
        'assignee',
      )?.texts.join(' ');
    assert.match(of({}) ?? '', /On its page \(.*\) you can take it; (or )?ask for quiet/);
    assert.match(of({ silence }) ?? '', /A worsening is reported all the same\./);
    assert.doesNotMatch(of({ silence }) ?? '', /reminder|deadline/);
  });
}

test('no link and no sentence of a notice leads to JSON or asks for a POST', () => {
  for (const reason of [
    'opened',
    'reminder',
    'worsened',
    'accessRestored',
    'undelivered',
    'silenced',
  ] as const)
    for (const incidents of [[anIncident('ep-a')], [anIncident('ep-a'), anIncident('ep-b')]])
      assert.doesNotMatch(
        words(saying(aNotice(reason, incidents))).replaceAll('https://api.powerplatform.com', ''),
        /\/api\b|\bPOST\b|\bGET \//,
        reason,
      );
});

test('without a public address the way to acknowledge is reported all the same', () => {
  const message = saying(aNotice('opened', [anIncident('ep-a')], { publicUrl: undefined }));
  assert.match(
    section(message, 'assignee')?.texts.join(' ') ?? '',
    /On its page \(https:\/\/<your app>\/incidents\/incident-of-ep-a#actions\) you can take it, which stops the reminders; or ask for quiet/,
  );
  const two = aNotice('opened', [anIncident('ep-a'), anIncident('ep-b')], { publicUrl: undefined });
  assert.match(
    section(saying(two), 'assignee')?.texts.join(' ') ?? '',
    /On the page of each incident \(https:\/\/<your app>\/incidents\?state=open\) you can take it/,
  );
});

test('a silence is reported while it lasts, with its author, end and reason, and what it lets through', () => {
  const silence = {
    from: OPENED_AT,
    until: '2025-11-24T08:00:00.000Z',
    by: ANN,
    why: 'planned',
    at: OPENED_AT,
  };
  const during = saying(aNotice('worsened', [anIncident('ep-a', { silence })]));
  assert.equal(fact(during, 'Silence'), 'Ann asked for silence until Mon 24 Nov 2025, 08:00 UTC: planned');
  assert.match(section(during, 'assignee')?.texts.join(' ') ?? '', /A worsening.*is reported all the same/);
  const after = saying(
    aNotice('reminder', [anIncident('ep-a', { silence })], { at: '2025-11-24T08:00:00.000Z' }),
  );
  assert.equal(fact(after, 'Silence'), undefined);
});

test('a support case is reported by its number', () => {
  const supportCase = { number: '251123', by: ANN, at: NOW };
  assert.equal(
    fact(saying(aNotice('reminder', [anIncident('ep-a', { supportCase })])), 'Support case'),
    '251123',
  );
});

test('a reminder tells for how long, in each state, and what is left to do', () => {
  const after = (ms: number) => ({ at: new Date(Date.parse(OPENED_AT) + ms).toISOString() });
  const revoked = saying(aNotice('reminder', [anIncident('ep-a')], after(4 * 3_600_000)));
  assert.match(revoked.title, /^Reminder, 2 environments offline for 4 hours: key disabled/);
  const suspected = saying(
    aNotice('reminder', [anIncident('ep-a', { state: 'suspected' })], after(3_600_000)),
  );
  assert.match(suspected.lead.join(' '), /After 1 hour this is still only a suspicion.*open one of the env/);
  const restored = { state: 'accessRestored', accessRestoredAt: OPENED_AT } as const;
  const waiting = [anEnvironment(1, { state: 'awaitingReEnable' }), anEnvironment(2, { state: 'enabled' })];
  const back = saying(aNotice('reminder', [anIncident('ep-a', restored, waiting)], after(4 * 3_600_000)));
  assert.match(back.title, /^Reminder, 1 environment still not enabled, 4 hours after access came back/);
  assert.equal(section(back, 'remediation'), undefined, 'nothing is left to undo');
});

test('where an inventory tells the environments, only a person can close, and the reminder says so', () => {
  const restored = {
    state: 'accessRestored',
    accessRestoredAt: OPENED_AT,
    environmentsSource: 'inventory',
  } as const;
  const unknown = [anEnvironment(1, { state: 'unknown' })];
  const message = saying(
    aNotice('reminder', [anIncident('ep-a', restored, unknown)], { publicUrl: undefined }),
  );
  assert.match(message.lead.join(' '), /never closes by itself.*close this incident, with a reason/);
  assert.match(section(message, 'assignee')?.texts.join(' ') ?? '', /or close it, with a reason/);
});

test('what a silence or the flapping held back says first why it comes now, with readable times', () => {
  const because = 'The silence that Ann asked for ended at 2025-11-23T08:00:00.000Z. Access is still lost.';
  for (const reason of ['reminder', 'opened', 'confirmed', 'worsened', 'accessRestored'] as const) {
    const message = saying(aNotice(reason, [{ ...anIncident('ep-a'), because }]));
    assert.match(
      message.lead.join(' '),
      /silence that Ann asked for ended at Sun 23 Nov 2025, 08:00 UTC/,
      reason,
    );
    assert.equal(message.lead.join(' ').match(/that Ann asked for/g)?.length, 1, reason);
  }
});

test('a relapse is reported as access lost again, by the very words in which it was decided', () => {
  const { kind, incident, notices } = last(...RESTORED, { seconds: 120 + 86_400, verdicts: REVOKED });
  assert.equal(kind, 'relapsed');
  assert(incident);
  const because = notices[0]?.because;
  const message = saying(aNotice('worsened', [{ incident, because, policyName: 'ep-a', environments: [] }]));
  assert.match(message.title, /^Access lost again, /);
  assert.match(message.lead.join(' '), /must be enabled once more/);
  assert.match(section(message, 'since')?.texts.join(' ') ?? '', /was lost again at/);
});

test('an incident that a person closed says who, why, and names what was not seen enabled', () => {
  const closed = { state: 'closed', closedBy: { by: ANN, why: 'all moved.' } } as const;
  const message = saying(aNotice('closed', [anIncident('ep-a', closed)]));
  assert.match(message.lead[0] ?? '', /^Ann closed this incident: all moved\.$/);
  assert.match(message.lead[2] ?? '', /not seen enabled: Environment 1 and Environment 2\. Check them/);
  assert.equal(fact(message, 'Closed'), 'by Ann');
  assert.equal(section(message, 'assignee'), undefined, 'nobody need take what is closed');
});

test('a cause that stood when a person closed the incident is never said to read clear', () => {
  const closedBy = { by: ANN, why: 'retired' };
  const standing = saying(aNotice('closed', [anIncident('ep-a', { state: 'closed', closedBy })]));
  assert.match(standing.lead[1] ?? '', /^Access had NOT come back/);
  assert.match(section(standing, 'happened')?.texts[0] ?? '', /^It had not read clear/);
  assert.equal(standing.tone, 'warning');
  const back = { state: 'closed', closedBy, accessRestoredAt: OPENED_AT } as const;
  const over = saying(aNotice('closed', [anIncident('ep-a', back)]));
  assert(!words(over).includes('NOT come back'));
  assert.match(section(over, 'happened')?.texts[0] ?? '', /^It reads clear now/);
});

test('a channel that gave up is named, with what, since when, why, and what to check', () => {
  const undelivered = {
    channel: 'teams-ops',
    reason: 'opened',
    since: OPENED_AT,
    because: 'it answered 404',
  } as const;
  const message = saying(
    aNotice('undelivered', [anIncident('ep-a')], { undelivered, at: '2025-11-24T02:13:52.000Z' }),
  );
  assert.match(message.title, /teams-ops gave up: “environments went offline” about policy ep-a/);
  assert.match(words(message), /it answered 404\./);
  assert.match(fact(message, 'Waiting since') ?? '', /Sun 23 Nov 2025, 02:13 UTC, 1 day ago/);
  assert.match(JSON.stringify(section(message, 'remediation')?.steps), /Power Automate/);
  for (const channel of ['email-acs', 'webhook-pagerduty', 'eventgrid', 'x']) {
    const other = saying(aNotice('undelivered', [], { undelivered: { ...undelivered, channel } }));
    assert.match(JSON.stringify(section(other, 'remediation')?.steps), /with a drill/, channel);
    assert(!/Power Automate/.test(words(other)), channel);
  }
});

test('a drill is marked in title, toast, glance and mail, asks nobody to undo anything, and ends with what a real one would', () => {
  for (const reason of NOTICE_REASONS) {
    const message = saying(aNotice(reason, [anIncident('ep-a', { drill: true })]));
    for (const said of [message.title, message.summary, message.topic]) assert.match(said, /^DRILL/, reason);
    assert.match(message.lead[0] ?? '', /This is a drill\. Nothing is offline/);
    assert.equal(message.glance[0]?.value, 'a DRILL, nothing is wrong');
    assert.equal(message.tone, 'info');
    assert.equal(message.sections.at(-1)?.heading, 'What a real one would ask for');
    assert(!message.sections.some(({ id }) => id === 'remediation' || id === 'deadline'), reason);
    assert(
      !message.sections.some(({ policies }) =>
        policies?.some((one) => one.environments.some(({ state }) => state === 'offline')),
      ),
    );
  }
});

test('what eased says which cause is gone in words, and leaves names that look like our ids', () => {
  const because =
    'No longer a cause: permissions-revoked. Access is not back: key-disabled still stands (vault key-disabled-2).';
  const message = saying(aNotice('eased', [{ ...anIncident('ep-a'), because }]));
  assert.match(
    message.lead[0] ?? '',
    /cause: permissions revoked\. .* key disabled still stands \(vault key-disabled-2\)/,
  );
});
