import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Incident } from '../../../shared/incidents/incident.ts';
import { NOTICE_REASONS } from '../../../shared/incidents/notice-reason.ts';
import type { Notice } from '../../../shared/notices/notice.ts';
import type { Message, Section } from '../../../shared/notices/say/message.ts';
import { say } from '../../../shared/notices/say/say.ts';
import {
  aNotice,
  anEnvironment,
  anIncident,
  causeOf,
  KEY_DISABLED,
  NOW,
  OPENED_AT,
  SAY,
  vaultDeleted,
} from '../a-notice.ts';

const saying = (notice: Notice): Message => say(notice, SAY);
const section = (message: Message, id: Section['id']) => message.sections.find((one) => one.id === id);
const words = (message: Message) => JSON.stringify(message);

test('the sections stand in the order in which a person needs them', () => {
  const ids = (changes: Partial<Incident>) =>
    saying(aNotice('opened', [anIncident('ep-a', changes)])).sections.map(({ id }) => id);
  const known = {
    actor: { kind: 'user', name: 'eve@contoso.com' },
    actedAt: OPENED_AT,
    acknowledged: { by: { name: 'Ann' }, at: NOW },
  } as const;
  assert.deepEqual(ids(known), [
    'remediation',
    'next',
    'down',
    'since',
    'happened',
    'who',
    'deadline',
    'assignee',
  ]);
  assert.deepEqual(
    ids({}),
    ['remediation', 'next', 'down', 'happened', 'deadline'],
    'what is not known is a word in the facts, and no section',
  );
});

test('every reason has a headline of one bounded line and names its policy somewhere', () => {
  for (const reason of NOTICE_REASONS) {
    const message = saying(aNotice(reason, [anIncident('ep-a')]));
    assert(message.title.length > 10 && message.title.length <= 150, reason);
    assert(message.lead.length > 0, reason);
    assert(words(message).includes('ep-a'), reason);
  }
});

test('no message promises what is not known: nothing says undefined, NaN or Invalid', () => {
  const bare = anIncident(
    '',
    {
      id: '',
      policyId: '',
      openedAt: 'x',
      causes: [],
      recoverBy: 'never',
      recoverByBecause: '',
      environmentsAsOf: undefined,
      environmentsSource: undefined,
    },
    [anEnvironment(1, { displayName: '', id: '', sku: '', region: '', deletedAt: '' })],
  );
  for (const reason of NOTICE_REASONS)
    for (const changes of [{}, { at: 'x', publicUrl: undefined }]) {
      const message = saying(aNotice(reason, [bare], changes));
      assert(!/undefined|NaN|Invalid|\[object/.test(words(message)), `${reason}: ${words(message)}`);
    }
});

test('a suspicion is never called certain, and says why and what to check', () => {
  const message = saying(aNotice('suspected', [anIncident('ep-a', { state: 'suspected' })]));
  assert(!/\boffline\b/.test(words(message)), words(message));
  assert.match(message.lead.join(' '), /only a suspicion.*Why it is not certain.*What to do: open one/);
});

test('a worsened suspicion is still reported as one', () => {
  const message = saying(aNotice('worsened', [anIncident('ep-a', { state: 'suspected' })]));
  assert.match(message.title, /may be locked/);
});

test('access restored says that nothing is enabled yet, and shows the way for each environment', () => {
  const message = saying(
    aNotice('accessRestored', [
      anIncident('ep-a', { state: 'accessRestored', accessRestoredAt: NOW }, [
        anEnvironment(1, { state: 'awaitingReEnable' }),
        anEnvironment(2, { state: 'enabled' }),
      ]),
    ]),
  );
  assert.match(message.title, /^Access is back, now enable 1 environment/);
  assert.match(message.lead.join(' '), /NOT enabled yet/);
  assert.match(
    section(message, 'next')?.texts.join(' ') ?? '',
    /Re-enable environment.*5 minutes.*Microsoft Support/,
  );
  assert.equal(section(message, 'remediation'), undefined);
  assert.deepEqual(
    section(message, 'down')?.policies?.[0]?.environments.map(({ name }) => name),
    ['Environment 1'],
  );
});

test('access restored claims nothing of environments whose state is not known', () => {
  const environments = [anEnvironment(1, { state: 'unknown' })];
  const message = saying(
    aNotice('accessRestored', [anIncident('ep-a', { state: 'accessRestored' }, environments)]),
  );
  assert(!words(message).includes('NOT enabled yet'));
  assert.match(message.lead.join(' '), /is not known/);
});

test('only a message of restored access says that access is back or restored', () => {
  for (const reason of NOTICE_REASONS.filter((one) => one !== 'accessRestored')) {
    const message = saying(aNotice(reason, [anIncident('ep-a')]));
    assert(!/access is back|access .*restored/i.test([message.title, ...message.lead].join('\n')), reason);
  }
});

test('closed says so where an environment was not seen enabled', () => {
  const all = saying(aNotice('closed', [anIncident('ep-a', {}, [anEnvironment(1, { state: 'enabled' })])]));
  assert.match(all.lead.join(' '), /1 environment is enabled again/);
  assert.equal(all.tone, 'good');
  const some = saying(
    aNotice('closed', [anIncident('ep-a', {}, [anEnvironment(1), anEnvironment(2, { state: 'enabled' })])]),
  );
  assert.match(some.lead.join(' '), /1 environment of it was not seen enabled: Environment 1\. Check it/);
});

test('a cause that policies share is reported once, and each policy lists its own environments', () => {
  const message = saying(
    aNotice(
      'opened',
      ['ep-a', 'ep-b'].map((name, index) =>
        anIncident(name, { causes: [causeOf(vaultDeleted(name))] }, [anEnvironment(index)]),
      ),
    ),
  );
  assert.equal(section(message, 'happened')?.texts.length, 1);
  assert.equal(section(message, 'happened')?.evidence?.length, 1);
  assert.deepEqual(
    section(message, 'down')?.policies?.map(({ name, environments }) => [name, environments[0]?.name]),
    [
      ['ep-a', 'Environment 0'],
      ['ep-b', 'Environment 1'],
    ],
  );
  assert.equal(section(message, 'remediation')?.steps?.length, 4);
});

test('a cause that is certain for one policy and suspected for another is reported as certain', () => {
  const certain = anIncident('ep-a', { causes: [causeOf(KEY_DISABLED)] });
  const suspected = anIncident('ep-b', { causes: [causeOf({ ...KEY_DISABLED, verdict: 'suspected' })] });
  for (const incidents of [
    [certain, suspected],
    [suspected, certain],
  ])
    assert.deepEqual(section(saying(aNotice('opened', incidents)), 'happened')?.texts, [
      KEY_DISABLED.summary,
    ]);
});

test('the deadline is the earliest of all, and an estimate is called one', () => {
  const message = saying(
    aNotice('opened', [
      anIncident('ep-a', { recoverBy: '2025-12-23T02:13:52.000Z', recoverByIsEstimate: false }),
      anIncident('ep-b', { recoverBy: '2025-11-30T02:13:52.000Z' }),
    ]),
  );
  const text = section(message, 'deadline')?.texts.join(' ') ?? '';
  assert.equal(
    message.glance.find(({ label }) => label === 'By when')?.value,
    'in 7 days: Sun 30 Nov 2025, 02:13 UTC, an estimate. They may be lost after that',
  );
  assert.match(text, /estimate on the safe side/);
  assert.match(text, /sandbox environments are deleted after 7 days, production environments after 30 days/);
});

test('a date that Azure itself tells is not called an estimate', () => {
  const message = saying(aNotice('opened', [anIncident('ep-a', { recoverByIsEstimate: false })]));
  assert(!section(message, 'deadline')?.texts.join(' ').includes('estimate on the safe side'));
});

test('a deadline that has passed is said to have passed', () => {
  const message = saying(aNotice('reminder', [anIncident('ep-a')], { at: '2026-01-01T00:00:00.000Z' }));
  assert.match(section(message, 'deadline')?.texts[0] ?? '', /Act at once/);
  assert.match(message.summary, /Act at once all the same/);
  assert.match(message.glance.find(({ label }) => label === 'By when')?.value ?? '', /^now past: /);
  const last = saying(aNotice('deadline', [anIncident('ep-a')], { at: '2026-01-01T00:00:00.000Z' }));
  assert.match(last.title, /^The time to save 2 environments is over/);
  assert.match(last.lead.join(' '), /may be lost already.*Microsoft Support/);
});

test('who did it is reported with the address, or that it is not known, in one place', () => {
  const actor = { kind: 'user' as const, name: 'eve@contoso.com', ipAddress: '203.0.113.7' };
  const known = saying(aNotice('opened', [anIncident('ep-a', { actor })]));
  assert.match(section(known, 'who')?.texts[0] ?? '', /user eve@contoso\.com, from 203\.0\.113\.7/);
  const unknown = saying(aNotice('opened', [anIncident('ep-a')]));
  assert.equal(section(unknown, 'who'), undefined);
  assert.equal(unknown.glance.find(({ label }) => label === 'Who did it')?.value, 'not known yet');
});

test('environments that could not be read are counted, not left out', () => {
  const message = saying(aNotice('opened', [anIncident('ep-a', { environmentCount: 12 }, [])]));
  assert.match(message.title, /^12 environments offline/);
  assert.match(section(message, 'down')?.texts.join(' ') ?? '', /names could not be read/);
});

test('where nobody knows the environments, the message says that', () => {
  const message = saying(aNotice('opened', [anIncident('ep-a', {}, [])]));
  assert.match(message.title, /^environments of policy ep-a offline/i);
  assert.match(section(message, 'down')?.texts.join(' ') ?? '', /could not be read/);
});

test('production comes first among the environments, and names are in order', () => {
  const environments = ['Trial', 'Sandbox', 'Production', 'Production'].map((sku, index) =>
    anEnvironment(index, { sku, displayName: `Environment ${9 - index}` }),
  );
  const message = saying(aNotice('opened', [anIncident('ep-a', {}, environments)]));
  assert.deepEqual(
    section(message, 'down')?.policies?.[0]?.environments.map(({ sku, name }) => `${sku} ${name}`),
    ['Production Environment 6', 'Production Environment 7', 'Sandbox Environment 8', 'Trial Environment 9'],
  );
});

test('when the default environment is locked, readers are notified that Teams may go silent', () => {
  const environments = [anEnvironment(1, { sku: 'Default' })];
  const message = saying(aNotice('opened', [anIncident('ep-a', {}, environments)]));
  assert.match(section(message, 'down')?.texts.join(' ') ?? '', /Teams cards may stop/);
});

test('a link from outside that is no web address is dropped', () => {
  const cause = causeOf({ ...KEY_DISABLED, remediation: [{ text: 'x', link: 'javascript:alert(1)' }] });
  const message = saying(aNotice('opened', [anIncident('ep-a', { causes: [cause] })]));
  assert(!words(message).includes('javascript:'));
});

test('without a public address there is no link to the incident', () => {
  const message = saying(aNotice('opened', [anIncident('ep-a')], { publicUrl: undefined }));
  assert(!message.links.some(({ url }) => url.includes('/api/')));
  assert.equal(message.links.length, 2);
});

test('once it is over, what was read is reported as past: it would contradict that access is back', () => {
  for (const [reason, state] of [
    ['accessRestored', 'accessRestored'],
    ['closed', 'closed'],
    ['closed', 'dismissed'],
  ] as const) {
    const happened = section(saying(aNotice(reason, [anIncident('ep-a', { state })])), 'happened');
    assert.equal(happened?.heading, 'What had happened');
    assert.match(happened?.texts[0] ?? '', /^It reads clear now\./);
    assert.equal(happened?.texts[1], KEY_DISABLED.summary);
  }
  const standing = section(saying(aNotice('opened', [anIncident('ep-a')])), 'happened');
  assert.deepEqual([standing?.heading, standing?.texts], ['What happened', [KEY_DISABLED.summary]]);
});

test('a key that expired is nobody’s doing, unless somebody is known to have set the date', () => {
  const expired = causeOf({ ...KEY_DISABLED, trigger: 'key-expired' });
  const incident = { causes: [expired], actedAt: OPENED_AT };
  const message = saying(aNotice('opened', [anIncident('ep-a', incident)]));
  assert.match(section(message, 'who')?.texts[0] ?? '', /^Nobody need have done anything/);
  assert.match(section(message, 'since')?.texts[0] ?? '', /^Azure told of the expiry at /);
  assert.equal(
    message.glance.find(({ label }) => label === 'Who did it')?.value,
    'nobody needed: the key expired',
  );
  const actor = { kind: 'user', name: 'eve@contoso.com' } as const;
  const set = saying(aNotice('opened', [anIncident('ep-a', { ...incident, actor })]));
  assert.match(section(set, 'who')?.texts[0] ?? '', /eve@contoso\.com/);
  const both = saying(aNotice('opened', [anIncident('ep-a', { causes: [expired, causeOf(KEY_DISABLED)] })]));
  assert.equal(section(both, 'who'), undefined);
});

test('where the policy is gone, nobody is sent to the key', () => {
  const gone = causeOf({ ...KEY_DISABLED, trigger: 'policy-deleted' });
  const message = saying(aNotice('opened', [anIncident('ep-a', { causes: [gone] })]));
  assert.match(section(message, 'remediation')?.texts.join() ?? '', /policy itself that is gone/);
});
