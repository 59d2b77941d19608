import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

interface Bill {
  serialNumber?: string;
  metadata?: { timestamp?: string; tools?: unknown };
  components?: { 'bom-ref': string; name: string; version: string }[];
  dependencies?: { ref: string; dependsOn?: string[] }[];
}
interface Lockfile {
  packages: Record<string, { version?: string; dev?: true; optional?: true; devOptional?: true }>;
}

/**
 * The production packages as a CycloneDX bill of materials, made by npm from the lockfile; without the parts
 * that differ from one run to the next (the serial number, the time, the npm version). npm's own `--omit=dev`
 * omits too much: packages that the app needs as well as a tool. So the lockfile decides which are the app's.
 */
export async function billOfMaterials(root: string, at: Date): Promise<{ text: string; components: number }> {
  const { stdout } = await promisify(execFile)(
    'npm',
    ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application', '--package-lock-only'],
    { cwd: root, maxBuffer: 64 * 1024 * 1024, shell: process.platform === 'win32' },
  );
  const ours = productionPackages(JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')));
  const { serialNumber: _random, components = [], dependencies = [], ...bill } = JSON.parse(stdout) as Bill;
  const { tools: _npm, ...metadata } = bill.metadata ?? {};
  const kept = components.filter(({ name, version }) => ours.has(`${name}@${version}`));
  const others = new Set(components.filter((one) => !kept.includes(one)).map((one) => one['bom-ref']));
  const steady = {
    ...bill,
    metadata: { ...metadata, timestamp: at.toISOString() },
    components: kept,
    dependencies: dependencies
      .filter(({ ref }) => !others.has(ref))
      .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter((one) => !others.has(one)) })),
  };
  return { text: `${JSON.stringify(steady, undefined, 2)}\n`, components: kept.length };
}

function productionPackages({ packages }: Lockfile): Set<string> {
  return new Set(
    Object.entries(packages)
      .filter(([path, { dev, optional, devOptional }]) => path !== '' && !dev && !optional && !devOptional)
      .map(([path, { version }]) => `${path.slice(path.lastIndexOf('node_modules/') + 13)}@${version}`),
  );
}
