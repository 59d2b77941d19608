import { getJson } from '../../shared/azure/pages.ts';
import type { Facts } from '../../shared/facts/facts.ts';
import type { AzureReader } from './azure-reader.ts';
import type { VerifiedAssumption } from './report.ts';
import { evidenceAt, verified } from './verified-assumption.ts';

const LIST = '/providers/Microsoft.BusinessAppPlatform/scopes/admin/environments?api-version=2023-06-01';
const EXPANDED = `${LIST}&$expand=properties/enterprisePolicies`;

/**
 * The Power Platform admin API's answers to unpublished assumptions about it. First pages are enough, if they
 * show a link.
 */
export async function verifiedByPowerPlatform(
  azure: AzureReader,
  chains: readonly Facts[],
): Promise<VerifiedAssumption[]> {
  if (azure.settings.environmentsFrom === 'inventory') return [];
  const [plain, expanded] = await Promise.all(
    [LIST, EXPANDED].map((target) => getJson(azure.powerPlatform, target, azure.deadline)),
  );
  const rows = (outcome: typeof plain) => {
    const value = outcome?.kind === 'answered' ? evidenceAt(outcome.value, 'value') : undefined;
    return Array.isArray(value) ? value : undefined;
  };
  const without = rows(plain);
  const withLinks = rows(expanded);
  const linked = (list: readonly unknown[] | undefined) =>
    (list ?? []).filter((row) => evidenceAt(row, 'properties', 'enterprisePolicies') !== undefined).length;
  const refused = expanded?.kind === 'refused' ? expanded : undefined;
  // A list without any link may be one that leaves links out, or shows a part of the tenant only.
  const sawLink = linked(withLinks) > 0;
  const hasMore = expanded?.kind === 'answered' && evidenceAt(expanded.value, 'nextLink') !== undefined;
  const read = chains.filter(({ environments }) => environments.state === 'known').length;
  return [
    verified(
      'The API has no published schema; its fields are those that Microsoft’s scripts and providers read',
      'these fields, more and fewer being fine',
      sawLink ? chains.length === read : undefined,
      withLinks === undefined
        ? NO_ANSWER
        : !sawLink
          ? NO_LINK
          : `read for ${read} of ${chains.length} policies`,
    ),
    verified(
      'Without `$expand` the link to the policy is left out',
      'left out',
      without === undefined || !sawLink ? undefined : linked(without) === 0,
      `of the first page, ${linked(without)} environments name a policy without it and ${linked(withLinks)} with it`,
    ),
    verified(
      'Status and body for an identity without permission',
      '401 or 403',
      refused === undefined ? undefined : refused.status === 401 || refused.status === 403,
      refused === undefined ? 'this identity was not refused' : `${refused.status} ${refused.code}`.trim(),
    ),
    verified(
      'Page size, and `Retry-After` under load',
      'pages by nextLink',
      hasMore && sawLink ? true : undefined,
      withLinks === undefined
        ? NO_ANSWER
        : `${withLinks.length} environments on the first page${hasMore ? ', and more by nextLink' : ''}`,
    ),
    lockedStates(chains),
  ];
}

const NO_ANSWER = 'the list gave no answer';
const NO_LINK = 'no environment on the first page names a policy';

function lockedStates(chains: readonly Facts[]): VerifiedAssumption {
  const environments = chains.flatMap(({ environments: part }) =>
    part.state === 'known' ? part.value.environments : [],
  );
  const isDisabled = (state: string | undefined) => /^Disabled$/i.test(state ?? '');
  const locked = environments.filter((one) => isDisabled(one.runtimeState) || isDisabled(one.instanceState));
  const both = locked.filter((one) => isDisabled(one.runtimeState) && isDisabled(one.instanceState)).length;
  const withInstance = locked.filter((one) => one.instanceState !== undefined).length;
  return verified(
    'Whether both runtime and instance state become `Disabled`',
    'either is enough; both are expected',
    withInstance === 0 ? undefined : both === withInstance,
    withInstance === 0
      ? 'no linked environment is disabled'
      : `${both} of ${withInstance} disabled environments show both`,
  );
}
