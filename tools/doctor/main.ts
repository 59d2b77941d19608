import { readFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { readLocalSettings } from '../../dev/functions-host/app-settings.ts';
import { HostError } from '../../dev/functions-host/host-error.ts';
import { ownRepositoryDocs } from '../build/repository-docs.ts';
import { examine } from './examine.ts';
import { grantsText } from './grants.ts';
import { ownerCommands } from './owner-commands.ts';
import { OwnerTasksError, ownerTasksFrom } from './owner-tasks.ts';
import type { CouldNotRunError } from './report.ts';
import { type EnvironmentVariables, SettingsError } from './settings.ts';
import { NotSignedInError } from './signed-in.ts';
import { toText } from './text.ts';
import { wrap } from './wrap.ts';

const USAGE = `npm run doctor -- [--subscription ID[,ID]] [--settings FILE] [--identity ID]
                  [--seconds N] [--json] [--grants]
  Looks at a tenant with your own sign-in (az login), or with the app's identity
  where it runs in Azure. Changes nothing.
  --subscription ID[,ID]  a first look: these subscriptions, no other setting
  --settings FILE         the app's settings: local.settings.json, or what
                          "az functionapp config appsettings list" prints;
                          - reads them from the standard input
  --identity ID           object id of the app's identity: whether that one
                          holds every right it needs
  --grants                asks nothing: prints what the owner of each watched
                          subscription runs, with separate duties: role, topics,
                          event subscriptions. With --settings FILE: what
                          "azd env get-values --output json" prints. With
                          --identity and --subscription: the role alone
  --seconds N             how long all of it may take (60; 1 to 600)
  --json                  for machines; tools/doctor/report.ts has the shape
Settings come from the environment, and from local.settings.json where the
environment has none.
Ends with 0 where all is well, 1 where something is missing or could not be
told, 2 where it could not run.`;

/** The request can't be carried out: the message names the remediation. */
class UsageError extends Error {
  override readonly name = 'UsageError';
}

const isJson = process.argv.includes('--json');
const { out, err = '', code } = await main(process.argv.slice(2)).catch(refusal);
// A sign-in that hangs would keep the process alive long after its time; pending output is written first.
process.stderr.write(err, () => process.stdout.write(out, () => process.exit(code)));

interface Ended {
  out: string;
  err?: string;
  code: 0 | 1 | 2;
}

async function main(args: string[]): Promise<Ended> {
  const options = readOptions(args);
  if (options.grants) return { out: await grants(options), code: 0 };
  if (options.help) return { out: `${USAGE}\n`, code: 0 };
  const environment = await settingsFrom(options.settings);
  const report = await examine({ ...options, environment });
  const code = report.outcome === 'well' ? 0 : 1;
  return { out: isJson ? `${JSON.stringify(report, null, 2)}\n` : toText(report), code };
}

/** Needs no sign-in: whoever deploys hands the text on to the owners. */
async function grants({
  identity,
  subscriptions,
  settings,
}: ReturnType<typeof readOptions>): Promise<string> {
  if (settings !== undefined) {
    const known = ownerTasksFrom(await textOf(settings));
    return ownerCommands(known.identity, known.tasks);
  }
  const ids = (subscriptions ?? '').split(',').filter((id) => id !== '');
  if (identity === undefined || ids.length === 0)
    throw new UsageError(
      '--grants needs --settings FILE, with what azd env get-values --output json prints; or --identity <LOCKWATCH_IDENTITY_PRINCIPAL_ID> and --subscription <id>,<id>.',
    );
  const environmentName = process.env.AZURE_ENV_NAME?.trim() || 'lockwatch';
  return grantsText({ identity, subscriptions: ids, environmentName, cloud: 'public' });
}

function refusal(error: unknown): Ended {
  const faults = faultsOf(error);
  const refused: CouldNotRunError = { report: 'lockwatch-doctor/1', outcome: 'couldNotRun', faults };
  if (isJson) return { out: `${JSON.stringify(refused, null, 2)}\n`, code: 2 };
  const hint =
    error instanceof SettingsError
      ? [
          `Each setting: ${error.docsUrl ?? ownRepositoryDocs() ?? 'docs'}/settings.md`,
          'Without settings: npm run doctor -- --subscription <id>',
        ]
      : [];
  const lines = [
    `The doctor can't run: ${faults.length} thing(s) to correct.`,
    ...faults.flatMap((fault) =>
      fault.split('\n').flatMap((line, n) => (n === 0 ? wrap(line, '  - ') : [line])),
    ),
    ...hint,
  ];
  return { out: '', err: `${lines.join('\n')}\n`, code: 2 };
}

function readOptions(args: string[]) {
  const { values } = parse(args);
  const seconds = Number(values.seconds);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 600)
    throw new UsageError(`--seconds must be a whole number from 1 to 600, and is '${values.seconds}'.`);
  if (values.identity !== undefined && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(values.identity))
    throw new UsageError(
      '--identity must be an object id (a GUID): LOCKWATCH_IDENTITY_PRINCIPAL_ID of azd env get-values.',
    );
  return {
    subscriptions: values.subscription,
    settings: values.settings,
    identity: values.identity,
    seconds,
    help: values.help,
    grants: values.grants,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        subscription: { type: 'string' },
        settings: { type: 'string' },
        identity: { type: 'string' },
        grants: { type: 'boolean', default: false },
        seconds: { type: 'string', default: '60' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (cause) {
    throw new UsageError(`${cause instanceof Error ? cause.message : cause}\n${USAGE}`, { cause });
  }
}

/** The environment takes precedence over a file, as in the Functions host. */
async function settingsFrom(file: string | undefined): Promise<EnvironmentVariables> {
  if (file === undefined) return { ...(await readLocalSettings('.')).values, ...process.env };
  return { ...valuesIn(await textOf(file), file), ...process.env };
}

async function textOf(file: string): Promise<string> {
  return file === '-' ? readAll(process.stdin) : readFile(file, 'utf8');
}

/** local.settings.json (`{Values: {…}}`), or a list of `{name, value}`. A value is never part of an error. */
function valuesIn(text: string, file: string): Record<string, string> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The parser's message quotes the text, and the text may hold secrets.
    throw new UsageError(`--settings ${file}: is not JSON.`);
  }
  const values = Array.isArray(json)
    ? json.map((item) => [item?.name, item?.value])
    : Object.entries(Object(json).Values ?? {});
  const known = values.filter(([name, value]) => typeof name === 'string' && typeof value === 'string');
  if (known.length === 0) throw new UsageError(`--settings ${file}: holds no settings.`);
  return Object.fromEntries(known);
}

function faultsOf(error: unknown): readonly string[] {
  if (error instanceof SettingsError) return error.faults;
  if (
    error instanceof NotSignedInError ||
    error instanceof UsageError ||
    error instanceof HostError ||
    error instanceof OwnerTasksError
  )
    return [error.message];
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [error.message];
  throw error;
}
