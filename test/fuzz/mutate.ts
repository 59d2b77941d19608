import fc from 'fast-check';
import { nastyText } from '../notices/nasty-text.ts';

/** What a secret in an input looks like; no output may hold it. */
export const PLANTED = 'PLANTED-c2VjcmV0LW9mLXRoZS1pbnB1dA';

/** Names that every JavaScript object answers to, and the ones that change it. */
const INHERITED = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf'];

/** Texts that programs stumble over, whatever they are for. */
export const oddText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...INHERITED),
  fc.constantFrom(
    'N/A',
    'null',
    'undefined',
    'NaN',
    '-0',
    '1e400',
    '9'.repeat(400),
    '2026-02-30T25:61:00Z',
    '0001-01-01T00:00:00Z',
    '+275760-09-13T00:00:00.001Z',
    '/subscriptions/',
    '/subscriptions/../../x',
    '//host/subscriptions/x',
    'https://user:pass@evil.example/a?sig=b#c',
    '%00',
    '%',
    '/'.repeat(3000),
    '{"a":'.repeat(50),
  ),
  nastyText,
);

const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: oddText },
  fc.constantFrom(
    null,
    undefined,
    true,
    false,
    0,
    -1,
    1.5,
    2 ** 53,
    Number.MAX_VALUE,
    -8.64e15,
    8.64e15 + 1,
    [],
    {},
    [null],
    [[]],
    { a: { b: { c: {} } } },
  ),
  fc.jsonValue(),
);

interface Edit {
  /** The place in the value, modulo their number. */
  at: number;
  how: 'replace' | 'remove' | 'rename' | 'double' | 'wrap' | 'asText';
  value: unknown;
  name: string;
}

const edits = fc.array(
  fc.record<Edit>({
    at: fc.nat(200),
    how: fc.constantFrom('replace', 'replace', 'replace', 'remove', 'rename', 'double', 'wrap', 'asText'),
    value: oddValue,
    name: fc.oneof(fc.constantFrom(...INHERITED), fc.string({ maxLength: 20 })),
  }),
  { maxLength: 4 },
);

/** One of the examples, as it is or with up to four changes anywhere in it. */
export function mutated(examples: readonly unknown[]): fc.Arbitrary<unknown> {
  return fc
    .record({ example: fc.constantFrom(...examples), changes: edits })
    .map(({ example, changes }) => changes.reduce((value, edit) => edited(value, edit), example));
}

/** A text with a piece missing, doubled or foreign. */
export function garbled(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .record({ text, from: fc.nat(2000), length: fc.nat(40), put: fc.oneof(fc.constant(''), oddText) })
    .map(({ text, from, length, put }) => {
      const at = from % (text.length + 1);
      return text.slice(0, at) + put + text.slice(at + length);
    });
}

/** The value as JSON; what has no JSON is null there. */
export function jsonOf(value: unknown): string {
  return JSON.stringify(value) ?? 'null';
}

function edited(value: unknown, edit: Edit): unknown {
  const count = placesIn(value);
  let left = edit.at % count;
  const visit = (one: unknown): unknown => {
    if (left === 0) {
      left -= 1;
      return changed(one, edit);
    }
    left -= 1;
    if (Array.isArray(one)) return one.flatMap((item) => within(visit, item, () => left, edit));
    if (typeof one !== 'object' || one === null) return one;
    // `fromEntries` makes an own property of any name, as JSON.parse does.
    return Object.fromEntries(
      Object.entries(one).flatMap(([name, inner]) => {
        const isHere = left === 0;
        if (isHere && edit.how === 'remove') {
          left -= 1;
          return [];
        }
        const next = visit(inner);
        if (isHere && edit.how === 'rename') return [[edit.name, inner]];
        return isHere && edit.how === 'double'
          ? [
              [name, inner],
              [edit.name, inner],
            ]
          : [[name, next]];
      }),
    );
  };
  return visit(value);
}

function within(
  visit: (one: unknown) => unknown,
  item: unknown,
  left: () => number,
  { how }: Edit,
): unknown[] {
  const isHere = left() === 0;
  const next = visit(item);
  if (isHere && how === 'remove') return [];
  return isHere && how === 'double' ? [item, item] : [next];
}

function changed(one: unknown, { how, value }: Edit): unknown {
  if (how === 'wrap') return [one];
  if (how === 'asText') return jsonOf(one);
  return how === 'replace' ? value : one;
}

function placesIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce((sum: number, one) => sum + placesIn(one), 1);
}
