/** Names that break a table, a code span or a terminal, or that act on who reads them. */
export const nastyNames: readonly string[] = [
  'a|b',
  'a`b',
  'a\nb',
  '<script>alert(1)</script>',
  '<img src=x>',
  '@everyone',
  '](https://evil.example)',
  '\u001b[31mred',
  '\u202Eabc',
  'x'.repeat(2000),
];
