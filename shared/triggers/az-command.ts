/** A fixed part of the command, or an option with its values. */
export type CommandPart = string | [option: string, ...values: (string | undefined)[]];

/**
 * An `az` command, ready to paste into sh, bash or PowerShell. `words` is fixed text; option values are
 * untrusted.
 *
 * Undefined where a value is not known, or holds a character that some shell could interpret: a wrong command
 * is worse than none, and the step still has its portal path. No Azure name needs such a character. (On
 * Windows `az` is a batch file: even a quoted `&` or `%` would reach cmd.exe, so quoting alone is not
 * enough.)
 */
export function azCommand(words: string, ...parts: CommandPart[]): string | undefined {
  const out = [`az ${words}`];
  for (const part of parts) {
    if (typeof part === 'string') {
      out.push(part);
      continue;
    }
    const [option, ...values] = part;
    const quoted = values.map((value) => (value === undefined ? undefined : shellQuote(value)));
    if (quoted.length === 0 || quoted.some((value) => value === undefined)) return undefined;
    const [first = '', ...rest] = quoted.map(String);
    // A value that begins with a dash would be read as an option: Key Vault allows a leading dash in a key's
    // name.
    const joint = /^'?-/.test(first) ? '=' : ' ';
    out.push([`${option}${joint}${first}`, ...rest].join(' '));
  }
  return out.join(' ');
}

/**
 * Unquoted where every shell reads it as one word, else in single quotes. Undefined where quoting can't make
 * it safe.
 */
export function shellQuote(value: string): string | undefined {
  if (/^[A-Za-z0-9._/:-]+$/.test(value)) return value;
  if (/^[\p{L}\p{N}\p{M} ._()/:@+=,-]+$/u.test(value)) return `'${value}'`;
  return undefined;
}
