/** A command as a document shows it: its words, without what a shell adds. */
export interface ShownCommand {
  file: string;
  words: string[];
}

const PROGRAM = /^(az|azd|npm|git|curl)$/;

/** The commands in blocks of shell and in lines of code between backticks; nested ones, `$(…)`, as well. */
export function commandsIn(file: string, text: string): ShownCommand[] {
  const blocks = [...text.matchAll(/^ *```sh\n([\s\S]*?)^ *```$/gm)].flatMap(([, block = '']) =>
    block.replaceAll(/\\\n\s*/g, ' ').split('\n'),
  );
  const prose = text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, '');
  const inline = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
  return [...blocks, ...inline].flatMap((line) => commandLines(line).map((words) => ({ file, words })));
}

/** Words as a POSIX shell splits them; `|`, `&&`, `;` and comments end a command. Pure. */
function commandLines(line: string): string[][] {
  const nested: string[] = [];
  const flat = line.replaceAll(/\$\(([^()]*)\)/g, (_, inner: string) => {
    nested.push(inner);
    return 'SUBSTITUTED';
  });
  const commands: string[][] = [[]];
  // Placeholders may hold blanks: <client id>.
  const tokens = flat.matchAll(
    /\s+#.*$|\|\||&&|[|;]|(?:"(?:\\.|[^"])*"|'[^']*'|<[^<>]*>|[^\s"'|;&<>])+|[&<>]/g,
  );
  for (const [token] of tokens) {
    if (/^\s+#/.test(token)) break;
    if (/^(\|\||&&|[|;])$/.test(token)) commands.push([]);
    else commands.at(-1)?.push(token.replaceAll(/"((?:\\.|[^"])*)"|'([^']*)'/g, '$1$2'));
  }
  const named = commands.flatMap((words) => {
    const at = words.findIndex((word) => PROGRAM.test(word));
    // A bare name of a program is no command.
    return at === -1 ||
      at === words.length - 1 ||
      words.slice(0, at).some((word) => !/^(\w+\(\)|\{|\w+=\S*)$/.test(word))
      ? []
      : [words.slice(at)];
  });
  return [...named, ...nested.flatMap(commandLines)];
}
