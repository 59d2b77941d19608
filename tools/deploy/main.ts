import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cli, CliError, cli, restBy, textIn } from './cli.ts';
import { insteadOfDown } from './down.ts';
import { firstChannel } from './first-channel.ts';
import { readOptions, subscriptionsIn } from './options.ts';
import type { WaitClock } from './replication.ts';
import { type AppAnswer, refused, selfCheck } from './self-check.ts';
import { completeRegistration, directoryOf, ensureRegistration } from './sign-in.ts';
import { findTopics, sourcesOf } from './topics.ts';

/**
 * `npm run deploy:hook -- preprovision | postprovision | postdeploy | predown`: the hooks that azd runs
 * around a deployment (azure.yaml), the same on every system. Everything is done with the person's own
 * sign-in of the Azure CLI.
 */
const HOOKS: Readonly<Record<string, (run: Cli) => Promise<void>>> = {
  preprovision,
  postprovision,
  postdeploy,
  predown,
};
const CLOCK: WaitClock = {
  now: Date.now,
  sleep(ms) {
    console.log('Microsoft Entra ID has not replicated the app registration yet; trying again.');
    return sleep(ms);
  },
};
const name = process.argv[2] ?? '';
const hook = HOOKS[name];
try {
  if (!hook) throw new Error(`'${name}' is not a hook. Use one of ${Object.keys(HOOKS).join(', ')}.`);
  await hook(cli);
} catch (error) {
  if (!(error instanceof Error)) throw error;
  console.error(error instanceof CliError ? error.message : `Lockwatch: ${error.message}`);
  process.exitCode = 1;
}

/** Before: the subscriptions, the existing topics, the deployer, and the registration for sign-in. */
async function preprovision(run: Cli): Promise<void> {
  const options = readOptions(process.env);
  const rest = restBy(run);
  const set = (key: string, value: string) =>
    run('azd', ['env', 'set', key, value, '-e', options.environmentName]);
  const channel = await firstChannel(process.env, process.stdin.isTTY ? askPerson : undefined);
  if (channel && 'note' in channel) console.log(channel.note);
  else if (channel) {
    await set('LOCKWATCH_TEAMS_WEBHOOK_URL', channel.teamsWebhookUrl);
    console.log('It goes into the vault of the app. azd keeps a copy in .azure/ on this machine.');
  }
  const subscriptions = await watchedBy(options, rest);
  await set('LOCKWATCH_WATCHED_SUBSCRIPTIONS', JSON.stringify(subscriptions));

  const topics: unknown[] = [];
  for (const id of subscriptions) topics.push(...(await topicsIn(rest, id)));
  const found = findTopics(topics, sourcesOf(subscriptions, options.watchedVaults), options.environmentName);
  if (found.faults.length > 0) throw new Error(found.faults.join('\n'));
  await set('LOCKWATCH_EXISTING_TOPICS', JSON.stringify(found.existing));
  console.log(
    `Watching ${subscriptions.length} subscription(s); ${Object.keys(found.existing).length} system topic(s) are there already.`,
  );

  const person = await deployer(run);
  await set('LOCKWATCH_DEPLOYER_OBJECT_ID', person ?? '');
  if (!options.signIn) return;
  if (person === undefined && options.clientId === undefined)
    throw new Error(
      'A pipeline makes no app registration. Let a person deploy once, and hand its id on: LOCKWATCH_ENTRA_CLIENT_ID; or set LOCKWATCH_ACCESS to keys.',
    );
  const clientId =
    person === undefined && options.clientId !== undefined
      ? options.clientId
      : await ensureRegistration({ rest, clock: CLOCK }, await directoryOf(run), {
          ...options,
          store: (id) => set('LOCKWATCH_ENTRA_CLIENT_ID', id),
        });
  console.log(`People sign in by the app registration ${clientId}.`);
}

async function askPerson(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}

async function topicsIn(rest: ReturnType<typeof restBy>, subscription: string): Promise<unknown[]> {
  const list = `/subscriptions/${subscription}/providers/Microsoft.EventGrid/systemTopics`;
  try {
    return await rest.list(`${list}?api-version=2025-02-15`);
  } catch (error) {
    // If nobody has used Event Grid yet there is no topic; the deployment itself registers the provider.
    if (error instanceof CliError && /MissingSubscriptionRegistration/i.test(error.message)) return [];
    throw error;
  }
}

async function watchedBy(
  options: ReturnType<typeof readOptions>,
  rest: ReturnType<typeof restBy>,
): Promise<string[]> {
  const { watchedSubscriptions, managementGroup, hostSubscription } = options;
  if (managementGroup === undefined)
    return watchedSubscriptions.length > 0 ? watchedSubscriptions : [hostSubscription];
  const below = `/providers/Microsoft.Management/managementGroups/${encodeURIComponent(managementGroup)}/descendants`;
  const found = subscriptionsIn(await rest.list(`${below}?api-version=2023-04-01`));
  if (found.length === 0)
    throw new Error(`The management group ${managementGroup} holds no subscription that you can see.`);
  return found;
}

/** No person where a pipeline deploys: it needs no right to set secrets, and no role for read requests. */
async function deployer(run: Cli): Promise<string | undefined> {
  const account: unknown = JSON.parse(await run('az', ['account', 'show', '--output', 'json']));
  if (textIn(account, 'user', 'type') !== 'user') return undefined;
  return textIn(JSON.parse(await run('az', ['ad', 'signed-in-user', 'show', '--output', 'json'])), 'id');
}

/** Between: the registration's properties that are known only now. */
async function postprovision(run: Cli): Promise<void> {
  const { signIn, clientId } = readOptions(process.env);
  const { LOCKWATCH_URL: url, LOCKWATCH_IDENTITY_PRINCIPAL_ID: identityPrincipalId } = process.env;
  if (!signIn || clientId === undefined || !url || !identityPrincipalId) return;
  const deployerObjectId = process.env.LOCKWATCH_DEPLOYER_OBJECT_ID;
  if (!deployerObjectId) {
    console.log('The app registration is left as a person has made it.');
    return;
  }
  await completeRegistration({ rest: restBy(run), clock: CLOCK }, await directoryOf(run), {
    clientId,
    url,
    identityPrincipalId,
    deployerObjectId,
  });
}

/** After: whether the app answers, and the parts that are missing. */
async function postdeploy(run: Cli): Promise<void> {
  const { signIn, clientId } = readOptions(process.env);
  const url = process.env.LOCKWATCH_URL;
  if (!url) throw new Error('LOCKWATCH_URL is missing: the deployment outputs it. Run: azd provision');
  const checked = await check(run, url, signIn ? clientId : undefined);
  for (const line of checked.lines) console.log(line);
  if (checked.outcome === 'failed') process.exitCode = 1;
}

async function check(run: Cli, url: string, clientId: string | undefined) {
  let headers: Record<string, string>;
  try {
    headers = await credentials(run, clientId);
  } catch (error) {
    // Without a role, Microsoft Entra issues no token for the app in the first place.
    if (error instanceof CliError && clientId !== undefined) return refused(error.message);
    throw error;
  }
  return selfCheck({
    ask: (path) => ask(`${url}${path}`, headers),
    sleep: async (ms) => {
      console.log('It does not answer yet; asking again.');
      await sleep(ms);
    },
  });
}

async function credentials(run: Cli, clientId: string | undefined): Promise<Record<string, string>> {
  if (clientId !== undefined) {
    const got = await run('az', [
      'account',
      'get-access-token',
      '--resource',
      `api://${clientId}`,
      '--output',
      'json',
    ]);
    return { authorization: `Bearer ${textIn(JSON.parse(got), 'accessToken') ?? ''}` };
  }
  const { AZURE_RESOURCE_GROUP: group = '', LOCKWATCH_APP_NAME: app = '' } = process.env;
  const keys = await run('az', ['functionapp', 'keys', 'list', '-g', group, '-n', app, '--output', 'json']);
  return { 'x-functions-key': textIn(JSON.parse(keys), 'functionKeys', 'default') ?? '' };
}

async function ask(address: string, headers: Record<string, string>): Promise<AppAnswer> {
  try {
    const answer = await fetch(address, { headers, redirect: 'manual', signal: AbortSignal.timeout(30_000) });
    const text = await answer.text();
    const isJson = /json/.test(answer.headers.get('content-type') ?? '');
    // A redirect leads to the sign-in page: the token was not accepted.
    const status = answer.status >= 300 && answer.status < 400 ? 401 : answer.status;
    return { status, body: isJson ? JSON.parse(text) : undefined };
  } catch (error) {
    if (!(error instanceof TypeError || (error instanceof Error && error.name === 'TimeoutError')))
      throw error;
    return { status: 0, body: undefined };
  }
}

/** Always refused: prints the commands to run instead, and azd stops. */
async function predown(): Promise<void> {
  const options = readOptions(process.env);
  throw new Error(
    insteadOfDown(options, process.env.AZURE_RESOURCE_GROUP?.trim() || `rg-${options.environmentName}`),
  );
}
