import * as z from 'zod';
import {
  guid,
  httpsUrl,
  list,
  type SettingDescription,
  tokenScope,
  vaultName,
  yesNo,
} from '../settings-schema/description.ts';
import { ownSourcesFrom } from '../visibility/event-source-scope.ts';
import { SWEEPING } from './sweeping.ts';

/**
 * The prefix of the host's settings for an event hub of the audit log: a connection name, in Azure Functions'
 * terms.
 */
export const AUDIT_CONNECTION = 'LOCKWATCH_AUDIT';

/** The watched resources, where they are read and stored, and how often. */
export const WATCHING = {
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
  powerPlatformScope: {
    name: 'LOCKWATCH_POWER_PLATFORM_SCOPE',
    meaning: 'The token scope of the Power Platform admin API, where it differs from the cloud’s own.',
    example: 'https://service.powerapps.com/.default',
    schema: tokenScope,
  },
  powerPlatformApiEndpoint: {
    name: 'LOCKWATCH_POWER_PLATFORM_API_ENDPOINT',
    meaning:
      'The Power Platform API, which lists environments too, at another address than the cloud’s own. Outside the public cloud it is asked only if this is set.',
    example: 'https://api.powerplatform.com',
    schema: httpsUrl,
  },
  powerPlatformApiScope: {
    name: 'LOCKWATCH_POWER_PLATFORM_API_SCOPE',
    meaning:
      'The token scope of the Power Platform API. Without it: the cloud’s own, or .default of the address that is set.',
    example: 'https://api.powerplatform.com/.default',
    schema: tokenScope,
  },
  graphEndpoint: {
    name: 'LOCKWATCH_GRAPH_ENDPOINT',
    meaning: 'Microsoft Graph at another address than the cloud’s own.',
    example: 'https://graph.microsoft.com',
    schema: httpsUrl,
  },
  actorNames: {
    name: 'LOCKWATCH_ACTOR_NAMES',
    meaning:
      'graph: who is known by an object id alone is looked up in Microsoft Graph (needs its application permissions User.Read.All and Application.Read.All). none: shown as the id, with a link.',
    default: 'none',
    example: 'graph',
    schema: z.enum(['none', 'graph'], 'must be none or graph'),
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
      'The event hub that the vaults’ audit logs (AuditEvent) go to. They record who made a change. Without it the audit function is not registered.',
    example: 'lockwatch-audit',
    schema: z
      .string()
      .regex(/^[a-z0-9](?:[a-z0-9._-]{0,254}[a-z0-9])?$/i, 'must be the name of an event hub'),
  },
  auditNamespace: {
    name: `${AUDIT_CONNECTION}__fullyQualifiedNamespace`,
    meaning:
      'The Event Hubs namespace of that hub. Reached by identity. Vaults of several regions need one each: the hub has the same name in all.',
    many: true,
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
    many: true,
    host: true,
    example: 'managedidentity',
    schema: z.literal('managedidentity', 'must be managedidentity'),
  },
  auditClientId: {
    name: `${AUDIT_CONNECTION}__clientId`,
    meaning: 'Client id of the user-assigned identity with which the host reads the event hub.',
    many: true,
    host: true,
    example: '66666666-7777-8888-9999-000000000000',
    schema: guid,
  },
  ...SWEEPING,
  networkReading: {
    name: 'LOCKWATCH_NETWORK_READING',
    meaning:
      'trustedService: the trusted-services bypass counts, as the customer-managed-key page says. literal: the lock page to the letter; any closed network is a revocation.',
    default: 'trustedService',
    example: 'literal',
    schema: z.enum(['trustedService', 'literal'], 'must be trustedService or literal'),
  },
  eventSources: {
    name: 'LOCKWATCH_EVENT_SOURCES',
    meaning:
      'The deployment writes it: by it Lockwatch recognises its own event sources. The name of its event subscriptions and diagnostic settings; subscription/group/name of the system topic of each watched subscription; a hash of the id of each watched vault’s system topic. The loss of one of them is reported at once, that of any other source only after a check. Without it, Lockwatch knows its own by the names that the deployment gives.',
    example: 'lockwatch-x,11111111-2222-3333-4444-555555555555/rg-lockwatch-events/egst-lockwatch-x,0a1b2c3d',
    schema: list(
      z
        .string()
        .regex(/^[^/\s]+(?:\/[^/\s]+\/[^/\s]+)?$/, 'must be names, subscription/group/name or hashes'),
    ).transform(ownSourcesFrom),
  },
  secretVaults: {
    name: 'LOCKWATCH_SECRET_VAULTS',
    meaning: 'Names of the key vaults with Lockwatch’s own secrets, or none. It warns if it watches one.',
    example: 'kv-lockwatch',
    schema: list(vaultName).transform((names) => names.filter((name) => name !== 'none')),
  },
} as const satisfies Record<string, SettingDescription>;
