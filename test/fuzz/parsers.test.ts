import { describe, it } from 'node:test';
import { meets, ODD_CASES } from './fuzzed.ts';
import { PARSERS } from './parsers.ts';

describe('whatever comes in', () => {
  for (const parser of PARSERS)
    it(`${parser.name} is read or refused in the documented way, and nothing else happens`, () =>
      parser.search());
});

describe('a documented oddity', () => {
  for (const one of ODD_CASES)
    it(`${one.parser}: ${one.title}`, async () => {
      const parser = PARSERS.find(({ name }) => name === one.parser);
      if (!parser) throw new Error(`No parser is called '${one.parser}'.`);
      await meets(one, parser);
    });
});
