import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SimulatorConfigInput } from '../../../dev/azure-simulator/config.ts';
import { guidOf } from '../../../dev/azure-simulator/world/ids.ts';
import { graphNames } from '../../../shared/azure/graph-names.ts';
import { systemClock } from '../../../shared/clock.ts';
import { startTestSimulator } from './harness.ts';

const DANA = guidOf('person dana');
const PIPELINE = guidOf('application pipeline');

async function namesIn(graphPermissions: SimulatorConfigInput['graphPermissions']) {
  const simulator = await startTestSimulator({ graphPermissions });
  const warned: unknown[] = [];
  const names = graphNames({
    endpoint: simulator.graph,
    scope: 'https://graph.microsoft.com/.default',
    credential: {
      getToken: async () => ({
        token: await simulator.token('https://graph.microsoft.com'),
        expiresOnTimestamp: Number.MAX_SAFE_INTEGER,
      }),
    },
    clock: systemClock,
    log: { info() {}, error() {}, warn: (event) => warned.push(event) },
  });
  await names.ask([DANA, PIPELINE]);
  return { simulator, warned, told: [names.known(DANA), names.known(PIPELINE)].map((one) => one?.name) };
}

describe('Microsoft Graph in the Azure simulator', () => {
  it('tells the product people and applications by name', async () => {
    const { told } = await namesIn(['User.Read.All', 'Application.Read.All']);
    assert.deepEqual(told, ['dana.whitfield@contoso.example', 'contoso-infra-pipeline']);
  });

  it('tells only what the permissions granted let it tell', async () => {
    assert.deepEqual((await namesIn(['User.Read.All'])).told, ['dana.whitfield@contoso.example', undefined]);
    assert.deepEqual((await namesIn(['Application.Read.All'])).told, [undefined, 'contoso-infra-pipeline']);
    const { told, warned } = await namesIn([]);
    assert.deepEqual([told, warned], [[undefined, undefined], ['actor-not-named']]);
  });

  it('answers as documented: 401 for another audience, 404 for nobody, and no more than was selected', async () => {
    const { simulator } = await namesIn(['Directory.Read.All']);
    const read = async (path: string, audience = 'https://graph.microsoft.com') =>
      simulator.read(`${simulator.graph}/v1.0/${path}`, { token: await simulator.token(audience) });
    assert.equal((await read(`users/${DANA}`, 'https://management.azure.com')).status, 401);
    const nobody = await read(`users/${PIPELINE}`);
    assert.deepEqual([nobody.status, nobody.body.error?.code], [404, 'Request_ResourceNotFound']);
    const { body } = await read(`users/${DANA}?$select=displayName`);
    assert.deepEqual([body.displayName, 'userPrincipalName' in body], ['Dana Whitfield', false]);
    assert.equal((await read('me')).status, 400);
  });
});
