import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import type { Incident } from '../../../shared/incidents/incident.ts';
import { teamsBody } from '../../../shared/notices/render/card.ts';
import { emailContent } from '../../../shared/notices/render/email.ts';
import { enableSteps } from '../../../shared/notices/say/enable-steps.ts';
import { say } from '../../../shared/notices/say/say.ts';
import { aNotice, anEnvironment, anIncident, SAY } from '../a-notice.ts';
import { assertValid } from '../card-valid.ts';

const API = 'https://api.powerplatform.com';
const RESTORED: Partial<Incident> = { state: 'accessRestored' };
const waiting = (amount: number) =>
  Array.from({ length: amount }, (_, n) => anEnvironment(n + 1, { state: 'awaitingReEnable' }));
const restored = (environments = waiting(2), changes: Partial<Incident> = {}) =>
  aNotice('accessRestored', [anIncident('ep-a', { ...RESTORED, ...changes }, environments)]);
/** The requests that a shell would send: `az` is a function that prints its arguments, one a line. */
const sentBy = (command = '') =>
  execFileSync('bash', ['-c', `az() { printf '<%s>' "$@"; echo; }; ${command}`], { encoding: 'utf8' })
    .trim()
    .split('\n');

describe('once access is back, the environments can be enabled by one command', () => {
  it('dry run first, then without it, one request for each environment, as bash reads it', () => {
    const [dry, enable] = enableSteps(restored(), API);
    const ids = waiting(2).map(({ id }) => id);
    for (const [step, parameters] of [
      [dry, '&ValidateOnly=true'],
      [enable, ''],
    ] as const)
      assert.deepEqual(
        sentBy(step?.command),
        ids.flatMap((id) => [
          id,
          `<rest><--method><post><--resource><${API}><--url><${API}/environmentmanagement/environments/${id}/Enable?api-version=2024-10-01${parameters}><--body><{"reason":"Access to the encryption key is back"}>`,
        ]),
      );
    assert.match(dry?.text ?? '', /Dry run.*changes nothing/);
    assert.match(enable?.text ?? '', /not proven for environments that were locked by their key/);
  });

  it('names the admin center before them, in the email and on the page alike', () => {
    const { text } = emailContent(say(restored(), SAY));
    const order = [
      'WHAT TO DO NOW',
      'admin center',
      'commands of the next',
      'ValidateOnly=true',
      'Then enable them',
    ];
    const places = order.map((words) => text.indexOf(words));
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
    );
    assert.ok(
      places.every((place) => place !== -1),
      `${places}`,
    );
  });

  it('leaves out those that are enabled, deleted or no longer listed, and ids that are none', () => {
    const [first, second, third, fourth, fifth] = waiting(5);
    assert.ok(first && second && third && fourth && fifth);
    const notice = restored(
      [
        first,
        { ...second, state: 'enabled' },
        { ...third, state: 'deleted' },
        fourth,
        { ...fifth, id: '$(reboot)' },
      ],
      { environmentsLeft: [fourth.id] },
    );
    assert.match(enableSteps(notice, API)[0]?.command ?? '', new RegExp(`^for id in ${first.id}; do `));
  });

  it('names 200 at most, and how to go on', () => {
    const notice = restored(waiting(10_000));
    const [dry] = enableSteps(notice, API);
    assert.match(dry?.text ?? '', /the first 200 of 10,000 environments/);
    assert.equal(dry?.command?.match(/00000000-0000/g)?.length, 200);
    assertValid(teamsBody(say(notice, SAY)));
  });

  for (const [title, steps] of [
    ['in a cloud whose address is not published', enableSteps(restored(), undefined)],
    ['in a drill', enableSteps(restored(waiting(2), { drill: true }), API)],
    ['where none waits', enableSteps(restored([]), API)],
  ] as const)
    it(`is not offered ${title}`, () => assert.deepEqual(steps, []));

  it('is not offered while the key is lost: it would fail', () => {
    const { text } = emailContent(say(aNotice('opened', [anIncident('ep-a')]), SAY));
    assert.doesNotMatch(text, /az rest/);
  });
});

describe('on a card, the commands to enable many environments', () => {
  for (const amount of [12, 200])
    it(`are whole or named where they are, for ${amount} environments`, () => {
      const notice = restored(waiting(amount));
      const body = teamsBody(say(notice, SAY));
      assertValid(body);
      const text = JSON.stringify(body);
      for (const { command = '' } of enableSteps(notice, API))
        if (amount === 12 && command.length <= 700)
          assert.ok(text.includes(JSON.stringify(command).slice(1, -1)));
        else {
          assert.doesNotMatch(text, /for id in/, 'never a part of it');
          assert.match(text, /Its command is too long for a card: see the email or the incident\./);
        }
      assert.ok(emailContent(say(notice, SAY)).text.includes(enableSteps(notice, API)[0]?.command ?? '-'));
    });
});
