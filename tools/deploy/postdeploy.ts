import { CliError, restBy, textIn } from './cli.ts';
import { enableHeartbeatAlert } from './heartbeat-alert.ts';
import type { HookPorts } from './hook-ports.ts';
import { readOptions } from './options.ts';
import { DeployError, explain, reasonOf } from './refusals.ts';
import { type AppAnswer, refused, selfCheck } from './self-check.ts';

/** After: whether the app answers, and the parts that are missing. */
export async function postdeploy(ports: HookPorts): Promise<'failed' | undefined> {
  const { signIn, clientId, environmentName } = readOptions(ports.environment);
  const url = ports.environment.LOCKWATCH_URL;
  if (!url)
    throw new DeployError(
      'LOCKWATCH_URL is missing: the deployment outputs it. Run: azd provision --no-state, then azd deploy',
    );
  await watchTimer(ports, environmentName);
  const checked = await check(ports, url, signIn ? clientId : undefined);
  for (const line of checked.lines) ports.print(line);
  return checked.outcome === 'failed' ? 'failed' : undefined;
}

/** The code is there now. Where the alert can't be switched on here, the next provision does it. */
async function watchTimer({ run, environment, print }: HookPorts, environmentName: string): Promise<void> {
  const alertId = environment.LOCKWATCH_HEARTBEAT_ALERT_ID?.trim();
  try {
    await enableHeartbeatAlert({ run, rest: restBy(run) }, { environmentName, alertId });
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    print(
      `The alert heartbeat-missing could not be switched on (${reasonOf(error)}). Run: azd env set LOCKWATCH_CODE_DEPLOYED true && azd provision`,
    );
  }
}

async function check(ports: HookPorts, url: string, clientId: string | undefined) {
  let headers: Record<string, string>;
  try {
    headers = await credentials(ports, clientId);
  } catch (error) {
    // Without a role, Microsoft Entra issues no token for the app in the first place.
    if (error instanceof CliError && clientId !== undefined) return refused(explain(error));
    throw error;
  }
  return selfCheck({
    ask: (path) => ask(`${url}${path}`, headers),
    sleep: async (ms) => {
      ports.print('It does not answer yet; asking again.');
      await ports.clock.sleep(ms);
    },
  });
}

async function credentials(
  { run, environment }: HookPorts,
  clientId: string | undefined,
): Promise<Record<string, string>> {
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
  const { AZURE_RESOURCE_GROUP: group = '', LOCKWATCH_APP_NAME: app = '' } = environment;
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
