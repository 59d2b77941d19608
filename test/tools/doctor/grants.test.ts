import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { grantsText } from '../../../tools/doctor/grants.ts';
import { REQUIRED_ACTIONS } from '../../../tools/doctor/required-actions.ts';
import { deployment, textAt } from '../../infra/deployment.ts';

const SUBSCRIPTION = '11111111-1111-4111-8111-111111111111';
const OTHER = '22222222-2222-4222-8222-222222222222';
const IDENTITY = 'aaaaaaaa-0000-4000-8000-00000000000a';

describe('what the owners of watched subscriptions run', () => {
  const text = grantsText({
    identity: IDENTITY,
    subscriptions: [SUBSCRIPTION, OTHER],
    environmentName: 'lockwatch',
  });
  const roles = [...text.matchAll(/--role-definition '(.*)'$/gm)].map(([, json = '']) => JSON.parse(json));

  it('makes a role of each subscription’s own, with exactly the operations that the app uses', () => {
    assert.deepEqual(
      roles.map(({ AssignableScopes }) => AssignableScopes),
      [[`/subscriptions/${SUBSCRIPTION}`], [`/subscriptions/${OTHER}`]],
    );
    for (const { Actions, DataActions } of roles)
      assert.deepEqual([Actions, DataActions], [Object.keys(REQUIRED_ACTIONS), []]);
    assert.ok(roles.every(({ Actions }) => Actions.every((one: string) => one.endsWith('/read'))));
  });

  it('names the role as the deployment does', () => {
    const [deployed] = deployment('minimal').of('Microsoft.Authorization/roleDefinitions');
    assert.equal(roles[0].Name, textAt(deployed?.properties, 'roleName'));
  });

  it('assigns it to the app’s identity, in each subscription', () => {
    for (const id of [SUBSCRIPTION, OTHER])
      assert.ok(
        text.includes(
          `--assignee-object-id ${IDENTITY} --assignee-principal-type ServicePrincipal --role "Lockwatch reading (lockwatch, ${id})" --scope /subscriptions/${id}\n`,
        ),
      );
  });
});
