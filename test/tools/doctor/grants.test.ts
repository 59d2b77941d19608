import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { grantsText } from '../../../tools/doctor/grants.ts';
import { REQUIRED_ACTIONS } from '../../../tools/doctor/required-actions.ts';
import { deployment, textAt } from '../../infra/deployment.ts';

const SUBSCRIPTION = '11111111-1111-4111-8111-111111111111';
const OTHER = '22222222-2222-4222-8222-222222222222';
const IDENTITY = 'aaaaaaaa-0000-4000-8000-00000000000a';

describe('what the owners of watched subscriptions run to grant the right to read alone', () => {
  const text = grantsText({
    identity: IDENTITY,
    subscriptions: [SUBSCRIPTION, OTHER],
    environmentName: 'lockwatch',
    cloud: 'public',
  });
  const puts = [
    ...text.matchAll(/--url "https:\/\/management\.azure\.com(\S+)\?api-version=\S+" --body '(.*)'$/gm),
  ].map(([, id = '', json = '']) => ({ id, ...JSON.parse(json).properties }));

  it('makes a role of each subscription’s own, with exactly the operations that the app uses', () => {
    assert.deepEqual(
      puts.map(({ assignableScopes }) => assignableScopes),
      [[`/subscriptions/${SUBSCRIPTION}`], [`/subscriptions/${OTHER}`]],
    );
    for (const { permissions } of puts)
      assert.deepEqual(permissions, [
        { actions: Object.keys(REQUIRED_ACTIONS), notActions: [], dataActions: [], notDataActions: [] },
      ]);
    assert.ok(Object.keys(REQUIRED_ACTIONS).every((one) => one.endsWith('/read')));
  });

  it('makes the very role that the deployment makes, so that a later deployment finds its own', () => {
    const [deployed] = deployment('minimal').of('Microsoft.Authorization/roleDefinitions');
    assert.equal(puts[0]?.id, deployed?.id);
    assert.equal(puts[0]?.roleName, textAt(deployed?.properties, 'roleName'));
    assert.deepEqual(puts[0]?.permissions, deployed?.properties.permissions);
  });

  it('assigns it to the app’s identity, in each subscription', () => {
    for (const [index, id] of [SUBSCRIPTION, OTHER].entries())
      assert.ok(
        text.includes(
          `--assignee-object-id ${IDENTITY} --assignee-principal-type ServicePrincipal --role ${puts[index]?.id.split('/').at(-1)} --scope /subscriptions/${id}\n`,
        ),
      );
  });
});
