import * as z from 'zod';

/**
 * The one schema of all settings. Each has a name, a meaning, a default (or none: then it is required or off) and an
 * example; the README's table is made from it. Values come from the environment, as Azure hands app settings over.
 */
export interface SettingDescription {
  name: string;
  meaning: string;
  default?: string;
  example: string;
  /** Its value is never shown, not even in part. */
  secret?: boolean;
  required?: boolean;
  /** Read by the Functions host as well. */
  host?: boolean;
  schema: z.ZodType<unknown, string>;
}

/** The prefix of the host's settings for the audit log's event hub: a connection's name, in the Functions' terms. */
export const AUDIT_CONNECTION = 'LOCKWATCH_AUDIT';

const guid = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'must be a GUID');
const list = <T>(item: z.ZodType<T, string>) =>
  z
    .string()
    .transform((text) =>
      text
        .split(/[,;\s]+/)
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .pipe(z.array(item).min(1, 'must name at least one'));
const httpsUrl = z.url({ protocol: /^https$/, error: 'must be an https URL' });
const seconds = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+(\.\d+)?$/, 'must be a number of seconds')
    .transform(Number)
    .pipe(z.number().min(least, `must be at least ${least}`).max(most, `must be at most ${most}`));
const yesNo = z.enum(['true', 'false'], 'must be true or false').transform((text) => text === 'true');
const email = z.email('must be an email address');
const vaultName = z.string().regex(/^[a-z0-9-]{3,24}$/i, 'must be vault names, or none');

export const SETTINGS = {
  subscriptions: {
    name: 'LOCKWATCH_SUBSCRIPTIONS',
    meaning: 'The subscriptions whose enterprise policies and vaults are watched, separated by commas.',
    required: true,
    example: '11111111-2222-3333-4444-555555555555',
    schema: list(guid),
  },
  cloud: {
    name: 'LOCKWATCH_CLOUD',
    meaning:
      'The cloud of the tenant: public, gcc, gcchigh, dod or china. Chooses every host and token scope.',
    default: 'public',
    example: 'gcchigh',
    schema: z.enum(
      ['public', 'gcc', 'gcchigh', 'dod', 'china'],
      'must be public, gcc, gcchigh, dod or china',
    ),
  },
  armEndpoint: {
    name: 'LOCKWATCH_ARM_ENDPOINT',
    meaning: 'Azure Resource Manager at another address than the cloud’s own.',
    example: 'https://management.azure.com',
    schema: httpsUrl,
  },
  powerPlatformEndpoint: {
    name: 'LOCKWATCH_POWER_PLATFORM_ENDPOINT',
    meaning: 'The Power Platform admin API at another address than the cloud’s own.',
    example: 'https://api.bap.microsoft.com',
    schema: httpsUrl,
  },
  clientId: {
    name: 'LOCKWATCH_CLIENT_ID',
    meaning: 'Client id of the user-assigned identity that reads Azure. Without it: the system-assigned one.',
    example: '66666666-7777-8888-9999-000000000000',
    schema: guid,
  },
  environmentsFrom: {
    name: 'LOCKWATCH_ENVIRONMENTS_FROM',
    meaning:
      'Where environments come from: powerPlatform (the admin API) or inventory (a file; no permission needed).',
    default: 'powerPlatform',
    example: 'inventory',
    schema: z.enum(['powerPlatform', 'inventory'], 'must be powerPlatform or inventory'),
  },
  inventory: {
    name: 'LOCKWATCH_INVENTORY',
    meaning: 'The inventory, JSON or CSV: a path, or the https address of a blob that the identity may read.',
    example: 'https://mystorage.blob.core.windows.net/lockwatch/environments.csv',
    schema: z.string().min(1, 'must not be empty'),
  },
  tableEndpoint: {
    name: 'AzureWebJobsStorage__tableServiceUri',
    meaning: 'Table Storage: what Lockwatch remembers. Reached by identity.',
    required: true,
    host: true,
    example: 'https://mystorage.table.core.windows.net',
    schema: httpsUrl,
  },
  queueEndpoint: {
    name: 'AzureWebJobsStorage__queueServiceUri',
    meaning:
      'Queue Storage: events come in here. Reached by identity. Without it the queue functions are not registered.',
    host: true,
    example: 'https://mystorage.queue.core.windows.net',
    schema: httpsUrl,
  },
  queue: {
    name: 'LOCKWATCH_QUEUE',
    meaning: 'The queue that Event Grid delivers to. Its poison queue is the same name with -poison.',
    default: 'lockwatch-signals',
    example: 'lockwatch-signals',
    schema: z
      .string()
      .regex(/^[a-z0-9](-?[a-z0-9]){2,50}$/, 'must be a queue name (a–z, 0–9, single dashes)'),
  },
  push: {
    name: 'LOCKWATCH_PUSH',
    meaning: 'Registers the Event Grid function as well, for events that are pushed instead of queued.',
    default: 'false',
    example: 'true',
    schema: yesNo,
  },
  auditHub: {
    name: 'LOCKWATCH_AUDIT_HUB',
    meaning:
      'The event hub that the vaults’ audit logs (AuditEvent) go to: they tell who did it. Without it the audit function is not registered.',
    example: 'lockwatch-audit',
    schema: z
      .string()
      .regex(/^[a-z0-9](?:[a-z0-9._-]{0,254}[a-z0-9])?$/i, 'must be the name of an event hub'),
  },
  auditNamespace: {
    name: `${AUDIT_CONNECTION}__fullyQualifiedNamespace`,
    meaning: 'The Event Hubs namespace of that hub. Reached by identity.',
    host: true,
    example: 'lockwatch-weu.servicebus.windows.net',
    schema: z
      .string()
      .regex(
        /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i,
        'must be a host name, without https:// (not a connection string)',
      ),
  },
  auditCredential: {
    name: `${AUDIT_CONNECTION}__credential`,
    meaning: 'How the Functions host signs in there: managedidentity, with a user-assigned identity.',
    host: true,
    example: 'managedidentity',
    schema: z.literal('managedidentity', 'must be managedidentity'),
  },
  auditClientId: {
    name: `${AUDIT_CONNECTION}__clientId`,
    meaning: 'Client id of the user-assigned identity with which the host reads the event hub.',
    host: true,
    example: '66666666-7777-8888-9999-000000000000',
    schema: guid,
  },
  sweepSeconds: {
    name: 'LOCKWATCH_SWEEP_SECONDS',
    meaning:
      'How often the timer reads every policy afresh and sends undelivered notices. Divides 60, or is whole minutes up to 30.',
    default: '30',
    example: '60',
    schema: seconds(1, 1800).refine(
      (value) =>
        Number.isInteger(value) &&
        (value <= 60 ? 60 % value === 0 : value % 60 === 0 && 60 % (value / 60) === 0),
      'must divide 60, or be whole minutes that divide 60',
    ),
  },
  readBudgetSeconds: {
    name: 'LOCKWATCH_READ_BUDGET_SECONDS',
    meaning: 'How long one reading of the truth may take. What is not in by then is unknown.',
    default: '10',
    example: '20',
    schema: seconds(1, 120),
  },
  secondLookSeconds: {
    name: 'LOCKWATCH_SECOND_LOOK_SECONDS',
    meaning: 'After how long a signal that concerned a policy, but read clear, is looked at again.',
    default: '10',
    example: '15',
    schema: seconds(1, 600),
  },
  blindAfterSeconds: {
    name: 'LOCKWATCH_BLIND_AFTER_SECONDS',
    meaning: 'How long something may be unreadable before people are told that Lockwatch is blind there.',
    default: '600',
    example: '300',
    schema: seconds(0, 86_400),
  },
  networkReading: {
    name: 'LOCKWATCH_NETWORK_READING',
    meaning:
      'trustedService: the trusted-services bypass counts, as the customer-managed-key page says. literal: the lock page to the letter; any closed network is a revocation.',
    default: 'trustedService',
    example: 'literal',
    schema: z.enum(['trustedService', 'literal'], 'must be trustedService or literal'),
  },
  secretVaults: {
    name: 'LOCKWATCH_SECRET_VAULTS',
    meaning: 'Names of the key vaults with Lockwatch’s own secrets, or none. It warns if it watches one.',
    example: 'kv-lockwatch',
    schema: list(vaultName).transform((names) => names.filter((name) => name !== 'none')),
  },
  teamsWebhookUrl: {
    name: 'LOCKWATCH_TEAMS_WEBHOOK_URL',
    meaning: 'The Workflows webhook that posts the Teams card. It carries a signature: keep it in a vault.',
    secret: true,
    example: '@Microsoft.KeyVault(SecretUri=…)',
    schema: httpsUrl,
  },
  smtpUrl: {
    name: 'LOCKWATCH_SMTP_URL',
    meaning: 'The mail relay: smtp:// (STARTTLS) or smtps://, with user and password where it wants them.',
    secret: true,
    example: 'smtps://user:password@smtp.example.com:465',
    schema: z.url({ protocol: /^smtps?$/, error: 'must be an smtp:// or smtps:// URL' }),
  },
  emailFrom: {
    name: 'LOCKWATCH_EMAIL_FROM',
    meaning: 'The sender of the emails.',
    example: 'lockwatch@example.com',
    schema: email,
  },
  emailTo: {
    name: 'LOCKWATCH_EMAIL_TO',
    meaning: 'Who gets the emails, separated by commas.',
    example: 'power-admins@example.com,oncall@example.com',
    schema: list(email),
  },
  access: {
    name: 'LOCKWATCH_ACCESS',
    meaning:
      'Who may ask over HTTP: keys (a function key), or none (refused in Azure; for the local host only).',
    default: 'keys',
    example: 'keys',
    schema: z.enum(['keys', 'none'], 'must be keys or none'),
  },
  publicUrl: {
    name: 'LOCKWATCH_PUBLIC_URL',
    meaning: 'Base address of the app in links of notices. Without it: the address that Azure gave the app.',
    example: 'https://lockwatch.example.com',
    schema: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }),
  },
} as const satisfies Record<string, SettingDescription>;
