import { randomBytes } from 'node:crypto';
import { createPipelineRequest } from '@azure/core-rest-pipeline';
import { serve } from '../../dev/azure-simulator/http/serve.ts';
import { createTokens } from '../../dev/azure-simulator/tokens.ts';
import { systemClock } from '../../shared/clock.ts';
import { bigTenant } from '../facts/big-tenant.ts';

/** Where it listens, told on one line of JSON. */
export interface BigAzure {
  azure: string;
  identity: string;
  /** POST here: from now on every vault is gone. */
  vaultsGone: string;
  subscriptions: string[];
}

const PAGE = 1000;
const OF_EACH = 50;
const WITH_ENVIRONMENTS = 200;

/**
 * `node big-azure.ts <certificate> <key>`: a tenant of the size of the budgets over real HTTPS, in a process of its own:
 * 1,000 policies on 200 vaults in 10 subscriptions, and 10,000 environments of 200 of the policies. Every answer of
 * Resource Manager takes 30 ms.
 */
const [certFile = '', keyFile = ''] = process.argv.slice(2);
const tenant = bigTenant({
  policies: 1000,
  vaults: 200,
  subscriptions: 10,
  clock: systemClock,
  latencyMs: 30,
});
const tokens = createTokens('00000000-0000-0000-0000-00000000face', randomBytes(24).toString('hex'));
const environments = tenant.policyIds
  .slice(0, WITH_ENVIRONMENTS)
  .flatMap((id, n) => Array.from({ length: OF_EACH }, (_, m) => environmentBody(id, n * OF_EACH + m)));
let areVaultsGone = false;

const azure = await serve(
  async ({ url }) => {
    if (url.pathname.startsWith('/providers/Microsoft.BusinessAppPlatform/')) return environmentPage(url);
    const target = areVaultsGone && /\/vaults\//i.test(url.pathname) ? `${url.origin}/nothing` : url.href;
    const { status, bodyAsText } = await tenant.client.sendRequest(createPipelineRequest({ url: target }));
    return { status, body: JSON.parse(bodyAsText ?? '{}') };
  },
  { port: 0, tls: { certFile, keyFile } },
);
const identity = await serve(
  ({ method, url }) => {
    if (method === 'POST') areVaultsGone = true;
    const resource = url.searchParams.get('resource') ?? '';
    const { token, expiresOn } = tokens.issue({ objectId: 'o', applicationId: 'a' }, resource, Date.now());
    return {
      status: 200,
      body: { access_token: token, expires_on: `${expiresOn}`, resource, token_type: 'Bearer' },
    };
  },
  { port: 0 },
);
const told: BigAzure = {
  azure: `https://localhost:${azure.port}`,
  identity: `http://127.0.0.1:${identity.port}/msi/token`,
  vaultsGone: `http://127.0.0.1:${identity.port}/`,
  subscriptions: tenant.subscriptions,
};
console.log(JSON.stringify(told));

function environmentPage(url: URL) {
  const from = Number(url.searchParams.get('$skiptoken') ?? 0);
  const value = environments.slice(from, from + PAGE);
  if (from + PAGE >= environments.length) return { status: 200, body: { value } };
  const next = new URL(url);
  next.searchParams.set('$skiptoken', `${from + PAGE}`);
  return { status: 200, body: { value, nextLink: next.href } };
}

function environmentBody(policyId: string, n: number) {
  const name = `44444444-0000-4000-8000-${String(n).padStart(12, '0')}`;
  return {
    id: `/providers/Microsoft.BusinessAppPlatform/scopes/admin/environments/${name}`,
    name,
    location: 'europe',
    properties: {
      displayName: `Contoso Sales and Service ${n}`,
      environmentSku: 'Production',
      linkedEnvironmentMetadata: {
        instanceUrl: `https://org${n}.crm4.dynamics.com/`,
        instanceState: 'Ready',
      },
      enterprisePolicies: { customerManagedKeys: { id: policyId, linkStatus: 'Linked' } },
      states: { management: { id: 'Ready' }, runtime: { id: 'Enabled' } },
    },
  };
}
