import { guidOf } from './ids.ts';
import type { World, WorldPerson } from './world.ts';

/** Azure CLI's public application id, as it appears in the claims of operations done with `az`. */
const AZURE_CLI = '04b07795-8ddb-461a-bbee-02f9e1bf7b46';
const AZURE_PORTAL = 'c44b4083-3bb0-49c1-b47d-974e53cbdf3c';

/** The people who act, and the identity under which Lockwatch reads. */
export function seedPeople(): { people: WorldPerson[]; app: World['app'] } {
  const people: WorldPerson[] = [
    {
      key: 'dana',
      name: 'Dana Whitfield',
      upn: 'dana.whitfield@contoso.example',
      objectId: guidOf('person dana'),
      applicationId: AZURE_PORTAL,
      ipAddress: '203.0.113.17',
      role: 'Owner',
    },
    {
      key: 'milo',
      name: 'Milo Brandt',
      upn: 'milo.brandt@contoso.example',
      objectId: guidOf('person milo'),
      applicationId: AZURE_CLI,
      ipAddress: '198.51.100.42',
      role: 'Owner',
    },
    {
      key: 'pipeline',
      name: 'contoso-infra-pipeline',
      objectId: guidOf('application pipeline'),
      applicationId: guidOf('client pipeline'),
      ipAddress: '192.0.2.8',
      role: 'Owner',
    },
  ];
  return {
    people,
    app: {
      clientId: guidOf('client lockwatch'),
      objectId: guidOf('application lockwatch'),
      name: 'id-lockwatch',
      tokens: [],
      revokedTokens: [],
    },
  };
}
