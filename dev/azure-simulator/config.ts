import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { deploymentSchema } from '../expected-deployment/deployment.ts';
import { GRAPH_PERMISSIONS } from './http/graph.ts';

const port = z.int().min(0).max(65_535).default(0);
const milliseconds = z.number().min(0).max(3_600_000);

/** All options. Ports: 0 takes a free one. Delays in milliseconds. */
export const simulatorConfig = z.strictObject({
  /** Certificate and key of the HTTPS endpoints, PEM files. */
  certFile: z.string().min(1),
  keyFile: z.string().min(1),
  armPort: port,
  powerPlatformPort: port,
  powerPlatformApiPort: port,
  graphPort: port,
  identityPort: port,
  controlPort: port,
  /** Replaces the deployment that the Bicep files define for this tenant. */
  deployment: deploymentSchema.optional(),
  /**
   * The vaults whose audit log the deployment sends: those in the event hub's region, as in Azure, or all.
   */
  audited: z.enum(['region', 'all']).default('region'),
  /** The storage account's queue endpoint, which has the queues that the deployment names. */
  queueEndpoint: z.url().optional(),
  /** Events are pushed here as well, after the handshake. */
  webhookUrl: z.url().optional(),
  /**
   * The address at which the local host receives the audit log's messages; without it nothing is delivered.
   */
  auditUrl: z.url().optional(),
  /** The delay of an audit record: minutes in Azure. */
  auditDelayMs: milliseconds.default(3_000),
  /** The Microsoft Graph application permissions of the app's identity. */
  graphPermissions: z.array(z.enum(GRAPH_PERMISSIONS)).default([]),
  /** Adds a separate policy for each trigger. */
  demoPolicies: z.boolean().default(false),
  /**
   * Adds a third watched subscription with this many policies, each with its own vault: ep-asia-1,
   * kv-contoso-asia-1, …
   */
  thirdSubscription: z.int().min(1).max(50).optional(),
  /** Links this many more environments to this policy. */
  manyEnvironments: z
    .strictObject({ policy: z.string().min(1), count: z.int().min(1).max(20_000) })
    .optional(),
  /**
   * Adds a watched subscription with one vault, kv-contoso-shared, under this many policies (ep-shared-1, …),
   * which have this many environments together.
   */
  sharedVault: z
    .strictObject({ policies: z.int().min(1).max(1_000), environments: z.int().min(1).max(20_000) })
    .optional(),
  /** Resource providers that are registered in none of the subscriptions. */
  unregistered: z.array(z.string().min(1)).optional(),
  /** The permissions of Lockwatch's own role, replacing the deployed ones. */
  appActions: z.array(z.string().min(1)).min(1).optional(),
  /** The duration of each read: one figure, or minimum and maximum. */
  latencyMs: z.union([milliseconds, z.tuple([milliseconds, milliseconds])]).default([0, 30]),
  /** The delay until a change of permissions or network shows in Resource Manager. */
  propagationDelayMs: milliseconds.default(0),
  /** The delay until environments lock once the key is unreachable, and the policy's health follows. */
  lockDelayMs: milliseconds.default(0),
  /** How far the lists of environments lag behind, in both environment APIs: minutes in Azure. */
  listDelayMs: milliseconds.default(0),
  /**
   * The admin API continues a list at the host of this region (`{geo}.` before its own), as it may in Azure.
   * Only clients that resolve `*.localhost` can follow.
   */
  nextPageRegion: z
    .string()
    .regex(/^[a-z0-9-]+$/)
    .optional(),
  /** The Power Platform API's words for the states of environments, which are not published. */
  platformStates: z
    .strictObject({ Enabled: z.string().min(1), Disabled: z.string().min(1) })
    .default({ Enabled: 'Enabled', Disabled: 'Disabled' }),
  /** The filter of the subscriptions' events, replacing the deployed one: values on data.operationName. */
  operationFilters: z.array(z.string().min(1)).max(25).optional(),
  /** Delays between the delivery attempts of an event. */
  retryDelaysMs: z.array(milliseconds).min(1).default([10_000, 30_000, 60_000, 300_000, 600_000]),
  /** The number of items in an answer before it continues at `nextLink`. */
  pageSize: z.int().min(1).max(1_000).default(5),
  /**
   * summary: a list of key versions contains attributes and addresses only, as the published example of Keys
   * - List Versions shows; full: type, size and operations as well, as its schema would allow.
   */
  keyListDetail: z.enum(['summary', 'full']).default('summary'),
  /** Key of the tokens and value of IDENTITY_HEADER: set one to keep both across a restart. */
  secret: z.string().min(16).optional(),
});
export type SimulatorConfig = z.output<typeof simulatorConfig>;
export type SimulatorConfigInput = z.input<typeof simulatorConfig>;

/** Checks a configuration. Throws one error that names every fault by its field. */
export function readConfig(value: unknown): SimulatorConfig {
  const parsed = simulatorConfig.safeParse(value);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(
    (issue) => `  - ${issue.path.join('.') || 'config'}: ${issue.message}`,
  );
  throw new Error(`The Azure simulator can't start: its configuration is wrong.\n${faults.join('\n')}`);
}

/** Reads `--config <file or inline JSON>`. */
export async function configFromArguments(args: string[]): Promise<SimulatorConfig> {
  const given = args[args.indexOf('--config') + 1];
  if (!args.includes('--config') || !given)
    throw new Error('Usage: node dev/azure-simulator/main.ts --config <JSON file, or the JSON itself>');
  const text = given.trimStart().startsWith('{') ? given : await readFile(given, 'utf8');
  try {
    return readConfig(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError) throw new Error('The configuration is not JSON.', { cause: error });
    throw error;
  }
}
