/** A word of the command itself, or an option with the values that belong to it. */
export type CommandPart = string | [option: string, ...values: (string | undefined)[]];

/**
 * An `az` command, ready to paste into sh, bash or PowerShell. `words` are ours; option values come from outside.
 *
 * Undefined where a value is not known, or holds a character that some shell could take for more than text: a wrong
 * command is worse than none, and the step's portal path remains. No Azure name needs such a character.
 * (On Windows `az` is a batch file: there even a quoted `&` or `%` would reach cmd.exe, so quoting alone is not enough.)
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
    // A value that begins with a dash would be read as an option: Key Vault allows it in a key's name.
    const joint = /^'?-/.test(first) ? '=' : ' ';
    out.push([`${option}${joint}${first}`, ...rest].join(' '));
  }
  return out.join(' ');
}

/** Bare where it is plainly one word in every shell, else in single quotes. Undefined where quoting can't make it safe. */
export function shellQuote(value: string): string | undefined {
  if (/^[A-Za-z0-9._/:-]+$/.test(value)) return value;
  if (/^[\p{L}\p{N}\p{M} ._()/:@+=,-]+$/u.test(value)) return `'${value}'`;
  return undefined;
}
