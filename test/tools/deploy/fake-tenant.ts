import { readFileSync } from 'node:fs';
import { type Cli, CliError } from '../../../tools/deploy/cli.ts';
import { runHook } from '../../../tools/deploy/run-hook.ts';
import { type ArmState, fakeArm } from './fake-arm.ts';
import { type Directory, fakeGraph, type Lag, NO_LAG } from './fake-graph.ts';
import { Refusal } from './refusal.ts';

export const SUBSCRIPTION = '11111111-1111-4111-8111-111111111111';

/**
 * A tenant with its subscription, and azd's environment: the hooks run whole against it, on a virtual clock. Microsoft
 * Graph and Resource Manager refuse what the real ones refuse.
 */
export function tenant(lag: Partial<Lag> = {}, environment: Record<string, string> = {}) {
  let at = 0;
  const now = () => at;
  const directory: Directory = { applications: [], servicePrincipals: [] };
  const graph = fakeGraph(now, { ...NO_LAG, ...lag }, directory);
  const azure: ArmState = {
    registered: { [`${SUBSCRIPTION}/Microsoft.EventGrid`]: -Infinity },
    registrationSeconds: 30,
    denied: [],
    topics: [],
    deletedVaults: [],
    unknownOperations: [],
  };
  const arm = fakeArm(now, azure);
  const known: Record<string, string | undefined> = {
    AZURE_ENV_NAME: 'lockwatch',
    AZURE_SUBSCRIPTION_ID: SUBSCRIPTION,
    AZURE_LOCATION: 'westeurope',
    LOCKWATCH_ALERT_EMAILS: 'oncall@example.com',
    LOCKWATCH_TEAMS_WEBHOOK_URL: 'https://example.com/workflows',
    ...environment,
  };
  const faults = { setFails: false, regions: ['West Europe', 'northeurope'] };

  const answer = (program: string, args: readonly string[]): unknown => {
    const after = (name: string) => args[args.indexOf(name) + 1] ?? '';
    if (program === 'azd') {
      // The process ends between the answer of Microsoft Graph and the storing of the id.
      if (faults.setFails && args.includes('LOCKWATCH_ENTRA_CLIENT_ID'))
        throw new Refusal('', '', 'interrupted');
      known[args[2] ?? ''] = args[3] ?? '';
      return '';
    }
    if (args[0] === 'account')
      return { environmentName: 'AzureCloud', tenantId: 'tenant-1', user: { type: 'user' } };
    if (args[0] === 'cloud') return { endpoints: { activeDirectory: 'https://login.microsoftonline.com' } };
    if (args[0] === 'ad') return { id: 'aaaaaaaa-0000-4000-8000-00000000000a' };
    if (args[1] === 'list-flexconsumption-locations') return faults.regions.map((name) => ({ name }));
    if (args[0] !== 'rest') throw new Error(`Nobody runs ${program} ${args.join(' ')}.`);
    const body = args.includes('--body')
      ? JSON.parse(readFileSync(after('--body').slice(1), 'utf8'))
      : undefined;
    const [method, url] = [after('--method'), after('--url')];
    if (!url.startsWith('https://graph.microsoft.com')) return arm(method, url, body);
    return graph.answer(method, url, body, args.includes('Prefer=create-if-missing'));
  };

  const run: Cli = async (program, args) => {
    try {
      return JSON.stringify(answer(program, args)) ?? '';
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      throw new CliError(`${program} ${args.slice(0, 3).join(' ')}: ERROR: ${error.message}`);
    }
  };

  const hook = async (name: string) => {
    const printed: string[] = [];
    const errors: string[] = [];
    const clock = {
      now,
      async sleep(ms: number) {
        at += ms;
      },
    };
    const ports = { run, environment: { ...known }, clock, print: (line: string) => printed.push(line) };
    const code = await runHook(name, ports, (line) => errors.push(line));
    return { code, printed, errors };
  };

  return {
    azure,
    directory,
    faults,
    known,
    hook,
    /** In seconds. */
    waited: () => at / 1000,
    /** `azd provision` with its hooks: what people see, and the code it ends with. */
    async provision() {
      const before = await hook('preprovision');
      if (before.code !== 0) return before;
      Object.assign(known, {
        LOCKWATCH_URL: 'https://app.example',
        LOCKWATCH_IDENTITY_PRINCIPAL_ID: 'identity-1',
        AZURE_RESOURCE_GROUP: 'rg-lockwatch',
      });
      const then = await hook('postprovision');
      return {
        code: then.code,
        printed: [...before.printed, ...then.printed],
        errors: [...before.errors, ...then.errors],
      };
    },
  };
}
