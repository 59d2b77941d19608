import assert from 'node:assert/strict';
import { test } from 'node:test';
import { locked, post, written } from './post.ts';

// Azure/azure-functions-host#4926 and #7930: a body without Content-Length arrives empty.

const CHUNKED = { headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' } };
const ADDRESSES = (id: string) => ({
  needed: {
    [`/incidents/${id}/silence`]: 'until',
    [`/incidents/${id}/support-case`]: 'number',
    [`/incidents/${id}/close`]: 'why',
    '/policies/p1/silence': 'until',
    '/vaults/kv-eu/silence': 'until',
  },
  optional: [`/incidents/${id}/acknowledge`, '/policies/p1/check', '/drill'],
});

test('an empty body is refused where the action needs one: the answer says that it was empty, and what to send', async () => {
  const { world, id } = await locked();
  const before = written(world);
  for (const [path, field] of Object.entries(ADDRESSES(id).needed)) {
    const { status, json } = await post(world, path);
    assert.deepEqual([status, json.field], [400, field], path);
    assert.match(
      json.detail,
      new RegExp(`^'${field}' is missing: give .*\\. The body was empty\\. .*Content-Length`),
    );
  }
  assert.deepEqual(written(world), before);
});

test('a body that was lost on the way is refused by every action, also where it is optional, and nothing is done', async () => {
  const { world, id } = await locked();
  const before = written(world);
  const { needed, optional } = ADDRESSES(id);
  for (const path of [...Object.keys(needed), ...optional]) {
    const { status, json } = await post(world, path, '', CHUNKED);
    assert.equal(status, 400, path);
    assert.match(json.detail, /The body was empty when it arrived, and nothing was done.*Content-Length/);
  }
  assert.deepEqual(written(world), before);
});

test('where the body is optional, an empty one means the same as {}', async () => {
  for (const [index] of ADDRESSES('').optional.entries()) {
    const answers = [];
    for (const body of [undefined, {}]) {
      const { world, id } = await locked();
      const path = ADDRESSES(id).optional[index] ?? '';
      const { status, json } = await post(world, path, body);
      assert.equal(status, 200, path);
      answers.push(json);
    }
    assert.deepEqual(answers[0], answers[1]);
  }
});

test('a field that is missing from a body that arrived is not blamed on its length', async () => {
  const { world, id } = await locked();
  const { json } = await post(world, `/incidents/${id}/close`, { by: 'Ann' });
  assert.equal(json.detail, "'why' is missing: give why, in a sentence.");
});
