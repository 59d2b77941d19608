import fc from 'fast-check';

const FIRST_SURROGATE = 0xd800;
const SURROGATES = 0x800;

/**
 * Any character but a lone surrogate: the same values as fast-check's unit `binary`, which builds a table of all
 * 1.1 million of them in each process that asks for a text.
 */
const anyCharacter = fc.integer({ min: 0, max: 0x10ffff - SURROGATES }).map(
  (index) => String.fromCodePoint(index < FIRST_SURROGATE ? index : index + SURROGATES),
  (character) => {
    const point = typeof character === 'string' ? character.codePointAt(0) : undefined;
    if (point === undefined || character !== String.fromCodePoint(point))
      throw new Error('not one character');
    if (point < FIRST_SURROGATE) return point;
    if (point < FIRST_SURROGATE + SURROGATES) throw new Error('a lone surrogate');
    return point - SURROGATES;
  },
);

/** Texts of any characters, those among them that programs stumble over. */
export function textOfAnyCharacters(
  constraints: { minLength?: number; maxLength?: number } = {},
): fc.Arbitrary<string> {
  return fc.string({ ...constraints, unit: anyCharacter });
}
