import { createHttpHeaders, type HttpClient } from '@azure/core-rest-pipeline';
import { armIdParts } from '../../shared/azure/arm-id.ts';
import { type TokenBucket, tokenBucket } from '../../shared/azure/token-bucket.ts';
import type { Clock } from '../../shared/clock.ts';
import { createFactsReader, type FactsReaderOptions } from '../../shared/facts/azure-facts-reader.ts';
import type { EnvironmentSource } from '../../shared/facts/environments.ts';
import type { FactsReader } from '../../shared/facts/reader.ts';
import { environment, known } from '../triggers/a-reading.ts';
import { ORIGIN } from './fake-azure.ts';
import { noEnvironmentsHere } from './no-environments.ts';
import { assignment, CURRENT, policyAnswer, role, vaultAnswer, versionItem } from './tenant.ts';

export interface BigTenant {
  client: HttpClient;
  reader: FactsReader;
  subscriptions: string[];
  policyIds: string[];
  /** How often each address was asked; refused for throttling not counted. */
  asked: Map<string, number>;
  /** By subscription. */
  answered: Map<string, number>;
  refused: Map<string, number>;
  /** Requests under way at once, by subscription: the most there ever were. */
  most: Map<string, number>;
  /** When each subscription last answered, in milliseconds since the epoch. */
  lastAt: Map<string, number>;
  /** From now on Azure grants this subscription no more than so many reads. */
  grant(subscriptionId: string, bucket: { capacity: number; perSecond: number }): void;
  /** Changes what an address answers, and its row in a list. */
  change(path: string, change: Change): void;
  /** Changes what an address answers, while lists still show the earlier row. */
  changeResource(path: string, change: Change): void;
  /** Changes a row alone; undefined takes it out of the list. */
  changeRow(id: string, change: Change): void;
  /** An address that answers no more. */
  hang(path: string): void;
  vaultIds: string[];
  /** Soft-deletes it with its keys. Gives what undoes that. */
  deleteVault(vaultId: string): () => void;
}
type Body = Record<string, unknown>;
type Change = (body: Body) => Body | undefined;

export interface BigTenantOptions {
  policies: number;
  vaults: number;
  subscriptions: number;
  clock: Clock;
  latencyMs: number;
  /** So many further subscriptions, with a vault and a policy each. */
  small?: number;
  /** Each policy has one environment. Otherwise no list of environments is set. */
  environments?: boolean;
  reader?: Partial<FactsReaderOptions>;
}

/** Azure with many policies, each with a key and an identity of its own, spread evenly; every answer takes as long. */
export function bigTenant(options: BigTenantOptions): BigTenant {
  const { clock, latencyMs } = options;
  const { small = 0 } = options;
  const subscriptions = Array.from({ length: options.subscriptions + small }, (_, n) => guid(n));
  const vaults = Array.from({ length: options.vaults + small }, (_, n) => {
    const place = n < options.vaults ? n % options.subscriptions : options.subscriptions + n - options.vaults;
    return `/subscriptions/${guid(place)}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv-${n}`;
  });
  const vaultOf = (n: number) =>
    vaults[n < options.policies ? n % options.vaults : n - options.policies + options.vaults];
  const answers = new Map<string, unknown>();
  const on = (path: string, body: unknown) => answers.set(path.toLowerCase(), body);
  const lists = new Map<string, unknown[]>(subscriptions.map((id) => [id, []]));
  const policyIds = Array.from({ length: options.policies + small }, (_, n) => {
    const vault = vaultOf(n) ?? '';
    const { subscriptionId = '' } = armIdParts(vault);
    const id = `/subscriptions/${subscriptionId}/resourceGroups/rg/providers/Microsoft.PowerPlatform/enterprisePolicies/ep-${n}`;
    const keyName = `cmk-${n}`;
    const policy = policyAnswer(id, {
      identity: { principalId: guid(1000 + n), tenantId: 't' },
      properties: {
        healthStatus: 'Healthy',
        encryption: { keyVault: { id: vault, key: { name: keyName } } },
      },
    });
    on(id, policy);
    lists.get(subscriptionId)?.push(policy);
    const [item, key] = keyOf(vault, keyName);
    on(`${vault}/keys/${keyName}`, key);
    on(`${vault}/keys/${keyName}/versions`, { value: [item] });
    return id;
  });
  const vaultsOf = new Map<string, unknown[]>(subscriptions.map((id) => [id, []]));
  for (const [n, id] of vaults.entries()) {
    const vault = { ...vaultAnswer(), id, name: `kv-${n}` };
    on(id, vault);
    vaultsOf.get(armIdParts(id).subscriptionId ?? '')?.push(vault);
    on(`${id}/providers/Microsoft.Authorization/denyAssignments`, { value: [] });
  }
  for (const id of subscriptions) {
    const provider = `/subscriptions/${id}/providers`;
    on(`${provider}/Microsoft.PowerPlatform/enterprisePolicies`, { value: lists.get(id) });
    on(`${provider}/Microsoft.Authorization/roleDefinitions/e147488a-f6f5-4113-8e2d-b22465e65bf6`, role());
    on(`${provider}/Microsoft.KeyVault/vaults`, { value: vaultsOf.get(id) });
    on(`${provider}/Microsoft.Authorization/denyAssignments`, { value: [] });
    on(`${provider}/Microsoft.Authorization/locks`, { value: [] });
    on(`${provider}/Microsoft.Authorization/roleAssignmentScheduleInstances`, { value: [] });
  }
  const changeRow = (id: string, change: Change) => {
    for (const body of answers.values()) {
      const list = body as { value?: Body[] } | undefined;
      if (Array.isArray(list?.value))
        list.value = list.value.flatMap((row): Body[] => {
          if (row.id !== id) return [row];
          const changed = change(row);
          return changed ? [changed] : [];
        });
    }
  };
  const changeResource = (path: string, change: Change) => {
    answers.set(path.toLowerCase(), change(answers.get(path.toLowerCase()) as Body));
  };
  const hanging = new Set<string>();
  const none = () => new Map<string, number>();
  const counts = { asked: none(), answered: none(), refused: none(), most: none(), lastAt: none() };
  const underWay = new Map<string, number>();
  const buckets = new Map<string, TokenBucket>();
  const client: HttpClient = {
    async sendRequest(request) {
      const url = new URL(request.url);
      const path = decodeURIComponent(url.pathname).toLowerCase();
      const { subscriptionId = '' } = armIdParts(path);
      const now = (underWay.get(subscriptionId) ?? 0) + 1;
      underWay.set(subscriptionId, now);
      counts.most.set(subscriptionId, Math.max(now, counts.most.get(subscriptionId) ?? 0));
      const bucket = buckets.get(subscriptionId);
      const waitMs = bucket?.waitMs() ?? 0;
      if (waitMs === 0) bucket?.take();
      await clock.sleep(hanging.has(path) ? 3_600_000 : latencyMs);
      underWay.set(subscriptionId, (underWay.get(subscriptionId) ?? 1) - 1);
      if (waitMs > 0) {
        count(counts.refused, subscriptionId);
        const headers = createHttpHeaders({ 'retry-after': `${Math.ceil(waitMs / 1000)}` });
        return { status: 429, headers, bodyAsText: '', request };
      }
      count(counts.answered, subscriptionId);
      counts.lastAt.set(subscriptionId, clock.nowMs());
      count(counts.asked, `${path}${url.search}`.toLowerCase());
      const body = answers.get(path) ?? rolesOf(path, url.search);
      const bodyAsText = JSON.stringify(body ?? { error: { code: 'ResourceNotFound' } });
      const headers = createHttpHeaders(bucket ? { [READS_LEFT]: `${levelOf(bucket)}` } : {});
      return { status: body ? 200 : 404, headers, bodyAsText, request };
    },
  };
  const reader = createFactsReader({
    armEndpoint: ORIGIN,
    armScope: `${ORIGIN}/.default`,
    subscriptions,
    credential: {
      getToken: async () => ({ token: 'secret-token', expiresOnTimestamp: Number.MAX_SAFE_INTEGER }),
    },
    clock,
    environments: options.environments ? oneEnvironmentEach(clock) : noEnvironmentsHere(clock),
    httpClient: client,
    ...options.reader,
  });
  return {
    ...{ client, reader, subscriptions, policyIds, ...counts },
    change(path, change) {
      changeResource(path, change);
      changeRow(path, change);
    },
    changeResource,
    changeRow,
    hang: (path) => hanging.add(path.toLowerCase()),
    grant: (subscriptionId, bucket) => buckets.set(subscriptionId, tokenBucket({ ...bucket, clock })),
    vaultIds: vaults,
    deleteVault(vaultId) {
      const below = [...answers].filter(([path]) => path.startsWith(vaultId.toLowerCase()));
      for (const [path] of below) answers.delete(path);
      changeRow(vaultId, () => undefined);
      const { subscriptionId = '', name = '' } = armIdParts(vaultId);
      const place = `/subscriptions/${subscriptionId}/providers/Microsoft.KeyVault/locations/westeurope`;
      on(`${place}/deletedVaults/${name}`, {
        properties: {
          vaultId,
          deletionDate: clock.now(),
          scheduledPurgeDate: new Date(clock.nowMs() + 90 * 86_400_000).toISOString(),
        },
      });
      return () => {
        for (const [path, body] of below) answers.set(path, body);
      };
    },
  };
}

/** Azure Resource Manager docs, "Understand how Azure Resource Manager throttles requests": remaining requests. */
const READS_LEFT = 'x-ms-ratelimit-remaining-subscription-reads';

/** The largest number of requests that would not have to wait. */
function levelOf(bucket: TokenBucket): number {
  let [level, step] = [0, 256];
  for (; step >= 1; step /= 2) if (bucket.waitMs(level + step) === 0) level += step;
  return level;
}

function oneEnvironmentEach(clock: Clock): EnvironmentSource {
  return {
    begin: () => ({
      async forPolicy(policyId) {
        const asOf = clock.now();
        const environments = [environment(`environment of ${policyId}`)];
        return known({ source: 'powerPlatform', asOf, environments }, asOf);
      },
    }),
  };
}

/** The identity that is asked for has its role at the vault. */
function rolesOf(path: string, search: string): unknown {
  const [vault, assignments] = path.split('/providers/microsoft.authorization/');
  const principalId = /assignedTo\('([^']+)'\)/.exec(decodeURIComponent(search))?.[1];
  if (assignments !== 'roleassignments' || !principalId) return undefined;
  return { value: [assignment({ scope: vault, principalId })] };
}

function keyOf(vault: string, keyName: string): [unknown, unknown] {
  const item = versionItem(CURRENT);
  const uri = `https://kv.vault.azure.net:443/keys/${keyName}/${CURRENT}`;
  const properties = { ...item.properties, keyUriWithVersion: uri };
  const whole = { ...properties, kty: 'RSA', keyOps: ['wrapKey', 'unwrapKey'], keySize: 2048 };
  return [
    { ...item, id: `${vault}/keys/${keyName}/versions/${CURRENT}`, properties },
    { ...item, id: `${vault}/keys/${keyName}`, name: keyName, properties: whole },
  ];
}

function guid(n: number): string {
  return `00000000-0000-0000-0000-${String(n).padStart(12, '0')}`;
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
