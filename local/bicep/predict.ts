import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { runBicep } from './program.ts';

export const INFRA = join(import.meta.dirname, '../../infra');
export const SCENARIOS = join(INFRA, 'scenarios');

/** Where the scenarios are deployed to: no such tenant, and no such subscription. */
export const HOST_SUBSCRIPTION = '11111111-1111-4111-8111-111111111111';
export const TENANT = '22222222-2222-4222-8222-222222222222';
export const MANAGEMENT_GROUP = 'contoso';

/** Two at a time: each keeps a core busy for a second or two. */
const AT_ONCE = 2;

export interface Faults {
  /** Whatever the compiler and the linter say; nothing is what is wanted. */
  lint: string;
  /** Files that `bicep format` would change. */
  unformatted: string[];
}

/** The names of all scenarios: infra/scenarios/<name>.bicepparam. */
export async function scenarioNames(): Promise<string[]> {
  const files = await readdir(SCENARIOS);
  return files
    .flatMap((file) => (file.endsWith('.bicepparam') ? [file.slice(0, -'.bicepparam'.length)] : []))
    .sort();
}

/**
 * What each scenario's deployment would make, as the compiler predicts it offline, by the scenario's name. Works on a
 * copy: a prediction is written beside its parameters. Throws with the compiler's words where one can't be evaluated.
 */
export async function predict(program: string): Promise<Map<string, string>> {
  return onCopy(async (copy) => {
    const names = await scenarioNames();
    const predicted = new Map<string, string>();
    const waiting = [...names];
    const work = async () => {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
        const { code, output } = await runBicep(program, snapshotArguments(copy, name));
        if (code !== 0 || output.trim() !== '') throw new Error(`${name}: ${output}`);
        predicted.set(name, await readFile(join(copy, `scenarios/${name}.snapshot.json`), 'utf8'));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return predicted;
  });
}

/** Compiles and lints every file with the real compiler, and looks whether it is formatted. */
export async function faultsOf(program: string): Promise<Faults> {
  return onCopy(async (copy) => {
    const lints = ['**/*.bicep', '**/*.bicepparam'].map((pattern) =>
      runBicep(program, ['lint', '--pattern', join(copy, pattern)]),
    );
    const lint = (await Promise.all(lints)).map(({ output }) => output.replaceAll(copy, 'infra')).join('');
    const formatted = await runBicep(program, ['format', '--pattern', join(copy, '**/*.bicep*')]);
    if (formatted.code !== 0) throw new Error(formatted.output);
    const files = (await readdir(INFRA, { recursive: true })).filter((file) => /\.bicep(param)?$/.test(file));
    const unformatted: string[] = [];
    for (const file of files.sort()) {
      const [ours, theirs] = await Promise.all([INFRA, copy].map((at) => readFile(join(at, file), 'utf8')));
      if (ours !== theirs) unformatted.push(file);
    }
    return { lint: lint.trim(), unformatted };
  });
}

/** A committed prediction, as text. Undefined where the scenario has none yet. */
export async function committed(name: string): Promise<string | undefined> {
  try {
    return await readFile(join(SCENARIOS, `${name}.snapshot.json`), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function snapshotArguments(copy: string, name: string): string[] {
  const scope =
    name === 'management-group'
      ? ['--management-group-id', MANAGEMENT_GROUP]
      : ['--subscription-id', HOST_SUBSCRIPTION];
  const file = join(copy, `scenarios/${name}.bicepparam`);
  return [
    'snapshot',
    file,
    ...scope,
    '--tenant-id',
    TENANT,
    '--location',
    'westeurope',
    '--mode',
    'overwrite',
  ];
}

async function onCopy<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'lockwatch-infra-'));
  try {
    await cp(INFRA, directory, {
      recursive: true,
      filter: (source) => !relative(INFRA, source).endsWith('.snapshot.json'),
    });
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
