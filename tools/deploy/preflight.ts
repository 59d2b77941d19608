import { REQUIRED_ACTIONS } from '../doctor/required-actions.ts';
import { type Cli, listIn, type Rest, textIn } from './cli.ts';
import type { DeployOptions } from './options.ts';
import { DeployError, hasCode, reasonOf, SIGN_IN_ENDED } from './refusals.ts';

/** Checks before anything is made: each finds what would stop the deployment halfway. */
export interface PreflightPorts {
  run: Cli;
  rest: Rest;
  print(line: string): void;
}

/** Azure writes a region as westeurope, and as West Europe. */
function regionOf(text: string): string {
  return text.toLowerCase().replaceAll(' ', '');
}

/** `az functionapp list-flexconsumption-locations`. Where it can't be asked, the deployment shows it. */
export async function checkRegion({ run, print }: PreflightPorts, options: DeployOptions): Promise<void> {
  const { location, hostSubscription } = options;
  if (location === undefined) return;
  const list = ['functionapp', 'list-flexconsumption-locations', '--subscription', hostSubscription];
  const answer = await unlessRefused(
    async () => JSON.parse(await run('az', [...list, '--output', 'json'])),
    print,
    'Whether the region has Flex Consumption could not be checked',
  );
  const regions = (Array.isArray(answer) ? answer : []).flatMap((one) => textIn(one, 'name') ?? []);
  if (regions.length === 0 || regions.some((name) => regionOf(name) === regionOf(location))) return;
  throw new DeployError(
    `Flex Consumption, which the app runs on, is not offered in ${location}. Choose another region (${regions.map(regionOf).sort().join(', ')}): azd env set AZURE_LOCATION <region>, then run the same command again.`,
  );
}

/**
 * The operations of our role that Resource Manager does not know, so that it would refuse the whole role
 * (InvalidActionOrNotAction: MicrosoftDocs/azure-docs#102571). "Provider Operations Metadata - Get".
 */
export async function unknownOperations({ rest, print }: PreflightPorts): Promise<string[]> {
  const actions = Object.keys(REQUIRED_ACTIONS);
  const namespaces = [...new Set(actions.map((action) => action.split('/')[0] ?? ''))];
  const lists = await Promise.all(
    namespaces.map(async (namespace) => {
      const url = `/providers/Microsoft.Authorization/providerOperations/${namespace}?api-version=2022-04-01&$expand=resourceTypes`;
      try {
        const operations = operationsIn(await rest.get(url));
        // An empty list proves nothing.
        return operations.length === 0 ? undefined : operations;
      } catch (error) {
        // The cloud does not have the provider at all.
        if (hasCode(error, /ProviderNotFound|InvalidResourceNamespace|\bNot Found\(/)) return [];
        if (!hasCode(error, /./) || hasCode(error, SIGN_IN_ENDED)) throw error;
        print(`The operations of ${namespace} could not be checked. The deployment goes on.`);
        return undefined;
      }
    }),
  );
  return actions.filter((action) => {
    const known = lists[namespaces.indexOf(action.split('/')[0] ?? '')];
    return known !== undefined && !known.includes(action.toLowerCase());
  });
}

function operationsIn(provider: unknown): string[] {
  const all = [provider, ...listIn(provider, 'resourceTypes')].flatMap((one) => listIn(one, 'operations'));
  return all.flatMap((one) => textIn(one, 'name')?.toLowerCase() ?? []);
}

/**
 * The app's own vault of an earlier deployment. Its name follows from subscription, environment and region, and
 * a deleted vault keeps it for 90 days (Azure-Samples/contoso-chat#55). "Vaults - List Deleted".
 */
export async function checkDeletedVault(
  { rest, print }: PreflightPorts,
  options: DeployOptions,
): Promise<void> {
  const { hostSubscription, environmentName, location, resourceGroup } = options;
  const deleted = await unlessRefused(
    () =>
      rest.list(
        `/subscriptions/${hostSubscription}/providers/Microsoft.KeyVault/deletedVaults?api-version=2023-07-01`,
      ),
    print,
    'Whether a deleted vault keeps the name of the app’s own could not be checked',
  );
  const ours = (Array.isArray(deleted) ? deleted : []).find(
    (one) =>
      /^kv-lockwatch-/.test(textIn(one, 'name') ?? '') &&
      textIn(one, 'properties', 'tags', 'azd-env-name') === environmentName &&
      regionOf(textIn(one, 'properties', 'location') ?? '') === regionOf(location ?? ''),
  );
  if (ours === undefined) return;
  const group = /\/resourceGroups\/([^/]+)/i.exec(textIn(ours, 'properties', 'vaultId') ?? '')?.[1];
  const name = textIn(ours, 'name');
  throw new DeployError(
    [
      `The app's own vault ${name} was deleted and keeps its name for 90 days. Bring it back with these commands, then run the same command again; or take another name: azd env new <name>`,
      `  az group create --name ${group ?? resourceGroup} --location ${location}${tagArguments(options)} --subscription ${hostSubscription}`,
      `  az keyvault recover --name ${name} --location ${location} --subscription ${hostSubscription}`,
    ].join('\n'),
  );
}

function tagArguments({ tags }: DeployOptions): string {
  const pairs = Object.entries(tags).map(([name, value]) => `"${name}=${value}"`);
  return pairs.length === 0 ? '' : ` --tags ${pairs.join(' ')}`;
}

/**
 * Whether this person may make the groups, roles and assignments, and whether Azure Policy admits them: a template
 * with nothing else is validated ("Deployments - Validate At Subscription Scope"). Both refusals come before
 * anything is made: Azure/azure-monitor-baseline-alerts#906 (tags), Azure/data-management-zone#214 (rights).
 */
export async function checkDeployment(
  { rest, print }: PreflightPorts,
  options: DeployOptions,
  { subscriptions, person }: { subscriptions: readonly string[]; person: string | undefined },
): Promise<void> {
  const { hostSubscription, resourceGroup } = options;
  const groups = [[hostSubscription, resourceGroup] as const].concat(
    subscriptions.map((id) => [id, `${resourceGroup}-events`]),
  );
  for (const [subscription, group] of groups)
    await unlessRefused(
      () =>
        rest.send(
          'post',
          `/subscriptions/${subscription}/providers/Microsoft.Resources/deployments/lockwatch-check/validate?api-version=2021-04-01`,
          {
            location: options.location,
            properties: { mode: 'Incremental', template: template(options, group, person) },
          },
        ),
      print,
      `Whether ${group} may be made in ${subscription} could not be checked`,
      /RequestDisallowedByPolicy|AuthorizationFailed|Authorization failed for template resource|DisabledSubscription|InvalidResourceGroupLocation/,
    );
}

/** "Azure built-in roles": Reader. The assignment is only validated, never made. */
const READER = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';

function template(options: DeployOptions, name: string, person: string | undefined): object {
  const { location, tags, environmentName } = options;
  return {
    $schema: 'https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#',
    contentVersion: '1.0.0.0',
    resources: [
      {
        type: 'Microsoft.Resources/resourceGroups',
        apiVersion: '2024-11-01',
        name,
        location,
        tags: { ...tags, 'azd-env-name': environmentName },
      },
      ...(person === undefined
        ? []
        : [
            {
              type: 'Microsoft.Authorization/roleAssignments',
              apiVersion: '2022-04-01',
              name: '5f3d1f0e-6a1c-4a57-9d0e-0d1f5d0c7aff',
              properties: {
                principalId: person,
                principalType: 'User',
                roleDefinitionId: `[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '${READER}')]`,
              },
            },
          ]),
    ],
  };
}

/** A check that can't be made stops nothing: the deployment itself will be refused, if it is. */
async function unlessRefused(
  check: () => Promise<unknown>,
  print: (line: string) => void,
  failed: string,
  final?: RegExp,
): Promise<unknown> {
  try {
    return await check();
  } catch (error) {
    if (!hasCode(error, /./) || [SIGN_IN_ENDED, ...(final ? [final] : [])].some((one) => hasCode(error, one)))
      throw error;
    print(`${failed} (${reasonOf(error)}). The deployment goes on.`);
    return undefined;
  }
}
