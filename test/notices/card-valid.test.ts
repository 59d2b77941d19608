import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IncidentState } from '../../shared/incidents/incident.ts';
import { NOTICE_REASONS } from '../../shared/incidents/notice-reason.ts';
import type { Notice } from '../../shared/notices/notice.ts';
import { teamsBody } from '../../shared/notices/render/card.ts';
import { say } from '../../shared/notices/say/say.ts';
import { aNotice, anEnvironment, anIncident, causeOf, SAY, vaultDeleted } from './a-notice.ts';
import { assertValid, everything, remarks } from './card-valid.ts';
import { plainTextOf, textsWithin } from './nasty-text.ts';
import { CASES } from './texts-cases.ts';

const STATES: IncidentState[] = ['suspected', 'revoked', 'accessRestored', 'closed', 'dismissed'];
const bodyOf = (notice: Notice) => teamsBody(say(notice, SAY));

test('every card of every situation is valid by the schema, by Microsoft’s parser, and in size', () => {
  for (const [name, notice] of Object.entries(CASES)) {
    assertValid(bodyOf(notice));
    assert(textsWithin(bodyOf(notice)).length > 5, name);
  }
});

test('the checks can fail: what is no card of version 1.4 is remarked on', () => {
  const card = { type: 'AdaptiveCard', version: '1.4', body: [{ type: 'TextBlock', text: 'x' }] };
  assert.deepEqual(remarks(card), []);
  for (const wrong of [
    { ...card, version: '1.5' },
    { ...card, body: [{ type: 'TextBlock', text: 'x', colour: 'good' }] },
    { ...card, body: [{ type: 'TextBlock', text: 'x', color: 'pink' }] },
    { ...card, body: [{ type: 'Table', rows: [] }] },
    { ...card, body: [{ type: 'FactSet' }] },
    { ...card, actions: [{ type: 'Action.Submit', title: 'x' }] },
    { ...card, actions: [{ type: 'Action.OpenUrl', title: 'x' }] },
  ])
    assert(remarks(wrong).length > 0, JSON.stringify(wrong));
});

const HARD_NAMES = [
  '"Quotes" & \'more\'',
  '<script>alert(1)</script>',
  '**bold** [link](https://evil.example) `code` # heading',
  'سجل المبيعات שלום \u202egnp.exe',
  '👩‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿 production 😀',
  `${'a long name '.repeat(20)}`.slice(0, 200),
];

for (const amount of [1, 30, 10_000])
  test(`law 10: for every reason and state a card with ${amount} environments of hard names fits, and counts the rest`, () => {
    const environments = Array.from({ length: amount }, (_, index) =>
      anEnvironment(index, { displayName: `${HARD_NAMES[index % HARD_NAMES.length]}` }),
    );
    for (const reason of NOTICE_REASONS)
      for (const state of STATES) {
        const name = HARD_NAMES[reason.length % HARD_NAMES.length] ?? '';
        const incident = anIncident(name, { state, causes: [causeOf(vaultDeleted(name))] }, environments);
        const body = bodyOf(aNotice(reason, [incident]));
        assertValid(body);
        const texts = textsWithin(body).map(plainTextOf);
        assert(
          texts.some((text) => text.includes(amount.toLocaleString('en-US'))),
          `${reason}: counted`,
        );
      }
  });

test('a card has at most six buttons, which is what Teams shows; those behind one have their own', () => {
  for (const notice of Object.values(CASES)) {
    const cards = everything(bodyOf(notice)).filter(({ type }) => type === 'AdaptiveCard');
    for (const { actions } of cards) assert(!Array.isArray(actions) || actions.length <= 6);
  }
});

test('the first steps to undo it are there without a tap, further ones behind a button, and the toast is one plain line', () => {
  const card = (...incidents: Notice['incidents']) => {
    const body = JSON.parse(JSON.stringify(bodyOf(aNotice('opened', incidents))));
    return { summary: body.summary, ...body.attachments[0].content };
  };
  const one = card(anIncident('ep-a'));
  assert(JSON.stringify(one.body).includes('az keyvault key set-attributes'));
  assert(!JSON.stringify(one.body).includes('ToggleVisibility'));
  assert.notEqual(one.actions[0].title, 'More steps');
  const many = card(
    anIncident('ep-a', { causes: [causeOf(vaultDeleted('ep-a'))] }),
    anIncident('ep-b', { causes: [causeOf(vaultDeleted('ep-b'))] }),
  );
  assert(JSON.stringify(many.body).includes('az keyvault recover'));
  const [more] = many.actions;
  assert.deepEqual([more.type, more.title], ['Action.ShowCard', 'More steps']);
  assert(
    textsWithin(more.card).some((text) => text.startsWith('4\\. Check the network')),
    'numbered on',
  );
  assert.match(
    one.summary,
    /^2 environments offline: key disabled.*Save them within 7 days, by Sun 30 Nov 2025/,
  );
  assert(!/[*\\[\]]/.test(one.summary));
});

test('the matter of a message is there without a tap: warnings, what can not be seen, what to do now', () => {
  const atOnce = (name: string) => {
    const body = JSON.parse(JSON.stringify(bodyOf(CASES[name] ?? assert.fail(name))));
    return textsWithin(body.attachments[0].content.body).map(plainTextOf).join('\n');
  };
  assert.match(atOnce('warning'), /expires in 6 days/);
  assert.match(atOnce('visibility-lost'), /role assignments of the vault kv-contoso.*How to fix it/s);
  assert.match(atOnce('undelivered'), /It did not get through.*What to check/s);
  assert.match(atOnce('access-restored'), /Re-enable environment/);
  assert.doesNotMatch(atOnce('drill'), /Re-enable environment/, 'a drill asks for nothing');
});
