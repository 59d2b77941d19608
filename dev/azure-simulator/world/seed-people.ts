import { guidOf } from './ids.ts';
import type { World, WorldPerson } from './world.ts';

/** Azure CLI's public application id, as it appears in the claims of operations done with `az`. */
const AZURE_CLI = '04b07795-8ddb-461a-bbee-02f9e1bf7b46';
export const AZURE_PORTAL = 'c44b4083-3bb0-49c1-b47d-974e53cbdf3c';

export function personOf(
  key: string,
  name: string,
  applicationId: string,
  ipAddress: string,
  role: string,
): WorldPerson {
  const upn = `${name.toLowerCase().replace(' ', '.')}@contoso.example`;
  return { key, name, upn, objectId: guidOf(`person ${key}`), applicationId, ipAddress, role };
}

/** The people who act, and the identity under which Lockwatch reads. */
export function seedPeople(): { people: WorldPerson[]; app: World['app'] } {
  const people: WorldPerson[] = [
    personOf('dana', 'Dana Whitfield', AZURE_PORTAL, '203.0.113.17', 'Owner'),
    personOf('milo', 'Milo Brandt', AZURE_CLI, '198.51.100.42', 'Owner'),
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
