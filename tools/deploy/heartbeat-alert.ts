import type { Cli, Rest } from './cli.ts';

/**
 * After the first upload: switches the alert on that watches the app's timer, and keeps it on in later deployments. The
 * template makes it switched off, since a timer without code can't run and people would be paged ("Scheduled Query
 * Rules - Update").
 */
export async function enableHeartbeatAlert(
  { run, rest }: { run: Cli; rest: Pick<Rest, 'send'> },
  { environmentName, alertId }: { environmentName: string; alertId: string | undefined },
): Promise<void> {
  await run('azd', ['env', 'set', 'LOCKWATCH_CODE_DEPLOYED', 'true', '-e', environmentName]);
  if (alertId === undefined || alertId === '') return;
  await rest.send('patch', `${alertId}?api-version=2023-12-01`, { properties: { enabled: true } });
}
