import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { firstChannel } from '../../../tools/deploy/first-channel.ts';

/** Answers one after the other, and counts how often it was asked. */
function person(...answers: string[]) {
  let asked = 0;
  return {
    ask: async () => answers[asked++] ?? assert.fail('asked too often'),
    times: () => asked,
  };
}
const URL = 'https://prod-1.westeurope.logic.azure.com/workflows/1?sig=abc';

describe('the first channel of a deployment', () => {
  it('is asked for where nobody could be notified otherwise', async () => {
    const { ask, times } = person('no address', 'http://example.com', ` ${URL} `);
    assert.deepEqual(await firstChannel({}, ask), { teamsWebhookUrl: URL });
    assert.equal(times(), 3, 'asked again for what is no https address');
  });

  it('may be left to be done by hand, and then it is said that the app stands still until then', async () => {
    for (const answer of [await firstChannel({}, person('').ask), await firstChannel({}, undefined)])
      assert.match(answer && 'note' in answer ? answer.note : '', /stand still until.*Rotate the Teams URL/);
  });

  const others: Record<string, string>[] = [
    { LOCKWATCH_TEAMS: 'false' },
    { LOCKWATCH_TEAMS_WEBHOOK_URL: URL },
    { LOCKWATCH_EMAIL_BY: 'graph' },
    { LOCKWATCH_URL: 'https://app.example.com' },
  ];
  for (const environment of others)
    it(`is not asked for with ${Object.keys(environment).join()}`, async () =>
      assert.equal(await firstChannel(environment, person().ask), undefined));
});
