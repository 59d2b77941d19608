import type { TokenCredential } from '@azure/core-auth';
import type { HttpClient } from '@azure/core-rest-pipeline';
import * as z from 'zod';
import { httpsAddress, optionalText, parseAs } from '../azure/answer-schema.ts';
import { normalId } from '../azure/arm-id.ts';
import { azureGet, type Get } from '../azure/azure-get.ts';
import type { Deadline } from '../azure/deadline.ts';
import { known, malformed, unknown, unreadable } from '../azure/outcome.ts';
import { eachPage } from '../azure/pages.ts';
import type { Part, Unknown } from '../azure/part.ts';
import type { Clock } from '../clock.ts';
import type { EnvironmentSource } from './environments.ts';
import type { EnvironmentFact, EnvironmentsFact } from './facts.ts';

/**
 * The admin API that the PowerApps administration module calls; links to policies are returned only if
 * expanded.
 */
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

/** Environments from the Power Platform admin API: one list for all policies of a read session. */
export function powerPlatformEnvironments(options: PowerPlatformOptions): EnvironmentSource {
  const get = azureGet(options);
  return {
    begin(deadline) {
      const ask = () => readIndex(get, deadline);
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
  /** When the list was requested: it may lack later changes. */
  askedAt: string;
  at: string;
  /** By `normalId` of the policy's ARM id, and by its system id. */
  byPolicy: Map<string, EnvironmentFact[]>;
  bySystemId: Map<string, EnvironmentFact[]>;
  someBySystemIdOnly: boolean;
}

function ofPolicy(index: Index, policyId: string, systemId: string | undefined): Part<EnvironmentsFact> {
  // A policy that is gone has no system id: such an environment may be its own, and must not be dropped
  // unnoticed.
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

const SEES_NONE = `The list of environments answered without a single one, though every tenant has one: Lockwatch's identity may see none. It needs ${RIGHT}.`;

/**
 * Built page by page: Azure's answer for thousands of environments is many times larger than the data kept
 * from it.
 */
async function readIndex(get: Get, deadline: Deadline): Promise<Index | Unknown> {
  const index: Omit<Index, 'askedAt' | 'at'> = {
    byPolicy: new Map(),
    bySystemId: new Map(),
    someBySystemIdOnly: false,
  };
  let number = 0;
  const faults: { what: string; because: string }[] = [];
  const outcome = await eachPage(get, ENVIRONMENTS, deadline, (items) => {
    for (const item of items) {
      number += 1;
      const parsed = parseAs(environmentSchema, item);
      // A row that can't be read may be linked to any policy, so without it no policy's list is complete.
      if ('fault' in parsed)
        faults.push({ what: `Environment ${number} of the list`, because: parsed.fault });
      else addTo(index, parsed.value);
    }
  });
  if (outcome.kind !== 'answered') return unreadable(outcome, RIGHT);
  // Every tenant has its default environment, which can't be deleted ("Power Platform environments
  // overview"), and the list omits environments that the caller may not see: an empty list would make each
  // policy look unlinked.
  if (number === 0) return unknown('forbidden', SEES_NONE, outcome.at);
  const [fault] = faults;
  if (fault) return malformed(fault.what, fault.because, outcome.at);
  return { ...index, askedAt: outcome.askedAt, at: outcome.at };
}

function addTo(index: Omit<Index, 'askedAt' | 'at'>, answer: z.infer<typeof environmentSchema>): void {
  const key = answer.properties?.enterprisePolicies?.customerManagedKeys;
  if (!key) return;
  const environment = factOf(answer);
  if (key.id) add(index.byPolicy, normalId(key.id), environment);
  if (key.systemId && !key.id) index.someBySystemIdOnly = true;
  if (key.systemId) add(index.bySystemId, normalId(key.systemId), environment);
}

function add(map: Map<string, EnvironmentFact[]>, key: string, environment: EnvironmentFact): void {
  const list = map.get(key);
  if (list) list.push(environment);
  else map.set(key, [environment]);
}

/** A descriptive field must not make a list unreadable; a linking field must. */
const describes = optionalText.optional().catch(undefined);

const environmentSchema = z.object({
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

function factOf({ name, location, properties }: z.infer<typeof environmentSchema>): EnvironmentFact {
  const metadata = properties?.linkedEnvironmentMetadata;
  const runtime = properties?.states?.runtime;
  return {
    id: name.trim().toLowerCase(),
    displayName: properties?.displayName ?? name,
    sku: properties?.environmentSku ?? 'Unknown',
    region: location ?? '',
    url: httpsAddress(metadata?.instanceUrl),
    linkStatus: properties?.enterprisePolicies?.customerManagedKeys?.linkStatus,
    managementState: properties?.states?.management?.id,
    instanceState: metadata?.instanceState,
    runtimeState: runtime?.id,
    runtimeReasonCode: runtime?.runtimeReasonCode,
  };
}
