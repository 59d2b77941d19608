import { restBy, textIn } from './cli.ts';
import { directoryOf } from './directory.ts';
import { insteadOfDown } from './down.ts';
import { firstChannel } from './first-channel.ts';
import type { HookPorts } from './hook-ports.ts';
import { readOptions } from './options.ts';
import { postdeploy } from './postdeploy.ts';
import { DeployError } from './refusals.ts';
import { completeRegistration, ensureRegistration, type SignInPorts } from './sign-in.ts';
import { findTopics, sourcesOf, topicsIn } from './topics.ts';
import { watchedBy } from './watched-subscriptions.ts';

/** The hooks that azd runs around a deployment (azure.yaml). `failed`: it ended, and not well. */
export const HOOKS: Readonly<Record<string, (ports: HookPorts) => Promise<'failed' | undefined>>> = {
  preprovision,
  postprovision,
  postdeploy,
  predown,
};

/** Before: the subscriptions, the existing topics, the deployer, and the registration for sign-in. */
async function preprovision(ports: HookPorts): Promise<undefined> {
  const { run, environment, print } = ports;
  const options = readOptions(environment);
  const rest = restBy(run);
  const set = (key: string, value: string) =>
    run('azd', ['env', 'set', key, value, '-e', options.environmentName]);
  const channel = await firstChannel(environment, ports.ask);
  if (channel && 'note' in channel) print(channel.note);
  else if (channel) {
    await set('LOCKWATCH_TEAMS_WEBHOOK_URL', channel.teamsWebhookUrl);
    print('It goes into the vault of the app. azd keeps a copy in .azure/ on this machine.');
  }
  const subscriptions = await watchedBy(options, rest);
  await set('LOCKWATCH_WATCHED_SUBSCRIPTIONS', JSON.stringify(subscriptions));

  const topics: unknown[] = [];
  for (const id of subscriptions) topics.push(...(await topicsIn(rest, id)));
  const found = findTopics(topics, sourcesOf(subscriptions, options.watchedVaults), options.environmentName);
  if (found.faults.length > 0) throw new DeployError(found.faults.join('\n'));
  await set('LOCKWATCH_EXISTING_TOPICS', JSON.stringify(found.existing));
  print(
    `Watching ${subscriptions.length} subscription(s); ${Object.keys(found.existing).length} system topic(s) are there already.`,
  );

  const person = await deployer(ports);
  await set('LOCKWATCH_DEPLOYER_OBJECT_ID', person ?? '');
  if (options.signIn) await prepareSignIn(ports, options, person, set);
}

async function prepareSignIn(
  ports: HookPorts,
  { clientId, environmentName, hostSubscription }: ReturnType<typeof readOptions>,
  person: string | undefined,
  set: (key: string, value: string) => Promise<unknown>,
): Promise<void> {
  if (person === undefined) {
    if (clientId === undefined)
      throw new DeployError(
        'A pipeline makes no app registration. Let a person deploy once, and hand its id on: LOCKWATCH_ENTRA_CLIENT_ID; or set LOCKWATCH_ACCESS to keys.',
      );
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
async function deployer({ run }: HookPorts): Promise<string | undefined> {
  const account: unknown = JSON.parse(await run('az', ['account', 'show', '--output', 'json']));
  if (textIn(account, 'user', 'type') !== 'user') return undefined;
  return textIn(JSON.parse(await run('az', ['ad', 'signed-in-user', 'show', '--output', 'json'])), 'id');
}

/** Between: the registration's properties that are known only now. */
async function postprovision(ports: HookPorts): Promise<undefined> {
  const { environment, print } = ports;
  const { signIn, clientId } = readOptions(environment);
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
    insteadOfDown(options, environment.AZURE_RESOURCE_GROUP?.trim() || `rg-${options.environmentName}`),
  );
}
