import type { TokenCredential } from '@azure/core-auth';
import type { HttpClient } from '@azure/core-rest-pipeline';
import * as z from 'zod';
import type { Clock } from '../clock.ts';
import { httpsUrl, inForm, optionalText } from './answer-form.ts';
import { normalId } from './arm-id.ts';
import { azureGet } from './azure-get.ts';
import type { EnvironmentSource } from './environments.ts';
import type { EnvironmentFact, EnvironmentsFact, Part, Unknown } from './facts.ts';
import { known, malformed, type Outcome, unknown, unreadable } from './outcome.ts';
import { getPages } from './pages.ts';

/** The admin API that the PowerApps administration module calls; the links to policies come only with the expansion. */
const ENVIRONMENTS =
  '/providers/Microsoft.BusinessAppPlatform/scopes/admin/environments?api-version=2023-06-01&$expand=properties/enterprisePolicies';
const RIGHT = "the Power Platform reader role, or an inventory file in the list's place";

export interface PowerPlatformOptions {
  endpoint: string;
  scope: string;
  credential: TokenCredential;
  clock: Clock;
  httpClient?: HttpClient;
}

/** Environments from the Power Platform admin API: one list for all policies of a pass. */
export function powerPlatformEnvironments(options: PowerPlatformOptions): EnvironmentSource {
  const get = azureGet(options);
  return {
    begin(deadline) {
      const ask = () => getPages(get, ENVIRONMENTS, deadline).then(indexed);
      let latest: { askedAt: string; answer: Promise<Index | Unknown> } | undefined;
      const list = (notBefore = '') => {
        if (!latest || latest.askedAt < notBefore) latest = { askedAt: options.clock.now(), answer: ask() };
        return latest.answer;
      };
      return {
        async forPolicy(policyId, policy) {
          list();
          const { systemId, goneAt } = await policy;
          const index = await list(goneAt);
          return 'state' in index ? index : ofPolicy(index, policyId, systemId);
        },
      };
    },
  };
}

interface Index {
  /** When the list was asked for: what changed since may not be in it. */
  askedAt: string;
  at: string;
  /** By `normalId` of the policy's ARM id, and by its system id. */
  byPolicy: Map<string, EnvironmentFact[]>;
  bySystemId: Map<string, EnvironmentFact[]>;
  someBySystemIdOnly: boolean;
}

function ofPolicy(index: Index, policyId: string, systemId: string | undefined): Part<EnvironmentsFact> {
  // A policy that is gone tells no system id: such an environment may be its own, and must not drop out unseen.
  if (systemId === undefined && index.someBySystemIdOnly) {
    const detail =
      'Some environments name their policy by its system id alone, and that of this policy is not known.';
    return unknown('invalidAnswer', detail, index.at);
  }
  const byId = index.byPolicy.get(normalId(policyId)) ?? [];
  const others = systemId === undefined ? [] : (index.bySystemId.get(normalId(systemId)) ?? []);
  const environments = [...new Set([...byId, ...others])];
  return known({ source: 'powerPlatform', asOf: index.askedAt, environments }, index.at);
}

function indexed(outcome: Outcome<unknown[]>): Index | Unknown {
  if (outcome.kind !== 'answered') return unreadable(outcome, RIGHT);
  const index: Index = {
    askedAt: outcome.askedAt,
    at: outcome.at,
    byPolicy: new Map(),
    bySystemId: new Map(),
    someBySystemIdOnly: false,
  };
  for (const [number, item] of outcome.value.entries()) {
    const parsed = inForm(environmentForm, item);
    // A row that can't be read may be linked to any policy, so without it no policy's list is whole.
    if ('fault' in parsed)
      return malformed(`Environment ${number + 1} of the list`, parsed.fault, outcome.at);
    const key = parsed.value.properties?.enterprisePolicies?.customerManagedKeys;
    if (!key) continue;
    const environment = factOf(parsed.value);
    if (key.id) add(index.byPolicy, normalId(key.id), environment);
    if (key.systemId && !key.id) index.someBySystemIdOnly = true;
    if (key.systemId) add(index.bySystemId, normalId(key.systemId), environment);
  }
  return index;
}

function add(map: Map<string, EnvironmentFact[]>, key: string, environment: EnvironmentFact): void {
  const list = map.get(key);
  if (list) list.push(environment);
  else map.set(key, [environment]);
}

/** What only describes must not make a list unreadable; what links must. */
const describes = optionalText.optional().catch(undefined);

const environmentForm = z.object({
  name: z.string().min(1),
  location: describes,
  properties: z
    .object({
      displayName: describes,
      environmentSku: describes,
      linkedEnvironmentMetadata: z
        .object({ instanceUrl: describes, instanceState: describes })
        .nullish()
        .catch(undefined),
      enterprisePolicies: z
        .object({
          customerManagedKeys: z
            .object({ id: optionalText, systemId: optionalText, linkStatus: describes })
            .nullish(),
        })
        .nullish(),
      states: z
        .object({
          management: z.object({ id: describes }).nullish().catch(undefined),
          runtime: z.object({ id: describes, runtimeReasonCode: describes }).nullish().catch(undefined),
        })
        .nullish()
        .catch(undefined),
    })
    .nullish(),
});

function factOf({ name, location, properties }: z.infer<typeof environmentForm>): EnvironmentFact {
  const metadata = properties?.linkedEnvironmentMetadata;
  const runtime = properties?.states?.runtime;
  return {
    id: name.trim().toLowerCase(),
    displayName: properties?.displayName ?? name,
    sku: properties?.environmentSku ?? 'Unknown',
    region: location ?? '',
    url: httpsUrl(metadata?.instanceUrl),
    linkStatus: properties?.enterprisePolicies?.customerManagedKeys?.linkStatus,
    managementState: properties?.states?.management?.id,
    instanceState: metadata?.instanceState,
    runtimeState: runtime?.id,
    runtimeReasonCode: runtime?.runtimeReasonCode,
  };
}
