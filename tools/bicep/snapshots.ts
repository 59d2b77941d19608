import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { HOST_SUBSCRIPTION, MANAGEMENT_GROUP, TENANT } from '../../dev/expected-deployment/scenario-ids.ts';
import { type BicepServer, startBicepServer } from './server.ts';

export const INFRA = join(import.meta.dirname, '../../infra');
export const INFRA_SCENARIOS = join(INFRA, 'scenarios');

export interface Compiled {
  /** All output of the compiler and the linter; it must be empty. */
  output: string;
  /** Files that `bicep format` would change, below infra/. */
  unformatted: string[];
  /** The resources that each scenario's deployment would create, by the scenario's name. */
  expected: Map<string, string>;
  /** The template for a deployment without azd, as it must be committed (`AZUREDEPLOY`). */
  template: string;
}

/** The compiled template that people without azd deploy; infra/azuredeploy.bicep is its source. */
export const AZUREDEPLOY = join(INFRA, 'azuredeploy.json');

/** The names of all scenarios: infra/scenarios/<name>.bicepparam. */
export async function scenarioNames(): Promise<string[]> {
  const ending = '.bicepparam';
  const files = await readdir(INFRA_SCENARIOS);
  return files.flatMap((file) => (file.endsWith(ending) ? [file.slice(0, -ending.length)] : [])).sort();
}

/**
 * All results of the real compiler for infra/, in one run. Throws with its message where it can't continue.
 */
export async function compileAll(program: string): Promise<Compiled> {
  const server = startBicepServer(program);
  try {
    return await compileBy(server);
  } finally {
    await server.stop();
  }
}

/** The same by a server that is used for other requests as well. */
export async function compileBy(server: BicepServer): Promise<Compiled> {
  const output = await diagnosticsOf(server);
  const unformatted = await unformattedFiles(server);
  const expected = await snapshots(server);
  return { output, unformatted, expected, template: await templateOf(server) };
}

/** The template for a deployment without azd. */
export async function compileTemplate(program: string): Promise<string> {
  const server = startBicepServer(program);
  try {
    return await templateOf(server);
  } finally {
    await server.stop();
  }
}

async function templateOf(server: BicepServer): Promise<string> {
  const path = join(INFRA, 'azuredeploy.bicep');
  const schema = z.object({ contents: z.string().optional() });
  const { contents } = await server.ask('bicep/compile', { path }, schema);
  if (contents === undefined)
    throw new Error(`${path} does not compile. Run: npm run bicep -- lint infra/azuredeploy.bicep`);
  return `${contents.trimEnd()}\n`;
}

/** Every expected deployment, as the compiler evaluates it offline. */
export async function snapshotAll(program: string): Promise<Map<string, string>> {
  const server = startBicepServer(program);
  try {
    return await snapshots(server);
  } finally {
    await server.stop();
  }
}

/** A server with these variables from azd and no others of ours. Only main.bicepparam reads any. */
export function startBicepOfAzd(program: string, variables: Record<string, string>): BicepServer {
  const others = Object.entries(process.env).filter(([name]) => !/^(LOCKWATCH|AZURE)_/.test(name));
  return startBicepServer(program, { ...Object.fromEntries(others), ...variables });
}

/** The deployment that azd would make: main.bicepparam, with the variables of the server's environment. */
export async function snapshotAzd(server: BicepServer): Promise<string> {
  const scope = { subscriptionId: HOST_SUBSCRIPTION };
  return inOrder(await snapshotOf(server, join(INFRA, 'main.bicepparam'), scope));
}

/**
 * The compiler's errors for each of these deployments, given by their parameter files; undefined where there
 * are none.
 */
export async function refusalsOf(
  server: BicepServer,
  paths: readonly string[],
): Promise<(string | undefined)[]> {
  const refusals: (string | undefined)[] = [];
  for (const path of paths) {
    try {
      await snapshotOf(server, path, { subscriptionId: HOST_SUBSCRIPTION });
      refusals.push(undefined);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      refusals.push(error.message);
    }
  }
  return refusals;
}

/** A committed snapshot, as text. Undefined where the scenario has none yet. */
export async function committed(name: string): Promise<string | undefined> {
  try {
    return await readFile(join(INFRA_SCENARIOS, `${name}.snapshot.json`), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

const diagnosed = z.object({
  diagnostics: z.array(
    z.object({
      source: z.string(),
      range: z.object({ start: z.object({ line: z.number(), char: z.number() }) }),
      level: z.string(),
      code: z.string(),
      message: z.string(),
    }),
  ),
});

/**
 * The compiler's and the linter's diagnostics for every file, warnings included. The scenarios' parameters are
 * compiled with their snapshots. Asked of the server, since each start of the compiler costs seconds.
 */
export async function diagnosticsOf(server: BicepServer, folder = INFRA): Promise<string> {
  const lines = new Set<string>();
  const add = ({ diagnostics }: z.infer<typeof diagnosed>) => {
    for (const { source, range, level, code, message } of diagnostics)
      lines.add(`${source}(${range.start.line + 1},${range.start.char + 1}) : ${level} ${code}: ${message}`);
  };
  const files = await readdir(folder, { recursive: true });
  for (const file of files.filter((one) => one.endsWith('.bicep')).sort())
    add(await server.ask('bicep/compile', { path: join(folder, file) }, diagnosed));
  if (files.includes('main.bicepparam')) {
    const path = join(folder, 'main.bicepparam');
    add(await server.ask('bicep/compileParams', { path, parameterOverrides: {} }, diagnosed));
  }
  return [...lines].join('\n');
}

async function unformattedFiles(server: BicepServer): Promise<string[]> {
  const files = await readdir(INFRA, { recursive: true });
  const unformatted: string[] = [];
  for (const file of files.filter((one) => /\.bicep(param)?$/.test(one)).sort()) {
    const path = join(INFRA, file);
    const { contents } = await server.ask('bicep/format', { path }, z.object({ contents: z.string() }));
    if (contents !== (await readFile(path, 'utf8'))) unformatted.push(file);
  }
  return unformatted;
}

async function snapshots(server: BicepServer): Promise<Map<string, string>> {
  const expected = new Map<string, string>();
  for (const name of await scenarioNames()) {
    const scope =
      name === 'management-group'
        ? { managementGroupId: MANAGEMENT_GROUP }
        : { subscriptionId: HOST_SUBSCRIPTION };
    const snapshot = await snapshotOf(server, join(INFRA_SCENARIOS, `${name}.bicepparam`), scope);
    expected.set(name, inOrder(snapshot));
  }
  return expected;
}

async function snapshotOf(
  server: BicepServer,
  path: string,
  scope: { subscriptionId: string } | { managementGroupId: string },
): Promise<string> {
  const metadata = { tenantId: TENANT, location: 'westeurope', ...scope };
  const schema = z.object({ snapshot: z.string() });
  return (await server.ask('bicep/getSnapshot', { path, metadata, externalInputs: [] }, schema)).snapshot;
}

/** Bicep writes the outputs in a different order each time. */
function inOrder(snapshot: string): string {
  const parsed = z
    .looseObject({ outputs: z.record(z.string(), z.unknown()).optional() })
    .parse(JSON.parse(snapshot));
  const outputs = Object.fromEntries(
    Object.entries(parsed.outputs ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  return `${JSON.stringify({ ...parsed, outputs }, null, 2)}\n`;
}
