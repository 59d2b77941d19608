import type { WorldRoleDefinition } from './world.ts';

/**
 * Ids and permissions as "Azure built-in roles" lists them; only those relevant to a customer-managed key.
 */
export const READER = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';
export const OWNER = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635';
export const CONTRIBUTOR = 'b24988ac-6180-42a0-ab88-20f7382dd24c';
export const USER_ACCESS_ADMINISTRATOR = '18d7d88d-d35e-4fb5-a5c3-7773c20a72d9';
export const KEY_VAULT_CONTRIBUTOR = 'f25e0fa2-a7c8-4377-a976-54943a77a395';
export const CRYPTO_OFFICER = '14b46e9e-c2b7-41b4-b07b-48a6ebf60603';
export const KEY_VAULT_ADMINISTRATOR = '00482a5a-887f-4fb3-b363-3b7fe8e74483';
export const CRYPTO_SERVICE_ENCRYPTION_USER = 'e147488a-f6f5-4113-8e2d-b22465e65bf6';

const KEYS = 'Microsoft.KeyVault/vaults/keys';
/** The role that a policy's identity needs ("Manage your customer-managed encryption key"). */
export const CMK_DATA_ACTIONS: readonly string[] = [
  `${KEYS}/read`,
  `${KEYS}/wrap/action`,
  `${KEYS}/unwrap/action`,
];

const base = { custom: false, actions: [], notActions: [], dataActions: [], notDataActions: [] };

export const BUILT_IN_ROLES: readonly WorldRoleDefinition[] = [
  { ...base, id: READER, name: 'Reader', description: 'View all resources.', actions: ['*/read'] },
  {
    ...base,
    id: OWNER,
    name: 'Owner',
    description: 'Grants full access to manage all resources.',
    actions: ['*'],
  },
  {
    ...base,
    id: CONTRIBUTOR,
    name: 'Contributor',
    description: 'Grants full access to manage all resources, and none to assign roles.',
    actions: ['*'],
    notActions: [
      'Microsoft.Authorization/*/Delete',
      'Microsoft.Authorization/*/Write',
      'Microsoft.Authorization/elevateAccess/Action',
    ],
  },
  {
    ...base,
    id: USER_ACCESS_ADMINISTRATOR,
    name: 'User Access Administrator',
    description: 'Lets you manage user access to Azure resources.',
    actions: ['*/read', 'Microsoft.Authorization/*', 'Microsoft.Support/*'],
  },
  {
    ...base,
    id: KEY_VAULT_CONTRIBUTOR,
    name: 'Key Vault Contributor',
    description: 'Manage key vaults, but not their content, and assign no roles.',
    actions: [
      'Microsoft.Authorization/*/read',
      'Microsoft.KeyVault/*',
      'Microsoft.Resources/deployments/*',
      'Microsoft.Resources/subscriptions/resourceGroups/read',
    ],
    notActions: [
      'Microsoft.KeyVault/locations/deletedVaults/purge/action',
      'Microsoft.KeyVault/hsmPools/*',
      'Microsoft.KeyVault/managedHsms/*',
    ],
  },
  {
    ...base,
    id: CRYPTO_SERVICE_ENCRYPTION_USER,
    name: 'Key Vault Crypto Service Encryption User',
    description: 'Read metadata of keys and perform wrap/unwrap operations.',
    actions: ['write', 'read', 'delete'].map((verb) => `Microsoft.EventGrid/eventSubscriptions/${verb}`),
    dataActions: [...CMK_DATA_ACTIONS],
  },
  {
    ...base,
    id: '12338af0-0e69-4776-bea7-57ae8d297424',
    name: 'Key Vault Crypto User',
    description: 'Perform cryptographic operations using keys.',
    dataActions: ['read', 'update/action', 'backup/action', 'encrypt/action', 'decrypt/action', 'wrap/action']
      .concat(['unwrap/action', 'sign/action', 'verify/action'])
      .map((verb) => `${KEYS}/${verb}`),
  },
  {
    ...base,
    id: CRYPTO_OFFICER,
    name: 'Key Vault Crypto Officer',
    description: 'Perform any action on the keys of a key vault, except manage permissions.',
    dataActions: [`${KEYS}/*`, 'Microsoft.KeyVault/vaults/keyrotationpolicies/*'],
  },
  {
    ...base,
    id: KEY_VAULT_ADMINISTRATOR,
    name: 'Key Vault Administrator',
    description: 'Perform all data plane operations on a key vault and all objects in it.',
    dataActions: ['Microsoft.KeyVault/vaults/*'],
  },
];

const STORAGE = 'Microsoft.Storage/storageAccounts';
const CONTAINERS = `${STORAGE}/blobServices/containers`;
const QUEUES = `${STORAGE}/queueServices/queues`;
const TABLES = `${STORAGE}/tableServices/tables`;
/** The role that Event Grid needs at its destination queue ("Event delivery with a managed identity"). */
export const ADD_MESSAGE = `${QUEUES}/messages/add/action`;
const verbs = (type: string, ...list: string[]) => list.map((verb) => `${type}/${verb}`);

/** Further built-in roles, which a deployment of Lockwatch grants. */
export const GRANTED_ROLES: readonly WorldRoleDefinition[] = [
  {
    ...base,
    id: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b',
    name: 'Storage Blob Data Owner',
    description: 'Full access to blobs and containers.',
    actions: verbs(CONTAINERS, '*'),
    dataActions: verbs(CONTAINERS, 'blobs/*'),
  },
  {
    ...base,
    id: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe',
    name: 'Storage Blob Data Contributor',
    description: 'Read, write and delete containers and blobs.',
    actions: verbs(CONTAINERS, 'delete', 'read', 'write'),
    dataActions: verbs(`${CONTAINERS}/blobs`, 'delete', 'read', 'write', 'move/action', 'add/action'),
  },
  {
    ...base,
    id: '974c5e8b-45b9-4653-ba55-5f855dd0fb88',
    name: 'Storage Queue Data Contributor',
    description: 'Read, write and delete queues and their messages.',
    actions: verbs(QUEUES, 'delete', 'read', 'write'),
    dataActions: verbs(`${QUEUES}/messages`, 'delete', 'read', 'write', 'process/action'),
  },
  {
    ...base,
    id: 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a',
    name: 'Storage Queue Data Message Sender',
    description: 'Send messages to a queue.',
    dataActions: [ADD_MESSAGE],
  },
  {
    ...base,
    id: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3',
    name: 'Storage Table Data Contributor',
    description: 'Read, write and delete tables and entities.',
    actions: verbs(TABLES, 'read', 'write', 'delete'),
    dataActions: verbs(`${TABLES}/entities`, 'read', 'write', 'delete', 'add/action', 'update/action'),
  },
  {
    ...base,
    id: '4633458b-17de-408a-b874-0445c86b69e6',
    name: 'Key Vault Secrets User',
    description: 'Read secret contents.',
    dataActions: verbs('Microsoft.KeyVault/vaults/secrets', 'getSecret/action', 'readMetadata/action'),
  },
  {
    ...base,
    id: 'a638d3c7-ab3a-418d-83e6-5f17a39d4fde',
    name: 'Azure Event Hubs Data Receiver',
    description: 'Receive from event hubs.',
    actions: ['Microsoft.EventHub/*/eventhubs/consumergroups/read'],
    dataActions: ['Microsoft.EventHub/*/receive/action'],
  },
  {
    ...base,
    id: '3913510d-42f4-4e42-8a64-420c390055eb',
    name: 'Monitoring Metrics Publisher',
    description: 'Publish metrics and telemetry.',
    actions: ['Microsoft.Resources/subscriptions/resourceGroups/read'],
    dataActions: verbs('Microsoft.Insights', 'Metrics/Write', 'Telemetry/Write'),
  },
];
