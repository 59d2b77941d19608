import { execFile } from 'node:child_process';
import { access, chmod, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const PROJECT = join(ROOT, 'infra/bicep-cli.csproj');

/** The Bicep command line is missing, and can't be fetched. Its message names the package to install. */
export class BicepMissingError extends Error {
  override readonly name = 'BicepMissingError';
}

export interface Ran {
  code: number;
  /** Its output, standard output first. Any output of `lint` is a failure: it exits with 0 on warnings. */
  output: string;
}

/**
 * The Bicep program: the one that LOCKWATCH_LOCAL_BICEP names, else the pinned one where NuGet has restored
 * it. Undefined where it is not installed yet. Never one from the path: its version determines the snapshots.
 */
export async function findBicep(): Promise<string | undefined> {
  const named = process.env.LOCKWATCH_LOCAL_BICEP?.trim();
  if (named) return named;
  const project = await readFile(PROJECT, 'utf8');
  const version = /Version="\[([\d.]+)\]"/.exec(project)?.[1];
  if (version === undefined) throw new Error(`${PROJECT} names no version of the Bicep command line.`);
  const file = join(packagesFolder(), `azure.bicep.commandline.${platform()}`, version, 'tools', program());
  return (await exists(file)) ? file : undefined;
}

/**
 * Finds the Bicep program, or has NuGet fetch it (about 124 MB, once per machine). Throws `BicepMissingError`
 * where it can't.
 */
export async function restoreBicep(): Promise<string> {
  const found = await findBicep();
  if (found !== undefined) return found;
  if (!(await isOnPath('dotnet')))
    throw new BicepMissingError(
      'The Bicep command line comes from NuGet, and the .NET SDK that fetches it is not here. Install the .NET SDK 8 or ' +
        'newer (https://dotnet.microsoft.com/download), or name a bicep 0.49.2 in LOCKWATCH_LOCAL_BICEP.',
    );
  const args = ['restore', PROJECT, `-p:BicepPlatform=${platform()}`, '--nologo'];
  const restored = await run('dotnet', args);
  const file = await findBicep();
  if (restored.code !== 0 || file === undefined)
    throw new BicepMissingError(`NuGet did not restore the Bicep command line:\n${restored.output}`);
  // NuGet does not keep the executable bit for all users.
  if (process.platform !== 'win32') await chmod(file, 0o755);
  return file;
}

/** Runs Bicep with these arguments. Does not throw on an exit code: the caller judges. */
export async function runBicep(program: string, args: readonly string[]): Promise<Ran> {
  return run(program, args);
}

/**
 * For each process of the compiler. It runs for seconds: .NET's second, optimising compilation never pays
 * off.
 */
export const SURROUNDINGS = {
  DOTNET_CLI_TELEMETRY_OPTOUT: '1',
  DOTNET_NOLOGO: '1',
  DOTNET_TieredCompilation: '0',
  BICEP_TRACING_ENABLED: 'false',
};

function run(file: string, args: readonly string[]): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const options = {
      cwd: ROOT,
      maxBuffer: 64 * 1024 * 1024,
      env: { ...process.env, ...SURROUNDINGS },
    };
    execFile(file, [...args], options, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') reject(error);
      else resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: `${stdout}${stderr}` });
    });
  });
}

/** "Managing the global packages, cache, and temp folders" (NuGet docs). */
function packagesFolder(): string {
  return process.env.NUGET_PACKAGES ?? join(homedir(), '.nuget/packages');
}

function platform(): string {
  const system = { linux: 'linux', darwin: 'osx', win32: 'win' }[process.platform as string];
  if (system === undefined)
    throw new BicepMissingError(`There is no Bicep command line for ${process.platform}.`);
  return `${system}-${process.arch}`;
}

function program(): string {
  return process.platform === 'win32' ? 'bicep.exe' : 'bicep';
}

async function isOnPath(name: string): Promise<boolean> {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd'] : [''];
  for (const folder of (process.env.PATH ?? '').split(delimiter))
    for (const ending of endings)
      if (folder !== '' && (await exists(join(folder, `${name}${ending}`)))) return true;
  return false;
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
