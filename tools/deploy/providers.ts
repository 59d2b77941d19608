import { type Rest, textIn } from './cli.ts';
import { DeployError, hasCode } from './refusals.ts';
import type { WaitClock } from './replication.ts';

/** A resource provider that a subscription needs. */
export interface NeededProvider {
  subscription: string;
  namespace: 'Microsoft.App' | 'Microsoft.EventGrid' | 'Microsoft.PowerPlatform';
}

const API = 'api-version=2021-04-01';
const PATIENCE_MS = 120_000;
const PAUSE_MS = 10_000;

/**
 * The registrations that a deployment does not make by itself, or too late for its first step. Microsoft.App: the
 * app joins a network (Azure/azure-cli#33177, Azure-Samples/functions-quickstart-python-http-azd#12). Event Grid: the
 * topic's identity is made first. Power Platform: our role names one of its operations, and a role is refused whose
 * provider Resource Manager does not list (Azure/azure-powershell#9800). Pure.
 */
export function neededProviders(options: {
  hostSubscription: string;
  subscriptions: readonly string[];
  networked: boolean;
  readingRole: 'custom' | 'Reader';
}): NeededProvider[] {
  const { hostSubscription, subscriptions, networked, readingRole } = options;
  return [
    ...(networked ? [{ subscription: hostSubscription, namespace: 'Microsoft.App' as const }] : []),
    ...subscriptions.flatMap((subscription): NeededProvider[] => [
      { subscription, namespace: 'Microsoft.EventGrid' },
      ...(readingRole === 'custom' ? [{ subscription, namespace: 'Microsoft.PowerPlatform' as const }] : []),
    ]),
  ];
}

/** Registers what is not registered, and waits for it for up to two minutes. */
export async function ensureProviders(
  ports: { rest: Rest; clock: WaitClock; print(line: string): void },
  needed: readonly NeededProvider[],
): Promise<void> {
  const begun: NeededProvider[] = [];
  for (const one of needed) {
    const state = await stateOf(ports.rest, one);
    if (state === 'Registered') continue;
    if (state === 'Registering' || (await register(ports, one))) begun.push(one);
  }
  const end = ports.clock.now() + PATIENCE_MS;
  for (const one of begun)
    while ((await stateOf(ports.rest, one)) !== 'Registered') {
      if (ports.clock.now() + PAUSE_MS > end) {
        // "Azure resource providers and types": code should not wait for the end of a registration.
        ports.print(
          `${one.namespace} is still being registered in ${one.subscription}. The deployment goes on.`,
        );
        break;
      }
      await ports.clock.sleep(PAUSE_MS);
    }
}

async function stateOf(rest: Rest, { subscription, namespace }: NeededProvider): Promise<string | undefined> {
  try {
    return textIn(
      await rest.get(`/subscriptions/${subscription}/providers/${namespace}?${API}`),
      'registrationState',
    );
  } catch (error) {
    if (!hasCode(error, /AuthorizationFailed|InvalidResourceNamespace/)) throw error;
    return undefined;
  }
}

async function register(
  { rest, print }: { rest: Rest; print(line: string): void },
  { subscription, namespace }: NeededProvider,
): Promise<boolean> {
  const command = `az provider register --namespace ${namespace} --subscription ${subscription}`;
  try {
    await rest.send('post', `/subscriptions/${subscription}/providers/${namespace}/register?${API}`, {});
    print(`Registering ${namespace} in the subscription ${subscription}.`);
    return true;
  } catch (error) {
    if (!hasCode(error, /AuthorizationFailed|InvalidResourceNamespace|RequestDisallowedByPolicy/))
      throw error;
    const says = `You may not register ${namespace} in the subscription ${subscription}. Let somebody with Contributor there run: ${command}`;
    // Where it is not registered there is no policy, and the role can fall back to Reader.
    if (namespace !== 'Microsoft.PowerPlatform')
      throw new DeployError(`${says}, then run the same command again.`, { cause: error });
    print(`${says}. The deployment goes on.`);
    return false;
  }
}
