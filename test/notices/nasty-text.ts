import fc from 'fast-check';
import { textOfAnyCharacters } from '../simulation/any-text.ts';

/** Names as they may come from outside: markup of every kind, long, right to left, emoji, control characters. */
export const nastyText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '',
    '"',
    "O'Brien & Sons <b>",
    '<script>alert(1)</script>',
    '](https://evil.example) [x',
    '**bold** __x__ ~~y~~ `z`',
    '- item\n- item\r\n1. one',
    '{{DATE(2020-01-01T00:00:00Z,SHORT)}}',
    'שלום \u202egnp.exe\u202c عربى',
    '👩‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿 ',
    '\ud800 lone',
    '\u0000\u0007\u001b[31m',
    '\u2028\u2029',
    'Subject: x\r\nBcc: eve@example.com',
    '{jndi:ldap://x}',
    'javascript:alert(1)',
    'x" onmouseover="alert(1)',
  ),
  textOfAnyCharacters({ maxLength: 400 }),
  fc.string({ unit: fc.constantFrom('\\', '"', '*', '[', ']', '_', '<', '\n', '😀', 'ا'), maxLength: 3000 }),
);

/** Every text that a card shows. */
export function textsWithin(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(textsWithin);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([field, inner]) =>
    typeof inner === 'string'
      ? ['text', 'title', 'value', 'summary'].includes(field)
        ? [inner]
        : []
      : textsWithin(inner),
  );
}

/** What a reader of CommonMark makes of escaped text that holds no other markup. */
export function plainTextOf(markdown: string): string {
  return markdown.replace(/\\([!-/:-@[-`{-~])/g, '$1');
}
