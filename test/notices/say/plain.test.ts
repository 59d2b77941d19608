import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { linkTo, pathPart, plain, steady, truncate } from '../../../shared/notices/say/plain.ts';
import { nastyText } from '../nasty-text.ts';

test('whatever comes in, one line of bounded length without control or direction marks comes out', () => {
  fc.assert(
    fc.property(nastyText, fc.integer({ min: 1, max: 300 }), (text, most) => {
      const line = plain(text, most);
      assert(Array.from(line).length <= most);
      assert(!/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.test(line));
      assert(line.isWellFormed());
      assert.equal(line, line.trim());
    }),
  );
});

test('letters of every script and emoji stay', () => {
  for (const text of ['Größe', 'שלום', '環境', '👩‍👩‍👧‍👦', 'naïve (test)']) assert.equal(plain(text), text);
});

test('what turns the direction of writing is taken out, line breaks become blanks', () => {
  assert.equal(plain('a\u202egnp.exe\u202c'), 'agnp.exe');
  assert.equal(plain(' a\r\n\tb\u2028c '), 'a b c');
});

test('a text is cut with an ellipsis that counts, and never inside a character', () => {
  assert.equal(truncate('abcdef', 6), 'abcdef');
  assert.equal(truncate('abcdef', 5), 'abcd…');
  assert.equal(truncate('😀😀😀', 3), '😀😀😀');
  assert.equal(truncate('😀😀😀😀', 3), '😀😀…');
});

test('only http and https of a bearable length become links', () => {
  assert.equal(linkTo('https://example.com/a b'), 'https://example.com/a%20b');
  for (const bad of [
    'javascript:alert(1)',
    'data:text/html,x',
    '//x',
    '',
    undefined,
    `https://x/${'a'.repeat(2000)}`,
  ])
    assert.equal(linkTo(bad), undefined);
});

test('a part of a path can neither leave its place nor end a Markdown link', () => {
  assert.equal(pathPart("../a?b#c(d)'*!"), '..%2Fa%3Fb%23c%28d%29%27%2A%21');
  assert.equal(pathPart('\ud800'), '%EF%BF%BD');
});

test('a name from right to left does not draw the number behind it to its front; other names are left alone', () => {
  assert.equal(steady('ep-سجل'), 'ep-سجل\u200e');
  assert.equal(steady(steady('ep-سجل')), 'ep-سجل\u200e');
  for (const text of ['Größe', '環境', '😀', '']) assert.equal(steady(text), text);
});
