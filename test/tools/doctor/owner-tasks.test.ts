import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deployInto } from '../../../dev/azure-simulator/world/deploy.ts';
import { seedWorld } from '../../../dev/azure-simulator/world/seed.ts';
import type { World } from '../../../dev/azure-simulator/world/world.ts';
import {
  contosoDeployment,
  contosoNames,
  contosoSnapshot,
} from '../../../dev/expected-deployment/contoso.ts';
import type { Deployment } from '../../../dev/expected-deployment/deployment.ts';
import { deploymentOf } from '../../../dev/expected-deployment/from-snapshot.ts';
import { readSnapshot, snapshotSettings } from '../../../dev/expected-deployment/snapshot.ts';
import { ownerCommands } from '../../../tools/doctor/owner-commands.ts';
import { OwnerTasksError, ownerTasksFrom } from '../../../tools/doctor/owner-tasks.ts';
import { at, textAt } from '../../infra/deployment.ts';
import { patient } from './doctor-harness.ts';
import { afterCommands, azCalls } from './run-owner-commands.ts';

const NOW = Date.parse('2026-11-23T12:00:00.000Z');
const SCENARIO = 'separate-duties';
const alone = contosoSnapshot(SCENARIO);
const appAlone = deploymentOf(alone);
const full = contosoDeployment();
const { objectId: APP } = seedWorld(NOW).app;
const skip = process.platform === 'win32';

/** What azd keeps of the deployment's outputs. */
const AZD = JSON.stringify({
  LOCKWATCH_IDENTITY_PRINCIPAL_ID: APP,
  LOCKWATCH_TEAMS_WEBHOOK_URL: 'https://example.invalid/?sig=top-secret',
  LOCKWATCH_OWNER_TASKS: readSnapshot(SCENARIO).outputs.LOCKWATCH_OWNER_TASKS,
});
function printed(): string {
  const { identity, tasks } = ownerTasksFrom(AZD);
  return contosoNames(ownerCommands(identity, tasks));
}

/** What counts of a world: who has which role where, the roles, and where events come from. */
function rightsAndTopics(world: World) {
  const grants = world.roleAssignments.map(({ principalId, roleId, scope }) =>
    [principalId, roleId, scope].join(' ').toLowerCase(),
  );
  const byId = (a: { topicId: string }, b: { topicId: string }) => a.topicId.localeCompare(b.topicId);
  return {
    grants: [...new Set(grants)].sort(),
    roles: world.roleDefinitions
      .map((role) => ({ ...role, actions: [...role.actions].sort() }))
      .sort((a, b) => a.id.localeCompare(b.id)),
    sources: [...world.deployed.sources].sort(byId),
    audit: world.deployed.auditSettings.map(({ id, vaultId, hubId }) => ({ id, vaultId, hubId })),
    watched: world.vaults.map(({ id, eventSubscription, auditLog }) => ({ id, eventSubscription, auditLog })),
  };
}
const deployed = (deployment: Deployment) => deployInto(seedWorld(NOW), deployment, NOW);

describe('a deployment of the app alone', () => {
  it('makes nothing in a watched subscription, and everything of the app', () => {
    const group = String(alone.outputs.AZURE_RESOURCE_GROUP);
    for (const { id, type } of alone.resources)
      assert.ok(
        id.includes(`/resourceGroups/${group}/`) || (id.endsWith(`/resourceGroups/${group}`) && type),
        `${type} ${id}`,
      );
    const own = contosoSnapshot()
      .resources.filter(({ id }) => id.includes(`/resourceGroups/${group}/`))
      .filter(({ properties }) => !/systemTopics/.test(textAt(properties, 'principalId')));
    assert.deepEqual(
      alone.resources.filter(({ id }) => !id.endsWith(group)),
      own,
    );
  });

  it('starts the app with the same settings, which name the event sources that the owners will make', () =>
    assert.deepEqual(snapshotSettings(alone), snapshotSettings(contosoSnapshot())));

  it('leaves the app without any right in watched subscriptions: the doctor names each missing part, and nothing is gone', async () => {
    const { examine, settings } = await patient({ deployment: appAlone });
    const report = await examine({ identity: APP });
    assert.equal(report.outcome, 'missing');
    const all = [...report.facts, ...report.wiring];
    const subscriptions = settings.LOCKWATCH_SUBSCRIPTIONS?.split(',') ?? [];
    for (const id of subscriptions) {
      const rights = all.find((one) => one.about === 'appRights' && one.id.endsWith(id));
      assert.equal(rights?.state, 'missing', id);
      assert.match(rights?.remediation?.what ?? '', /Grant Reader/);
    }
    const events = all.filter(({ about }) => about === 'eventGrid');
    assert.ok(events.length >= 2);
    for (const one of events) assert.equal(one.state, 'missing', one.id);
  });
});

describe('the commands for the owners of watched subscriptions', { skip }, () => {
  const calls = azCalls(printed());
  const { deployment, providers, topicLogs } = afterCommands(appAlone, calls, APP);

  it('give, with the app alone, the same rights and topics as a deployment of everything', () => {
    const both = rightsAndTopics(deployed(deployment));
    assert.deepEqual(both, rightsAndTopics(deployed(full)));
    assert.notDeepEqual(both, rightsAndTopics(deployed(appAlone)));
  });

  it('may be repeated: nothing changes', () => {
    const again = afterCommands(deployment, calls, APP).deployment;
    assert.deepEqual(rightsAndTopics(deployed(again)), rightsAndTopics(deployed(deployment)));
    assert.equal(again.grants.length, deployment.grants.length);
  });

  it('register what the deployment’s hook would, and log the failures of delivery as it does', () => {
    assert.deepEqual(
      [...providers].sort(),
      full.roles
        .map(({ scope }) => scope.split('/')[2] ?? '')
        .flatMap((id) => [`${id}/Microsoft.EventGrid`, `${id}/Microsoft.PowerPlatform`])
        .sort(),
    );
    const logs = contosoSnapshot()
      .of('Microsoft.Insights/diagnosticSettings')
      .filter(({ id }) => id.includes('/systemTopics/'))
      .map(({ id, properties }) =>
        JSON.stringify({ id, workspace: at(properties, 'workspaceId'), logs: at(properties, 'logs') }),
      );
    assert.deepEqual([...topicLogs].sort(), logs.sort());
  });

  it('hand out each right before the event subscription that needs it', () => {
    const late = calls.filter((call) => call[0] !== 'role');
    assert.throws(() => afterCommands(appAlone, late, APP), /Managed Identity Authorization Error/);
    for (const { topicId } of full.sources)
      assert.ok(calls.some((call) => call.some((word) => word.includes(topicId))));
  });

  it('let the doctor find nothing missing of rights and topics', async () => {
    const { examine } = await patient({ deployment });
    const report = await examine({ identity: APP });
    for (const one of [...report.facts, ...report.wiring])
      if (one.about === 'appRights' || one.about === 'eventGrid') assert.equal(one.state, 'ok', one.says);
  });
});

describe('what azd hands to doctor -- --grants', () => {
  it('is read from the outputs of a deployment without azd as well, whose names Azure writes in another case', () => {
    const outputs = Object.entries(JSON.parse(AZD)).map(([name, value]) => [
      name.replace('LOCKWATCH', 'lockwatcH'),
      { type: 'String', value },
    ]);
    assert.deepEqual(ownerTasksFrom(JSON.stringify(Object.fromEntries(outputs))), ownerTasksFrom(AZD));
  });

  it('is refused with what to do where the deployment left nothing to owners, and no secret is repeated', () => {
    const { LOCKWATCH_OWNER_TASKS: tasks, ...others } = JSON.parse(AZD);
    for (const text of [
      JSON.stringify(others),
      JSON.stringify({ ...others, LOCKWATCH_OWNER_TASKS: '' }),
      JSON.stringify({ ...others, LOCKWATCH_OWNER_TASKS: tasks.replace('"queue":"', '"queue":"$(reboot)') }),
      AZD.slice(1),
    ])
      assert.throws(
        () => ownerTasksFrom(text),
        (error: Error) =>
          error instanceof OwnerTasksError &&
          /LOCKWATCH_SEPARATE_DUTIES=true/.test(error.message) &&
          !/top-secret|reboot/.test(error.message),
      );
  });

  it('has a topic that is there already given an identity, and no second one made', () => {
    const { identity, tasks } = ownerTasksFrom(AZD);
    const [first, ...rest] = tasks.sources;
    assert.ok(first);
    const text = ownerCommands(identity, { ...tasks, sources: [{ ...first, reused: true }, ...rest] });
    assert.ok(text.includes(`az eventgrid system-topic update --ids ${first.topicId} --mi-system-assigned`));
    assert.ok(!text.includes(`system-topic create --name ${first.topicId.split('/').at(-1)} `));
  });
});
