import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { textOfAnyCharacters } from '../../simulation/any-text.ts';
import { get, locked, look, make, post, written } from './post.ts';

const ENTRA = { access: 'entra' as const, signedIn: { name: 'ann@contoso.com', id: 'oid-1' } };
const whats = (json: { timeline: { what: string }[] }) => json.timeline.map(({ what }) => what);

test('an incident is acknowledged, and the answer is the incident as a GET gives it', async () => {
  const { world, id } = await locked();
  const acted = await post(
    world,
    `/incidents/${id}/acknowledge`,
    { why: 'I call the vault team' },
    { actor: ENTRA },
  );
  assert.equal(acted.status, 200);
  assert.deepEqual(acted.json.acknowledged, {
    by: { name: 'ann@contoso.com', id: 'oid-1' },
    at: world.clock.now(),
    why: 'I call the vault team',
  });
  const asked = await get(world, `/incidents/${id}`);
  assert.equal(acted.body, asked.body);
  assert.equal(acted.headers.etag, asked.headers.etag);
  assert.deepEqual(whats(acted.json), ['opened', 'acknowledged']);
});

test('the same act a second time answers the same, and writes nothing', async () => {
  for (const [act, body] of [
    ['acknowledge', {}],
    ['silence', { until: '4h', why: 'known' }],
    ['silence', { until: '2026-11-21T10:00:00Z', why: 'known' }],
    ['silence', { until: 'now', why: 'nothing there' }],
    ['support-case', { number: '2611200010000123', note: 'severity A' }],
    ['close', { why: 'the policy is to be retired' }],
  ] as const) {
    const { world, id } = await locked();
    const first = await post(world, `/incidents/${id}/${act}`, body);
    assert.equal(first.status, 200, first.body);
    await world.clock.advance(20_000);
    const before = written(world);
    const again = await post(world, `/incidents/${id.toUpperCase()}/${act}`, body);
    assert.equal(again.status, 200, again.body);
    assert.deepEqual(written(world), before, act);
    assert.deepEqual(again.json.timeline, first.json.timeline);
  }
});

test('acts at the same time, each retried by its sender, leave one entry each', async () => {
  const { world, id } = await locked();
  const acts = ['acknowledge', 'support-case', 'acknowledge', 'support-case', 'silence', 'silence'] as const;
  const bodies = { acknowledge: {}, 'support-case': { number: '1' }, silence: { until: '4h', why: 'known' } };
  const answers = await Promise.all(acts.map((act) => post(world, `/incidents/${id}/${act}`, bodies[act])));
  assert.deepEqual(
    answers.map(({ status }) => status),
    acts.map(() => 200),
  );
  const { json } = await get(world, `/incidents/${id}`);
  assert.deepEqual(whats(json).sort(), ['acknowledged', 'opened', 'silenced', 'supportCase']);
});

test('an act meets a reading that was first: both stand', async () => {
  const { world, id } = await locked();
  let isFirst = true;
  world.tables.policies.before = async ({ operation }) => {
    if (operation !== 'submitTransaction' || !isFirst) return;
    isFirst = false;
    make(world, 'p1', {});
    await look(world, 'p1');
  };
  const { status, json } = await post(world, `/incidents/${id}/support-case`, { number: '77' });
  assert.equal(status, 200);
  assert.equal(json.state, 'accessRestored');
  assert.equal(json.supportCase.number, '77');
});

test('where others keep writing, the answer says so and asks to try again', async () => {
  const { world, id } = await locked();
  world.tables.policies.before = ({ operation }) => {
    if (operation === 'submitTransaction')
      throw Object.assign(new Error('stale'), {
        name: 'RestError',
        statusCode: 412,
        code: 'UpdateConditionNotSatisfied',
      });
  };
  const { status, json } = await post(world, `/incidents/${id}/acknowledge`);
  assert.equal(status, 503);
  assert.match(json.detail, /Try again/);
});

test('storage that is away is a 503 that shows nothing of the inside', async () => {
  const { world, id } = await locked();
  world.tables.policies.before = () => {
    throw new Error('AccountKey=abc at 10.0.0.4');
  };
  const { status, body } = await post(world, `/incidents/${id}/acknowledge`);
  assert.equal(status, 503);
  assert.doesNotMatch(body, /AccountKey|10\.0\.0\.4/);
});

test('If-Match holds an act back where the incident has changed', async () => {
  const { world, id } = await locked();
  const { headers } = await get(world, `/incidents/${id}`);
  const match = { headers: { 'if-match': headers.etag ?? '' } };
  assert.equal((await post(world, `/incidents/${id}/acknowledge`, {}, match)).status, 200);
  const before = written(world);
  const stale = await post(world, `/incidents/${id}/close`, { why: 'done' }, match);
  assert.equal(stale.status, 412);
  assert.match(stale.json.detail, /Read it again/);
  assert.deepEqual(written(world), before);
  const any = await post(world, `/incidents/${id}/close`, { why: 'done' }, { headers: { 'if-match': '*' } });
  assert.equal(any.status, 200);
});

test('If-Match is asked anew where another was first', async () => {
  const { world, id } = await locked();
  const { headers } = await get(world, `/incidents/${id}`);
  let isFirst = true;
  world.tables.policies.before = async ({ operation }) => {
    if (operation !== 'submitTransaction' || !isFirst) return;
    isFirst = false;
    assert.equal((await post(world, `/incidents/${id}/acknowledge`)).status, 200);
  };
  const match = { headers: { 'if-match': headers.etag ?? '' } };
  const { status } = await post(world, `/incidents/${id}/close`, { why: 'done' }, match);
  assert.equal(status, 412);
  assert.equal((await get(world, `/incidents/${id}`)).json.state, 'revoked');
});

test('a person closes it: everybody is notified, with the environments, and the reason stands in it', async () => {
  const { world, id } = await locked();
  const { status, json } = await post(world, `/incidents/${id}/close`, { why: 'retired', by: 'Ann' });
  assert.equal(status, 200);
  assert.equal(json.state, 'closed');
  assert.deepEqual(json.closedBy, { by: { name: 'someone who says to be Ann' }, why: 'retired' });
  for (const channel of world.channels) {
    const last = channel.sent.at(-1);
    assert.equal(last?.reason, 'closed');
    assert.equal(last?.incidents[0]?.environments.length, 2);
  }
  const other = await post(world, `/incidents/${id}/close`, { why: 'another reason' });
  assert.equal(other.status, 409);
  const late = await post(world, `/incidents/${id}/acknowledge`);
  assert.equal(late.status, 409);
  assert.match(late.json.detail, /over/);
});

test('a silence is asked for by its end or by how long, and ended by now', async () => {
  const { world, id } = await locked();
  const silence = (body: object) => post(world, `/incidents/${id}/silence`, body);
  const four = await silence({ until: '4h', why: 'known' });
  assert.equal(Date.parse(four.json.silence.until) - Date.parse(world.clock.now()), 4 * 3_600_000);
  const zoned = await silence({ until: '2026-11-22T12:00:00+01:00', why: 'known' });
  assert.equal(zoned.json.silence.until, '2026-11-22T11:00:00.000Z');
  const longer = await silence({ until: 'P1DT12H', why: 'known' });
  assert.equal(Date.parse(longer.json.silence.until) - Date.parse(world.clock.now()), 36 * 3_600_000);
  await world.clock.advance(1_000);
  const ended = await silence({ until: 'now', why: 'it is another one' });
  assert.equal(ended.json.silence, null);
  assert.equal(whats(ended.json).at(-1), 'silenceEnded');
});

test('times that make no sense are refused by the name of their field', async () => {
  const { world, id } = await locked();
  for (const until of [
    '2026-11-19T10:00:00Z',
    '31d',
    '721h',
    '2027-01-01T00:00:00Z',
    '2026-11-22',
    '2026-11-22T10:00:00',
    '2026-02-30T10:00:00Z',
    'tomorrow',
    '0h',
    '-4h',
    'P4M',
    '',
    '4',
    4,
    null,
  ]) {
    const { status, json } = await post(world, `/incidents/${id}/silence`, { until, why: 'known' });
    assert.deepEqual([status, json.field], [400, 'until'], String(until));
  }
});

test('a body that is not what the act takes is refused, and says how to fix it', async () => {
  const { world, id } = await locked();
  const before = written(world);
  const refused: [string, unknown, number, string | undefined, RegExp][] = [
    ['close', {}, 400, 'why', /why, in a sentence/],
    ['close', undefined, 400, 'why', /why/],
    ['close', { why: '   ' }, 400, 'why', /empty/],
    ['close', { why: 'x'.repeat(501) }, 400, 'why', /500/],
    ['close', { why: 'a\u0007b' }, 400, 'why', /control/],
    ['close', { why: 'a\u202Eb' }, 400, 'why', /control/],
    ['close', { why: 7 }, 400, 'why', /text/],
    ['close', {}, 400, 'why', /'why' is missing: give why/],
    ['silence', { why: 'known' }, 400, 'until', /'until' is missing: give a time/],
    ['close', { why: 'a', reason: 'b' }, 400, 'reason', /Use why, by/],
    ['acknowledge', '{"__proto__": {"why": "x"}}', 400, '__proto__', /not taken/],
    ['acknowledge', [], 400, undefined, /object/],
    ['acknowledge', 'null', 400, undefined, /object/],
    ['acknowledge', '{"why": ', 400, undefined, /not JSON/],
    ['acknowledge', { by: 'Ann\nOperator' }, 400, 'by', /one line/],
    ['support-case', { number: '' }, 400, 'number', /number/],
    ['support-case', { note: 'x' }, 400, 'number', /number/],
    ['acknowledge', { why: 'x'.repeat(17_000) }, 413, undefined, /16384/],
  ];
  for (const [act, body, status, field, says] of refused) {
    const answered = await post(world, `/incidents/${id}/${act}`, body);
    assert.deepEqual([answered.status, answered.json.field], [status, field], answered.body);
    assert.match(answered.json.detail, says);
    assert.equal(answered.headers['content-type'], 'application/problem+json');
  }
  const form = await post(world, `/incidents/${id}/acknowledge`, '{}', {
    headers: { 'content-type': 'text/plain' },
  });
  assert.equal(form.status, 415);
  assert.deepEqual(written(world), before);
});

test('whatever is sent, the answer is no fault of ours', async () => {
  const { world, id } = await locked();
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('acknowledge', 'silence', 'support-case'),
      fc.oneof(
        fc.json(),
        textOfAnyCharacters(),
        fc.record(
          {
            why: textOfAnyCharacters(),
            until: fc.string(),
            number: textOfAnyCharacters(),
            by: fc.string(),
          },
          { requiredKeys: [] },
        ),
      ),
      async (act, body) => {
        const { status, json } = await post(world, `/incidents/${id}/${act}`, body);
        assert.ok(status === 200 || (status >= 400 && status < 500), `${status} ${JSON.stringify(json)}`);
        if (status !== 200) assert.ok(json.detail.length > 10);
      },
    ),
    { numRuns: 300 },
  );
});

test('where somebody has signed in, the body can not say that it was another', async () => {
  const { world, id } = await locked();
  const { status, json } = await post(world, `/incidents/${id}/acknowledge`, { by: 'Bob' }, { actor: ENTRA });
  assert.deepEqual([status, json.field], [400, 'by']);
  const header = { actor: ENTRA, headers: { 'x-lockwatch-by': 'Bob' } };
  const signed = await post(world, `/incidents/${id}/acknowledge`, {}, header);
  assert.equal(signed.json.acknowledged.by.name, 'ann@contoso.com');
});

test('with a key, people say who they are, or are someone with a function key', async () => {
  for (const [body, headers, name] of [
    [{ by: 'Ann' }, {}, 'someone who says to be Ann'],
    [{}, { 'x-lockwatch-by': 'runbook 7' }, 'someone who says to be runbook 7'],
    [{ by: 'Ann' }, { 'x-lockwatch-by': 'runbook 7' }, 'someone who says to be Ann'],
    [{}, {}, 'someone with a function key'],
  ] as const) {
    const { world, id } = await locked();
    const { json } = await post(world, `/incidents/${id}/acknowledge`, body, { headers });
    assert.equal(json.acknowledged.by.name, name);
  }
  const { world, id } = await locked();
  const long = { headers: { 'x-lockwatch-by': 'x'.repeat(81) } };
  assert.equal((await post(world, `/incidents/${id}/acknowledge`, {}, long)).status, 400);
});

test('what is not there is told, with what is', async () => {
  const { world, id } = await locked();
  for (const path of [
    '/incidents/none/close',
    '/incidents/%00/close',
    `/incidents/${'a'.repeat(20)}-1/close`,
  ]) {
    const { status, json } = await post(world, path, { why: 'x' });
    assert.equal(status, 404, path);
    assert.match(json.detail, /\/api\/incidents/);
  }
  for (const path of ['', '/', `/incidents/${id}/open`, '/incidents/a/constructor'])
    assert.equal((await post(world, path)).status, 404, path);
  for (const path of ['/incidents', `/incidents/${id}`, '/status']) {
    const { status, headers } = await post(world, path);
    assert.deepEqual([status, headers.allow], [405, 'GET'], path);
  }
  assert.equal((await post(world, '/incidents/%/close', { why: 'x' })).status, 400);
  const inAddress = await post(world, `/incidents/${id}/silence?until=4h`, { until: '4h', why: 'x' });
  assert.deepEqual([inAddress.status, inAddress.json.field], [400, 'until']);
  assert.equal((await post(world, `/incidents/${id}/acknowledge?code=key`)).status, 200);
});
