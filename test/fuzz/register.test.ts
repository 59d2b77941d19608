import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ODD_CASES } from './fuzzed.ts';
import { ELSEWHERE, PARSERS } from './parsers.ts';

/** What turns a text from outside into something else. */
const PARSES =
  /JSON\.parse\(|\.safeParse\(|parseAs\(|papa\.parse\(|decodeURIComponent\(|, 'base64(?:url)?'\)|URL\.(?:parse|canParse)\(|new URL\(|\.json\(\)|inflateRawSync\(|Date\.parse\(text/;

test('every module that parses is driven by a parser of the register, or says why not', () => {
  const parsing = globSync('shared/**/*.ts')
    .filter((file) => PARSES.test(readFileSync(file, 'utf8').replace(/^\s*(?:\*|\/\/).*$/gm, '')))
    .map((file) => file.replace(/^shared\//, ''))
    .sort();
  const named = new Set([...PARSERS.flatMap(({ modules }) => modules), ...Object.keys(ELSEWHERE)]);
  assert.deepEqual(
    parsing.filter((file) => !named.has(file)),
    [],
    'add them to test/fuzz/',
  );
  assert.deepEqual(
    [...named].filter((file) => !parsing.includes(file)),
    [],
    'these parse nothing',
  );
});

test('a parser has one name, and each oddity of the corpus a parser and a source', () => {
  const names = PARSERS.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const { parser, source, title } of ODD_CASES) {
    assert.ok(names.includes(parser), `${title}: no parser is called '${parser}'`);
    assert.match(
      source,
      /^(?:https:\/\/learn\.microsoft\.com\/|https:\/\/www\.rfc-editor\.org\/|[\w.-]+\/[\w.-]+#\d+$)/,
      title,
    );
  }
});
