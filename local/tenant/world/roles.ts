import type { RoleDefinition } from './world.ts';

/** Ids and permissions as "Azure built-in roles" lists them; only those that matter to a customer-managed key. */
export const READER = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';
export const OWNER = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635';
export const CRYPTO_SERVICE_ENCRYPTION_USER = 'e147488a-f6f5-4113-8e2d-b22465e65bf6';

const KEYS = 'Microsoft.KeyVault/vaults/keys';
/** What a policy's identity needs ("Manage your customer-managed encryption key"). */
export const CMK_DATA_ACTIONS: readonly string[] = [
  `${KEYS}/read`,
  `${KEYS}/wrap/action`,
  `${KEYS}/unwrap/action`,
];

const base = { custom: false, actions: [], notActions: [], dataActions: [], notDataActions: [] };

export const BUILT_IN_ROLES: readonly RoleDefinition[] = [
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
    id: '14b46e9e-c2b7-41b4-b07b-48a6ebf60603',
    name: 'Key Vault Crypto Officer',
    description: 'Perform any action on the keys of a key vault, except manage permissions.',
    dataActions: [`${KEYS}/*`, 'Microsoft.KeyVault/vaults/keyrotationpolicies/*'],
  },
  {
    ...base,
    id: '00482a5a-887f-4fb3-b363-3b7fe8e74483',
    name: 'Key Vault Administrator',
    description: 'Perform all data plane operations on a key vault and all objects in it.',
    dataActions: ['Microsoft.KeyVault/vaults/*'],
  },
];
