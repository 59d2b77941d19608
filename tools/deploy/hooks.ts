import { type Rest, restBy, textIn } from './cli.ts';
import { directoryOf } from './directory.ts';
import { insteadOfDown } from './down.ts';
import { firstChannel } from './first-channel.ts';
import type { HookPorts } from './hook-ports.ts';
import { type DeployOptions, readOptions } from './options.ts';
import { postdeploy } from './postdeploy.ts';
import { checkDeletedVault, checkDeployment, checkRegion, unknownOperations } from './preflight.ts';
import { ensureProviders, neededProviders } from './providers.ts';
import { DeployError, hasCode } from './refusals.ts';
import { completeRegistration, ensureRegistration, type SignInPorts } from './sign-in.ts';
import { findTopics, sourcesOf, topicsIn } from './topics.ts';
import { variableWarnings } from './variables.ts';
import { watchedBy } from './watched-subscriptions.ts';

/** The hooks that azd runs around a deployment (azure.yaml). `failed`: it ended, and not well. */
export const HOOKS: Readonly<Record<string, (ports: HookPorts) => Promise<'failed' | undefined>>> = {
  preprovision,
  postprovision,
  postdeploy,
  predown,
};

/**
 * Before: first everything that only reads, then the registrations of providers and, last, the one for sign-in.
 */
async function preprovision(ports: HookPorts): Promise<undefined> {
  const { run, environment, print } = ports;
  const options = readOptions(environment);
  for (const warning of variableWarnings(environment)) print(warning);
  const rest = restBy(run);
  const set = (key: string, value: string) =>
    run('azd', ['env', 'set', key, value, '-e', options.environmentName]);
  const channel = await firstChannel(environment, ports.ask);
  if (channel && 'note' in channel) print(channel.note);
  else if (channel) {
    await set('LOCKWATCH_TEAMS_WEBHOOK_URL', channel.teamsWebhookUrl);
    print('It goes into the vault of the app. azd keeps a copy in .azure/ on this machine.');
  }
  const person = await deployer(ports, options.cloud);
  if (person === undefined && options.signIn && options.clientId === undefined)
    throw new DeployError(
      'A pipeline makes no app registration. Let a person deploy once, and hand its id on: LOCKWATCH_ENTRA_CLIENT_ID; or set LOCKWATCH_ACCESS to keys.',
    );
  await set('LOCKWATCH_DEPLOYER_OBJECT_ID', person ?? '');
  const subscriptions = await watchedBy(options, rest);
  await set('LOCKWATCH_WATCHED_SUBSCRIPTIONS', JSON.stringify(subscriptions));

  await reuseTopics(ports, options, subscriptions, set);
  const readingRole = await checkFirst(ports, options, { subscriptions, person, set });
  const registerIn = options.separateDuties ? [] : subscriptions;
  const needed = neededProviders({ ...options, subscriptions: registerIn, readingRole });
  await ensureProviders({ rest, print, clock: ports.clock }, needed);
  if (options.signIn) await prepareSignIn(ports, options, person, set);
}

type SetVariable = (key: string, value: string) => Promise<unknown>;

async function reuseTopics(
  { run, print }: HookPorts,
  options: DeployOptions,
  subscriptions: readonly string[],
  set: SetVariable,
): Promise<void> {
  const rest = restBy(run);
  const topics: unknown[] = [];
  for (const id of subscriptions) topics.push(...(await readableTopics(rest, id, options, print)));
  const found = findTopics(topics, sourcesOf(subscriptions, options.watchedVaults), options.environmentName);
  // With separate duties, a command for the owner turns the identity on, and names what nobody here may read.
  if (found.faults.length > 0 && !options.separateDuties) throw new DeployError(found.faults.join('\n'));
  const given = options.separateDuties ? options.existingTopics : {};
  await set('LOCKWATCH_EXISTING_TOPICS', JSON.stringify({ ...given, ...found.existing }));
  print(
    `Watching ${subscriptions.length} subscription(s); ${Object.keys(found.existing).length} system topic(s) are there already.`,
  );
}

async function readableTopics(
  rest: Rest,
  subscription: string,
  { separateDuties }: DeployOptions,
  print: HookPorts['print'],
): Promise<unknown[]> {
  try {
    return await topicsIn(rest, subscription);
  } catch (error) {
    if (!separateDuties || !hasCode(error, /AuthorizationFailed|SubscriptionNotFound/)) throw error;
    print(
      `You may not read the system topics of ${subscription}. If its owner says that the subscription or a vault has one already, name it: azd env set LOCKWATCH_EXISTING_TOPICS "<id of the source>=<id of the topic>"`,
    );
    return [];
  }
}

/** What would be refused halfway through the deployment. Returns the role that can be made. */
async function checkFirst(
  ports: HookPorts,
  options: DeployOptions,
  known: { subscriptions: readonly string[]; person: string | undefined; set: SetVariable },
): Promise<DeployOptions['readingRole']> {
  const checks = { run: ports.run, rest: restBy(ports.run), print: ports.print };
  const madeIn = options.separateDuties ? [] : known.subscriptions;
  await checkRegion(checks, options);
  await checkDeletedVault(checks, options);
  await checkDeployment(checks, options, { ...known, subscriptions: madeIn });
  if (options.readingRole === 'Reader') return 'Reader';
  const unknown = await unknownOperations(checks);
  if (unknown.length === 0) return 'custom';
  await known.set('LOCKWATCH_READING_ROLE', 'Reader');
  ports.print(
    `Azure does not know ${unknown.join(', ')} here and would refuse a role that names it, so the app gets the built-in role Reader: it reads more than it needs, and changes nothing. To try the smaller role again later: azd env set LOCKWATCH_READING_ROLE custom`,
  );
  return 'Reader';
}

async function prepareSignIn(
  ports: HookPorts,
  { clientId, environmentName, hostSubscription }: DeployOptions,
  person: string | undefined,
  set: SetVariable,
): Promise<void> {
  if (person === undefined) {
    ports.print(`People sign in by the app registration ${clientId}.`);
    return;
  }
  const ensured = await ensureRegistration(signInPorts(ports), await directoryOf(ports.run), {
    environmentName,
    hostSubscription,
    clientId,
    store: (id) => set('LOCKWATCH_ENTRA_CLIENT_ID', id),
  });
  ports.print(`People sign in by the app registration ${ensured}.`);
}

function signInPorts({ run, clock, print }: HookPorts): SignInPorts {
  return {
    rest: restBy(run),
    print,
    clock: {
      now: clock.now,
      sleep(ms) {
        print('Microsoft Entra ID has not replicated the app registration yet; trying again.');
        return clock.sleep(ms);
      },
    },
  };
}

/** No person where a pipeline deploys: it needs no right to set secrets, and no role for read requests. */
async function deployer({ run }: HookPorts, cloud: string): Promise<string | undefined> {
  const account: unknown = JSON.parse(await run('az', ['account', 'show', '--output', 'json']));
  checkCloud(textIn(account, 'environmentName'), cloud);
  if (textIn(account, 'user', 'type') !== 'user') return undefined;
  return textIn(JSON.parse(await run('az', ['ad', 'signed-in-user', 'show', '--output', 'json'])), 'id');
}

/** The Azure CLI's name of each tenant's cloud; GCC is in the public one ("Azure Government: compare"). */
const CLI_CLOUDS: Readonly<Record<string, string>> = {
  public: 'AzureCloud',
  gcc: 'AzureCloud',
  gcchigh: 'AzureUSGovernment',
  dod: 'AzureUSGovernment',
  china: 'AzureChinaCloud',
};

function checkCloud(signedIn: string | undefined, cloud: string): void {
  const wanted = CLI_CLOUDS[cloud];
  if (wanted === undefined || signedIn === undefined || signedIn === wanted) return;
  throw new DeployError(
    `LOCKWATCH_CLOUD is ${cloud}, and the Azure CLI is signed in to ${signedIn}. Run: az cloud set --name ${wanted} && az login, and azd config set cloud.name ${wanted}; then the same command again.`,
  );
}

/** Between: the registration's properties that are known only now. */
async function postprovision(ports: HookPorts): Promise<undefined> {
  const { environment, print } = ports;
  const { signIn, clientId, separateDuties } = readOptions(environment);
  if (separateDuties)
    print(
      'Nothing was made in the watched subscriptions. Print what their owners run: azd env get-values --output json | npm run -s doctor -- --grants --settings -',
    );
  const { LOCKWATCH_URL: url, LOCKWATCH_IDENTITY_PRINCIPAL_ID: identityPrincipalId } = environment;
  if (!signIn || clientId === undefined || !url || !identityPrincipalId) return;
  const deployerObjectId = environment.LOCKWATCH_DEPLOYER_OBJECT_ID;
  if (!deployerObjectId) {
    print('The app registration is left as a person has made it.');
    return;
  }
  await completeRegistration(signInPorts(ports), await directoryOf(ports.run), {
    clientId,
    url,
    identityPrincipalId,
    deployerObjectId,
  });
}

/** Always refused: prints the commands to run instead, and azd stops. */
async function predown({ environment }: HookPorts): Promise<never> {
  const options = readOptions(environment);
  throw new DeployError(
    insteadOfDown(options, environment.AZURE_RESOURCE_GROUP?.trim() || options.resourceGroup),
  );
}
