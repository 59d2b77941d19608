import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { ReducedPlan } from '../../shared/preview/change.ts';
import { PlanFileError } from '../../shared/preview/plan-files/plan-file-error.ts';
import { reducePlanFile } from '../../shared/preview/plan-files/read-plan-file.ts';
import { askApp } from './ask-app.ts';
import { NotAnsweredError, UnusableInputError } from './preview-errors.ts';
import { type PreviewAnswer, previewOffline } from './preview-offline.ts';
import { toMarkdown } from './to-markdown.ts';
import { toSarif } from './to-sarif.ts';
import { toTable } from './to-table.ts';

const USAGE = `npm run preview -- <file> (--url URL | --facts FILE) [--json | --markdown | --sarif]
  Says which Power Platform environments a planned change would take down.
  <file>        a plan: terraform show -json <plan file> > plan.json
                or: az deployment group what-if … --no-pretty-print > what-if.json
                or: {"operations": […]} (docs/preview.md); - reads the standard input
  --url URL     asks a deployed Lockwatch, by the key in LOCKWATCH_PREVIEW_KEY
                (LOCKWATCH_ACCESS=keys) or the token in LOCKWATCH_PREVIEW_TOKEN (entra)
  --facts FILE  asks nobody: a saved answer of GET /api/facts
  --max-age HOURS  how old the saved facts may be and still be judged (24 without it)
  --json        the whole answer
  --markdown    for a pull request
  --sarif       for code scanning
  --reduced     prints only what would be sent, and asks nobody
Of the file, only the changes that can matter to a key vault are sent, and nothing is saved.
Ends with 0 where nothing goes down, 2 where something would or may, 3 where it could
not be judged, 4 where the file or the options are refused. 2 wins over 3.
`;

interface Ended {
  out: string;
  err: string;
  code: 0 | 2 | 3 | 4;
}

/** `npm run preview`. Never throws for what a file, a person or an app gives. */
export async function previewCommand(
  args: string[],
  environment: Record<string, string | undefined>,
  now: string = new Date().toISOString(),
): Promise<Ended> {
  try {
    const options = readOptions(args);
    if (options.help) return { out: USAGE, err: '', code: 0 };
    const plan = reducePlanFile(decoded(await bytesOf(options.file)));
    if (options.reduced) return { out: `${JSON.stringify(plan, null, 2)}\n`, err: '', code: 0 };
    const answer = await answerTo(plan, options, environment, now);
    const text = options.json
      ? `${JSON.stringify(answer, null, 2)}\n`
      : options.sarif
        ? toSarif(answer, options.file)
        : options.markdown
          ? toMarkdown(answer)
          : toTable(answer);
    return { out: text, err: '', code: codeOf(answer) };
  } catch (error) {
    if (error instanceof PlanFileError || error instanceof UnusableInputError)
      return { out: '', err: `${error.message}\n`, code: 4 };
    if (error instanceof NotAnsweredError) return { out: '', err: `${error.message}\n`, code: 3 };
    throw error;
  }
}

/** What goes down wins over what could not be judged, on a single policy and over all of them. */
function codeOf({ outcome }: PreviewAnswer): 0 | 2 | 3 {
  if (outcome === 'goesDown' || outcome === 'mayGoDown') return 2;
  return outcome === 'unknown' ? 3 : 0;
}

interface Options {
  file: string;
  url: string | undefined;
  facts: string | undefined;
  maxAgeHours: number;
  json: boolean;
  markdown: boolean;
  sarif: boolean;
  reduced: boolean;
  help: boolean;
}

function readOptions(args: string[]): Options {
  const { values, positionals } = parsed(args);
  const { url, facts, 'max-age': maxAge, json, markdown, sarif, reduced, help } = values;
  const [file = '', ...others] = positionals;
  if (!help && (file === '' || others.length > 0))
    throw new UnusableInputError(`Name one file.\n${USAGE.trimEnd()}`);
  if (!help && !reduced && (url === undefined) === (facts === undefined))
    throw new UnusableInputError(`Give either --url or --facts.\n${USAGE.trimEnd()}`);
  if ([json, markdown, sarif].filter(Boolean).length > 1)
    throw new UnusableInputError('Choose one of --json, --markdown and --sarif.');
  const maxAgeHours = Number(maxAge ?? DEFAULT_MAX_AGE_HOURS);
  if (!(maxAgeHours > 0)) throw new UnusableInputError('--max-age is a number of hours, such as 72.');
  if (maxAge !== undefined && facts === undefined && !help)
    throw new UnusableInputError('--max-age is about the file of --facts: an app reads Azure itself.');
  return { file, url, facts, maxAgeHours, json, markdown, sarif, reduced, help };
}

const DEFAULT_MAX_AGE_HOURS = 24;

function parsed(args: string[]) {
  const flag = { type: 'boolean', default: false } as const;
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        url: { type: 'string' },
        facts: { type: 'string' },
        'max-age': { type: 'string' },
        json: flag,
        markdown: flag,
        sarif: flag,
        reduced: flag,
        help: flag,
      },
    });
  } catch (error) {
    if (error instanceof TypeError) throw new UnusableInputError(`${error.message}\n${USAGE.trimEnd()}`);
    throw error;
  }
}

async function answerTo(
  plan: ReducedPlan,
  { url, facts, maxAgeHours }: Options,
  environment: Record<string, string | undefined>,
  now: string,
): Promise<PreviewAnswer> {
  if (url !== undefined) return askApp(url, plan, environment);
  return previewOffline(decoded(await bytesOf(facts ?? '')), plan, { now, maxAgeHours });
}

async function bytesOf(file: string): Promise<Buffer> {
  if (file === '-') {
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks);
  }
  try {
    return await readFile(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new UnusableInputError(`The file ${file} can't be read (${code}).`, { cause: error });
  }
}

/** Windows PowerShell writes UTF-16 where output is sent to a file. */
function decoded(bytes: Buffer): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(isUtf16 ? 'utf-16le' : 'utf-8').decode(bytes);
}
