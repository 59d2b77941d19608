import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { holds } from './hold.ts';
import { runs } from './runs.ts';

type ErrorClass = abstract new (...args: never[]) => Error;

/** One parser of untrusted input. */
interface Parser<T> {
  /** The input, as people call it. */
  name: string;
  /** The modules whose parsing this drives, from `shared/`. */
  modules: readonly string[];
  inputs: fc.Arbitrary<T>;
  parse(input: T): unknown;
  /** What it may throw: the error class that its documentation names. */
  errors?: readonly ErrorClass[];
  /** At most so many characters come out, whatever went in. */
  most: number;
}

export interface FuzzedParser {
  name: string;
  modules: readonly string[];
  /** Parses any value, as the corpus holds it. */
  parse(input: unknown): unknown;
  /** Searches for an input that breaks a property. */
  search(): Promise<void>;
}

export function fuzzed<T>(parser: Parser<T>): FuzzedParser {
  const { name, modules, inputs, parse, errors = [], most } = parser;
  return {
    name,
    modules,
    parse: (input) => parse(input as T),
    async search() {
      const { skip, ...parameters } = runs(name);
      if (skip) return;
      await fc.assert(
        fc.asyncProperty(inputs, async (input) => {
          let output: unknown;
          try {
            output = await parse(input);
          } catch (error) {
            if (!errors.some((one) => error instanceof one)) throw error;
            output = error instanceof Error ? `${error.name}: ${error.message}` : '';
          }
          holds(output, most);
        }),
        parameters as fc.Parameters<[T]>,
      );
    },
  };
}

/** One oddity that somebody documented, and what it must lead to. */
export interface OddCase {
  title: string;
  /** A page of Microsoft's documentation, or a public issue as owner/repo#number. */
  source: string;
  /** The name of the parser. */
  parser: string;
  input: unknown;
  /** A part of what comes out; or the name of the error. */
  leadsTo: unknown;
}

const CORPUS = join(import.meta.dirname, 'corpus');

export const ODD_CASES: readonly OddCase[] = readdirSync(CORPUS)
  .filter((file) => file.endsWith('.json'))
  .sort()
  .flatMap((file) => JSON.parse(readFileSync(join(CORPUS, file), 'utf8')) as OddCase[]);

/** The inputs of the corpus for that parser: what is known to be odd is a good start for more. */
export function corpusOf(parser: string): unknown[] {
  return ODD_CASES.filter((one) => one.parser === parser).map(({ input }) => input);
}

/** Compares only what the case names. */
export async function meets({ input, leadsTo }: OddCase, { parse }: FuzzedParser): Promise<void> {
  let output: unknown;
  try {
    output = await parse(input);
  } catch (error) {
    output = { error: error instanceof Error ? error.name : 'no error' };
  }
  if (typeof leadsTo === 'object' && leadsTo !== null)
    assert.partialDeepStrictEqual(JSON.parse(JSON.stringify(output ?? null)), leadsTo);
  else assert.deepEqual(output ?? null, leadsTo);
}
