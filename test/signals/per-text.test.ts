import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { perText } from '../../shared/signals/per-text.ts';

test('work per text is done once for each of the usual texts, an empty answer included', () => {
  const done: string[] = [];
  const upper = perText((text) => {
    done.push(text);
    return text === 'none' ? undefined : text.toUpperCase();
  });
  for (const text of ['some', 'none', 'some', 'none', 'other'])
    assert.equal(upper(text), text === 'none' ? undefined : text.toUpperCase());
  assert.deepEqual(done, ['some', 'none', 'other']);
});

test('ever new texts get their answers too, and none of them is kept beyond the first', () => {
  let works = 0;
  const numberOf = perText((text) => {
    works += 1;
    return Number(text);
  });
  for (let round = 0; round < 2; round += 1)
    for (let n = 1000; n < 2000; n += 1) assert.equal(numberOf(`${n}`), n);
  assert.ok(works > 1900, `${works}`);
});

test('whatever the texts, the answer is that of the work itself', () => {
  const lower = perText((text) => text.toLowerCase());
  fc.assert(fc.property(fc.string(), (text) => assert.equal(lower(text), text.toLowerCase())));
});
