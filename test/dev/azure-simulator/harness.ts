import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { setDefaultCACertificates } from 'node:tls';
import type { SimulatorConfigInput } from '../../../dev/azure-simulator/config.ts';
import { type RunningSimulator, startSimulator } from '../../../dev/azure-simulator/simulator.ts';
import { type Certificate, makeCertificate } from '../../../dev/stack/certificate.ts';

const ends: (() => unknown)[] = [];
// At the file's own level: a hook asked for later, after an await, may belong to another suite.
after(async () => {
  for (const end of ends.reverse()) await end();
});

/** Does it when the whole test file is over. */
export function atEnd(end: () => unknown): void {
  ends.push(end);
}

let made: Promise<Certificate> | undefined;

/** The run's certificate; one of this file's own, trusted by this process, where the runner made none. */
export function testCertificate(): Promise<Certificate> {
  made ??= findCertificate();
  return made;
}

async function findCertificate(): Promise<Certificate> {
  const { LOCKWATCH_LOCAL_TEST_CERT, LOCKWATCH_LOCAL_TEST_KEY } = process.env;
  if (LOCKWATCH_LOCAL_TEST_CERT && LOCKWATCH_LOCAL_TEST_KEY)
    return { certFile: LOCKWATCH_LOCAL_TEST_CERT, keyFile: LOCKWATCH_LOCAL_TEST_KEY };
  const directory = await mkdtemp(join(tmpdir(), 'lockwatch-tenant-'));
  const certificate = await makeCertificate(directory);
  atEnd(() => rm(directory, { recursive: true, force: true }));
  setDefaultCACertificates([readFileSync(certificate.certFile, 'utf8')]);
  return certificate;
}

export interface TestSimulator extends RunningSimulator {
  certificate: Certificate;
  token(resource: string): Promise<string>;
  /** A read by the app's identity; without `token`, with a good one. */
  read(
    path: string,
    options?: { token?: string; method?: string },
  ): Promise<{ status: number; body: Body; headers: Headers }>;
  scenario(name: string, request?: object): Promise<Body>;
}
/** What came over the wire; each test checks what it needs of it. */
export type Body = Record<string, unknown> & {
  error?: { code: string; message: string; field?: string; choices?: string[] };
  value?: Body[];
  nextLink?: string;
  properties?: Body;
  events?: {
    id: string;
    delivered: string;
    operation?: string;
    type: string;
    messageId?: string;
    reason?: string;
  }[];
};

/** A tenant of this test's own, without latency, ended with the test file. */
export async function startTestSimulator(
  config: Partial<SimulatorConfigInput> = {},
  now?: () => number,
): Promise<TestSimulator> {
  const certificate = await testCertificate();
  const simulator = await startSimulator({ ...certificate, latencyMs: 0, audited: 'all', ...config }, now);
  atEnd(() => simulator.stop());
  const token = async (resource: string) => {
    const url = `${simulator.identity}?api-version=2019-08-01&resource=${resource}&client_id=${simulator.clientId}`;
    const answer = await fetch(url, { headers: { 'x-identity-header': simulator.identityHeader } });
    return ((await answer.json()) as { access_token: string }).access_token;
  };
  return {
    ...simulator,
    certificate,
    token,
    async read(path, options = {}) {
      const bearer = options.token ?? (await token('https://management.azure.com'));
      const answer = await fetch(path.startsWith('https:') ? path : `${simulator.arm}${path}`, {
        method: options.method,
        headers: { authorization: `Bearer ${bearer}` },
      });
      const text = await answer.text();
      return {
        status: answer.status,
        body: text === '' ? {} : (JSON.parse(text) as Body),
        headers: answer.headers,
      };
    },
    async scenario(name, request = {}) {
      const answer = await fetch(`${simulator.control}/scenarios/${name}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(request),
      });
      return { status: answer.status, ...((await answer.json()) as Body) } as Body;
    },
  };
}

/** Ids of the seeded main policy and its chain. */
export function mainIds(simulator: RunningSimulator) {
  const subscription = `/subscriptions/${simulator.subscriptions[0]}`;
  const vault = `${subscription}/resourceGroups/rg-keys-eu/providers/Microsoft.KeyVault/vaults/kv-contoso-eu`;
  return {
    subscription,
    vault,
    key: `${vault}/keys/cmk-finance`,
    policy: `${subscription}/resourceGroups/rg-powerplatform/providers/Microsoft.PowerPlatform/enterprisePolicies/ep-finance`,
    policies: `${subscription}/providers/Microsoft.PowerPlatform/enterprisePolicies`,
    deletedVault: `${subscription}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/kv-contoso-eu`,
  };
}

export const KEY_VAULT = 'api-version=2026-02-01';
export const AUTHORIZATION = 'api-version=2022-04-01';
export const POLICIES = 'api-version=2020-10-30-preview';
export const LOCKS = 'api-version=2020-05-01';
export const SCHEDULES = 'api-version=2020-10-01';
