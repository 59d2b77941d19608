import assert from 'node:assert/strict';
import { test } from 'node:test';
import { normalId } from '../../../shared/azure/arm-id.ts';
import { policyId, VAULT_GONE } from '../../pipeline/a-world.ts';
import { get, look, post } from '../actions/post.ts';
import { contoso } from '../contoso.ts';

interface Operation {
  operation: string;
  policyIds: string[];
  refusedBy: string[];
  holders: { principalId: string; how: string; through: { roleName?: string; condition?: string }[] }[];
}

test('each operation has its holders, by the role that gives the right, and people by name', async () => {
  const { ask, azure, dana } = await contoso();
  const { status, json } = await ask('?policy=p1');
  assert.equal(status, 200, JSON.stringify(json));
  const of = (name: string): Operation => json.operations.find((one: Operation) => one.operation === name);
  const id = (key: string) => azure.people.find((one) => one.key === key)?.objectId;
  const how = (operation: string, key: string) =>
    of(operation).holders.find(({ principalId }) => principalId === id(key))?.how;
  assert.equal(how('update-key', 'cleo'), 'now');
  assert.equal(how('update-key', 'olga'), 'inTwoSteps', 'an Owner gives themself a role first');
  assert.equal(how('update-key', 'ravi'), undefined);
  assert.equal(how('close-network', 'kofi'), 'now');
  assert.equal(how('switch-permission-model', 'kofi'), undefined);
  const uma = of('remove-role-assignment').holders.find(({ principalId }) => principalId === id('uma'));
  assert.match(uma?.through[0]?.condition ?? '', /RoleDefinitionId/, 'the condition is shown');
  assert.equal(how('switch-permission-model', 'uma'), 'inTwoSteps');
  assert.match(of('purge-key').refusedBy.join(), /Purge protection/);
  assert.match(of('delete-policy').refusedBy.join(), /EnterprisePolicyDeleteNotAllowed/);
  const found = json.principals.find((one: { id: string }) => one.id === dana);
  assert.deepEqual(found, { id: dana, type: 'User', isGroup: false, name: 'dana.whitfield@contoso.example' });
  assert.match(json.cannotSee.join('\n'), /Lighthouse[\s\S]*Global Administrators/);
  assert.equal(json.help, null);
});

test('a vault is one list for all its policies, each operation once', async () => {
  const { ask, world } = await contoso();
  const [state] = await world.ports.store.listPolicyStates();
  const vault = state?.policyState.history.policy?.vaultId?.split('/').at(-1);
  const { json } = await ask(`?vault=${vault}`);
  const of = (name: string): Operation[] =>
    json.operations.filter((one: Operation) => one.operation === name);
  assert.equal(of('delete-vault').length, 1);
  assert.equal(of('delete-vault')[0]?.policyIds.length, 2);
  assert.equal(of('update-key').length, 2, 'each policy has its own key');
});

test('people who ask within five minutes share one reading, and later ones get another', async () => {
  const { ask, world, sessions } = await contoso();
  await ask('?policy=p1');
  await world.clock.advance(4 * 60_000);
  await ask('?policy=p1');
  assert.equal(sessions(), 1);
  await world.clock.advance(2 * 60_000);
  await ask('?policy=p1');
  assert.equal(sessions(), 2);
});

test('a signal or a reading that came since then has the rights read again', async () => {
  const { ask, world, sessions } = await contoso();
  await ask('?policy=p1');
  await world.clock.advance(60_000);
  await look(world, 'p1');
  await ask('?policy=p1');
  assert.equal(sessions(), 2);
});

test('an incident is answered with who can do each step, and who may re-enable environments', async () => {
  const { ask, world, azure } = await contoso();
  world.observedState.set(normalId(policyId('p1')), VAULT_GONE);
  await look(world, 'p1');
  const [incident] = await world.ports.store.listIncidents();
  const { status, json } = await ask(`?incident=${incident?.id}`);
  assert.equal(status, 200, JSON.stringify(json));
  const titles = json.help.map(({ title }: { title: string }) => title);
  assert.match(titles[0], /Recover the deleted key vault/);
  assert.match(titles.at(-1), /Re-enable the environments/);
  const ravi = azure.people.find(({ key }) => key === 'ravi')?.objectId;
  const helps = json.help.at(-1).holders.find((one: { principalId: string }) => one.principalId === ravi);
  assert.equal(helps?.how, 'now', 'a Reader may re-enable');
});

test('exactly one of policy, vault and incident is named', async () => {
  const { ask } = await contoso();
  for (const query of ['', '?policy=p1&vault=kv-eu', '?key=cmk'])
    assert.equal((await ask(query)).status, 400, query);
  assert.equal((await ask('?policy=nobody')).status, 404);
  assert.equal((await ask('?vault=nobody')).status, 404);
});

test('a process that can not read Azure says so, and POST is answered like GET', async () => {
  const { world, ports } = await contoso();
  const without = await get(world, '/who-can?policy=p1');
  assert.equal(without.status, 503);
  const asked = await post(world, '/who-can?policy=p1', {}, { read: ports });
  assert.equal(asked.status, 200);
  assert.ok(asked.json.operations.length > 10);
  assert.equal((await post(world, '/status', {}, { read: ports })).status, 405, 'only what is for operators');
});
