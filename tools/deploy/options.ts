import { textIn, valueIn } from './cli.ts';
import { DeployError } from './refusals.ts';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const VAULT =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.KeyVault\/vaults\/[^/]+$/i;

/** The person's deployment options, from the azd environment (`azd env set NAME value`). */
export interface DeployOptions {
  environmentName: string;
  hostSubscription: string;
  /** GUIDs; none: those of the management group, or the host's own. */
  watchedSubscriptions: string[];
  managementGroup?: string;
  watchedVaults: { id: string; events: boolean }[];
  signIn: boolean;
  clientId?: string;
  push: boolean;
}

/** Reads the azd environment. Throws one error that names every fault by its variable. */
export function readOptions(environment: Readonly<Record<string, string | undefined>>): DeployOptions {
  const faults: string[] = [];
  const need = (name: string) => {
    const value = environment[name]?.trim();
    if (!value) faults.push(`${name} is missing: run this by azd, or set it with azd env set ${name} …`);
    return value ?? '';
  };
  const listOf = (name: string): unknown[] => {
    const text = environment[name]?.trim();
    if (!text) return [];
    try {
      const parsed: unknown = JSON.parse(text);
      if (Array.isArray(parsed)) return parsed;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
    faults.push(`${name} must be a JSON list.`);
    return [];
  };
  const watchedSubscriptions = listOf('LOCKWATCH_WATCHED_SUBSCRIPTIONS').map(String);
  for (const id of watchedSubscriptions)
    if (!GUID.test(id))
      faults.push(
        `LOCKWATCH_WATCHED_SUBSCRIPTIONS: '${id.slice(0, 40)}' is not a subscription's id (a GUID).`,
      );
  const watchedVaults = listOf('LOCKWATCH_WATCHED_VAULTS').map((item) => ({
    id: textIn(item, 'id') ?? '',
    events: valueIn(item, 'events') !== false,
    location: textIn(item, 'location'),
  }));
  for (const { id, location } of watchedVaults) {
    if (!VAULT.test(id))
      faults.push(`LOCKWATCH_WATCHED_VAULTS: '${id.slice(0, 120)}' is not a key vault's resource id.`);
    if (location === undefined)
      faults.push(`LOCKWATCH_WATCHED_VAULTS: location is missing: the region of ${id || 'a vault'}.`);
  }
  const options: DeployOptions = {
    environmentName: need('AZURE_ENV_NAME'),
    hostSubscription: need('AZURE_SUBSCRIPTION_ID'),
    watchedSubscriptions,
    managementGroup: environment.LOCKWATCH_MANAGEMENT_GROUP?.trim() || undefined,
    watchedVaults,
    signIn: (environment.LOCKWATCH_ACCESS?.trim() || 'entra') === 'entra',
    clientId: environment.LOCKWATCH_ENTRA_CLIENT_ID?.trim() || undefined,
    push: environment.LOCKWATCH_DELIVERY?.trim() === 'push',
  };
  if (faults.length > 0)
    throw new DeployError(`The deployment can't begin:\n${faults.map((one) => `  - ${one}`).join('\n')}`);
  return options;
}
