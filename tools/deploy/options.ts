import { textIn, valueIn } from './cli.ts';
import { DeployError } from './refusals.ts';
import { pairsIn, textsIn, vaultsIn } from './variable-texts.ts';
import { variableFaults } from './variables.ts';

/** The person's deployment options, from the azd environment (`azd env set NAME value`). */
export interface DeployOptions {
  environmentName: string;
  hostSubscription: string;
  location?: string;
  resourceGroup: string;
  tags: Readonly<Record<string, string>>;
  cloud: string;
  /** GUIDs; none: those of the management group, or the host's own. */
  watchedSubscriptions: string[];
  managementGroup?: string;
  watchedVaults: { id: string; events: boolean }[];
  readingRole: 'custom' | 'Reader';
  /** Nothing is made in watched subscriptions: their owners do it. */
  separateDuties: boolean;
  /** Ids of topics by the lower-case id of their source, as a person or an earlier run named them. */
  existingTopics: Readonly<Record<string, string>>;
  /** The app joins a network. */
  networked: boolean;
  signIn: boolean;
  clientId?: string;
  push: boolean;
}

/** Reads the azd environment. Throws one error that names every fault by its variable. */
export function readOptions(environment: Readonly<Record<string, string | undefined>>): DeployOptions {
  const given = (name: string) => environment[name]?.trim() || undefined;
  const missing = ['AZURE_ENV_NAME', 'AZURE_SUBSCRIPTION_ID'].filter((name) => given(name) === undefined);
  const faults = [
    ...missing.map((name) => `${name} is missing: run this by azd, or set it with azd env set ${name} …`),
    ...variableFaults(environment),
  ];
  if (faults.length > 0)
    throw new DeployError(
      `The deployment can't begin. Correct these with azd env set, then run the same command again:\n${faults.map((one) => `  - ${one}`).join('\n')}`,
    );
  const environmentName = given('AZURE_ENV_NAME') ?? '';
  return {
    environmentName,
    hostSubscription: given('AZURE_SUBSCRIPTION_ID') ?? '',
    location: given('AZURE_LOCATION'),
    resourceGroup: given('LOCKWATCH_RESOURCE_GROUP') ?? `rg-${environmentName}`,
    tags: Object.fromEntries(
      pairsIn(given('LOCKWATCH_TAGS') ?? '{}').map(([name, value]) => [name, String(value)]),
    ),
    cloud: given('LOCKWATCH_CLOUD') ?? 'public',
    watchedSubscriptions: textsIn(given('LOCKWATCH_WATCHED_SUBSCRIPTIONS') ?? '[]').map(String),
    managementGroup: given('LOCKWATCH_MANAGEMENT_GROUP'),
    watchedVaults: vaultsIn(given('LOCKWATCH_WATCHED_VAULTS') ?? '[]').map((item) => ({
      id: textIn(item, 'id') ?? '',
      events: valueIn(item, 'events') !== false,
    })),
    readingRole: given('LOCKWATCH_READING_ROLE') === 'Reader' ? 'Reader' : 'custom',
    separateDuties: given('LOCKWATCH_SEPARATE_DUTIES') === 'true',
    existingTopics: Object.fromEntries(
      pairsIn(given('LOCKWATCH_EXISTING_TOPICS') ?? '{}').map(([source, id]) => [
        source.toLowerCase(),
        String(id),
      ]),
    ),
    networked: given('LOCKWATCH_PRIVATE_NETWORK') === 'true',
    signIn: (given('LOCKWATCH_ACCESS') ?? 'entra') === 'entra',
    clientId: given('LOCKWATCH_ENTRA_CLIENT_ID'),
    push: given('LOCKWATCH_DELIVERY') === 'push',
  };
}
