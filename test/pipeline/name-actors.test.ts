import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Facts } from '../../shared/facts/facts.ts';
import { emailContent } from '../../shared/notices/render/email.ts';
import { say } from '../../shared/notices/say/say.ts';
import { respond } from '../../shared/pipeline/on-message.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import type { FoundActor } from '../../shared/signals/actor-names.ts';
import { ownSourcesFrom } from '../../shared/visibility/event-source-scope.ts';
import { SAY } from '../notices/a-notice.ts';
import {
  known,
  NOTHING_HELD,
  network,
  permission,
  SUBSCRIPTION,
  VAULT_ID,
  vault,
} from '../triggers/a-reading.ts';
import { aWorld, policyId, VAULT_GONE, vaultEvent, type World } from './a-world.ts';

const ID = '11111111-aaaa-bbbb-cccc-000000000001';
const PIPELINE: FoundActor = { name: 'contoso-infra-pipeline', kind: 'application' };

/** A directory that takes so long, in milliseconds, to tell who it is; null: it never can. */
function directory(world: World, { afterMs }: { afterMs: number | null }) {
  const known = new Map<string, FoundActor>();
  const asked: string[] = [];
  let answer: Promise<void> | undefined;
  world.ports.actorNames = {
    known: (id) => known.get(id),
    ask(ids) {
      if (ids.length === 0) return Promise.resolve();
      asked.push(...ids);
      if (afterMs === null) return Promise.resolve();
      answer ??= world.clock.sleep(afterMs).then(() => void known.set(ID, PIPELINE));
      return answer;
    },
  };
  return asked;
}

async function aHealthyWorld(): Promise<World> {
  const world = aWorld();
  await world.clock.drive(sweep(world.ports));
  return world;
}

/** An act of somebody whom Azure tells by the object id alone. */
function act(world: World, operation = 'Microsoft.KeyVault/vaults/delete', scope = VAULT_ID) {
  const told = JSON.parse(vaultEvent({ operation, vaultId: scope, at: world.clock.now() }));
  told.data.claims = { 'http://schemas.microsoft.com/identity/claims/objectidentifier': ID, idtyp: 'app' };
  return world.clock.drive(respond(JSON.stringify(told), world.ports));
}

function vaultDeleted(world: World) {
  world.observedState.set(policyId('p1').toLowerCase(), VAULT_GONE);
  return act(world);
}

const firstActor = (world: World) => world.channels[0]?.sent[0]?.incidents[0]?.incident.actor;
async function incident(world: World) {
  const stored = (await world.ports.store.readPolicyState(policyId('p1')))?.policyState.incident;
  assert.ok(stored);
  return stored;
}

describe('somebody who is known by an object id alone', () => {
  it('is in the first notice by name where the directory is as fast as the reading', async () => {
    const world = await aHealthyWorld();
    directory(world, { afterMs: 100 });
    await vaultDeleted(world);
    assert.equal(firstActor(world)?.name, 'contoso-infra-pipeline');
    assert.equal(firstActor(world)?.objectId, ID);
    const texts = (await world.ports.store.listTimeline(await incident(world))).map(({ text }) => text);
    assert.ok(texts.some((text) => text.includes('contoso-infra-pipeline')));
  });

  it('holds the first notice for no more than a fifth of a second, and is named by the next reading', async () => {
    const world = await aHealthyWorld();
    directory(world, { afterMs: 3000 });
    const began = world.clock.nowMs();
    await vaultDeleted(world);
    assert.ok(world.clock.nowMs() - began <= 200, `${world.clock.nowMs() - began} ms`);
    assert.equal(firstActor(world)?.name, undefined);
    assert.equal(firstActor(world)?.objectId, ID);
    await world.clock.advance(30_000);
    await world.clock.drive(sweep(world.ports));
    const found = await incident(world);
    assert.deepEqual([found.actor?.name, found.actor?.kind], ['contoso-infra-pipeline', 'application']);
    const isLearnt = ({ text }: { text: string }) => text === `Object id ${ID} is contoso-infra-pipeline.`;
    const learnt = async () => (await world.ports.store.listTimeline(found)).filter(isLearnt).length;
    assert.equal(await learnt(), 1);
    await world.clock.advance(30_000);
    await world.clock.drive(sweep(world.ports));
    assert.equal(await learnt(), 1, 'it is learnt once');
  });

  it('keeps the id where nobody can tell, and holds nothing up', async () => {
    const world = await aHealthyWorld();
    const asked = directory(world, { afterMs: null });
    const began = world.clock.nowMs();
    await vaultDeleted(world);
    assert.equal(world.clock.nowMs(), began);
    assert.deepEqual([firstActor(world)?.name, firstActor(world)?.objectId], [undefined, ID]);
    assert.ok(asked.length > 0);
  });

  it('is asked for by nobody where that is not set', async () => {
    const world = await aHealthyWorld();
    await vaultDeleted(world);
    assert.equal(firstActor(world)?.objectId, ID);
  });

  it('is named for the cause that is theirs, in the next notice, beside somebody else who began the lock', async () => {
    const world = await aHealthyWorld();
    directory(world, { afterMs: 3000 });
    const observe = (facts: Partial<Facts>) => world.observedState.set(policyId('p1').toLowerCase(), facts);
    const closed = { vault: known(vault({ network: network('Disabled', 'Deny', 'None') })) };
    observe(closed);
    const operation = 'Microsoft.KeyVault/vaults/write';
    await world.clock.drive(respond(vaultEvent({ operation, at: world.clock.now() }), world.ports));
    await world.clock.advance(60_000);
    observe({ ...closed, permission: known(permission(NOTHING_HELD)) });
    const assignment = `${VAULT_ID}/providers/Microsoft.Authorization/roleAssignments/r1`;
    await act(world, 'Microsoft.Authorization/roleAssignments/delete', assignment);
    const ofPermission = async () =>
      (await incident(world)).causes.find(({ trigger }) => trigger === 'permissions-revoked')?.operation
        ?.actor;
    assert.deepEqual([(await ofPermission())?.objectId, (await ofPermission())?.name], [ID, undefined]);

    const sent = world.channels[1]?.sent ?? assert.fail();
    for (let n = 0; n < 60 && sent.at(-1)?.reason !== 'reminder'; n += 1) {
      await world.clock.advance(30_000);
      await world.clock.drive(sweep(world.ports));
    }
    assert.deepEqual(
      [(await ofPermission())?.name, (await ofPermission())?.kind, (await incident(world)).actor?.name],
      ['contoso-infra-pipeline', 'application', 'eve@contoso.com'],
    );
    assert.equal(sent.at(-1)?.reason, 'reminder');
    const { text } = emailContent(say(sent.at(-1) ?? assert.fail(), SAY));
    assert.match(text, /^Who did it: .*contoso-infra-pipeline/m);
    assert.match(text, /^Who did it: .*eve@contoso\.com/m);
  });

  it('is named also where what Lockwatch sees by was deleted', async () => {
    const world = await aHealthyWorld();
    directory(world, { afterMs: 50 });
    const topic = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.EventGrid/systemTopics/t`;
    world.ports.config.eventSources = ownSourcesFrom(['lw', `${SUBSCRIPTION}/rg/t`]);
    await act(world, 'Microsoft.EventGrid/systemTopics/delete', topic);
    assert.match(world.channels[0]?.sent[0]?.visibility?.gaps[0]?.text ?? '', /^contoso-infra-pipeline did /);
  });
});
