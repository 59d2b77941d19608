import { guidOf, resourceGroupId } from '../world/ids.ts';
import { makeKey } from '../world/make.ts';
import { armEvent, liveVault, type Scenario, ScenarioRefusedError } from './scenario.ts';

const CONNECTION = 'Microsoft.KeyVault/vaults/privateEndpointConnections/write';
const ASSOCIATION = 'Microsoft.Network/networkSecurityPerimeters/resourceAssociations';
const MOVE = 'Microsoft.Resources/subscriptions/resourceGroups/moveResources/action';
const LOCK = 'Microsoft.Authorization/locks';

/** Changes around a vault through Resource Manager: each is a reason to read, and most are harmless. */
export const NEIGHBOUR_SCENARIOS: Scenario[] = [
  {
    name: 'key-put-through-arm',
    line: 'Asks Resource Manager for the key: one that is there stays as it is, one that is gone is made anew.',
    raises: 'Microsoft.KeyVault/vaults/keys/write',
    perform(_draft, { target, now }) {
      const vault = liveVault(target);
      const name = target.keyName ?? 'cmk';
      if (vault.deletedKeys.some((key) => key.name === name))
        throw new ScenarioRefusedError(
          409,
          `The key ${name} is deleted and could be recovered: its name is taken.`,
          {
            field: 'key',
          },
        );
      // "Keys - Create If Not Exist": an existing key is returned without any write operation.
      const made = target.key ? [] : [{ ...makeKey(vault.name, `${name} ${now}`, now, [0]), name }];
      vault.keys.push(...made);
      return {
        events: [armEvent('Write', 'Microsoft.KeyVault/vaults/keys/write', `${vault.id}/keys/${name}`)],
        audit: made.map(() => ({
          operation: 'KeyCreate',
          vaultId: vault.id,
          path: `keys/${name}`,
          status: 200,
        })),
      };
    },
  },
  {
    name: 'private-endpoint-approved',
    line: 'Approves a private endpoint to the vault; who came in before still does.',
    raises: CONNECTION,
    perform(_draft, { target }) {
      const { id, name } = liveVault(target);
      const connection = `${id}/privateEndpointConnections/${guidOf(`connection ${name}`)}`;
      return { events: [armEvent('Write', CONNECTION, connection)], audit: [] };
    },
  },
  ...(['perimeter-joined', 'undo-perimeter-joined'] as const).map((name): Scenario => {
    const isIn = name === 'perimeter-joined';
    const operation = `${ASSOCIATION}/${isIn ? 'write' : 'delete'}`;
    return {
      name,
      line: isIn
        ? 'Puts the vault behind a network security perimeter, which shuts trusted services out as well.'
        : 'Takes the vault out of its network security perimeter.',
      raises: operation,
      perform(_draft, { target }) {
        const vault = liveVault(target);
        vault.network.publicNetworkAccess = isIn ? 'SecuredByPerimeter' : 'Enabled';
        const group = resourceGroupId(vault.subscriptionId, vault.resourceGroup);
        const perimeter = `${group}/providers/Microsoft.Network/networkSecurityPerimeters/nsp-contoso`;
        const id = `${perimeter}/resourceAssociations/${vault.name}`;
        return { events: [armEvent(isIn ? 'Write' : 'Delete', operation, id)], audit: [] };
      },
    };
  }),
  {
    name: 'resources-moved',
    line: 'Moves another resource out of the vault’s resource group; the event names the group alone.',
    raises: MOVE,
    perform(_draft, { target }) {
      const { subscriptionId, resourceGroup } = liveVault(target);
      return {
        events: [armEvent('Action', MOVE, resourceGroupId(subscriptionId, resourceGroup))],
        audit: [],
      };
    },
  },
  {
    name: 'lock-deleted',
    line: 'Deletes the management lock that guards the policies of the Americas.',
    raises: `${LOCK}/delete`,
    defaultPolicy: 'ep-sales',
    perform(draft) {
      const [lock, ...others] = draft.locks;
      if (!lock) throw new ScenarioRefusedError(409, 'There is no management lock any more.');
      draft.locks = others;
      const id = `${lock.scope}/providers/${LOCK}/${lock.name}`;
      return { events: [armEvent('Delete', `${LOCK}/delete`, id)], audit: [] };
    },
  },
];
