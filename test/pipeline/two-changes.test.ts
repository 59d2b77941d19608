import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Facts } from '../../shared/facts/facts.ts';
import { eventsOf } from '../../shared/notices/channels/events/lockwatch-event.ts';
import type { Notice } from '../../shared/notices/notice.ts';
import { emailContent } from '../../shared/notices/render/email.ts';
import { say } from '../../shared/notices/say/say.ts';
import { respondToAudit } from '../../shared/pipeline/on-audit-batch.ts';
import { respond } from '../../shared/pipeline/on-message.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import { SAY } from '../notices/a-notice.ts';
import { auditMessage, auditRecord } from '../signals/audit-examples.ts';
import { key, known, NOTHING_HELD, permission, VAULT_ID, version } from '../triggers/a-reading.ts';
import { aWorld, policyId, vaultEvent, type World } from './a-world.ts';

const KEY_OFF: Partial<Facts> = { key: known(key(version('v1', { enabled: false }))) };
const NO_GRANT: Partial<Facts> = { permission: known(permission(NOTHING_HELD)) };
const MINUTE = 60_000;

/** A healthy policy, and what was told of it since then. */
async function aHealthyWorld() {
  const world = aWorld(['p1'], ['email']);
  const swept = async (minutes = 1) => {
    await world.clock.advance(minutes * MINUTE);
    await world.clock.drive(sweep(world.ports));
  };
  await swept();
  const observe = (facts: Partial<Facts>) => world.observedState.set(policyId('p1').toLowerCase(), facts);
  return { world, swept, observe };
}

const last = (world: World): Notice => world.channels[0]?.sent.at(-1) ?? assert.fail('nothing was sent');
const whoOf = (notice: Notice) => say(notice, SAY).glance.find(({ label }) => label === 'Who did it')?.value;
const textOf = (notice: Notice) => emailContent(say(notice, SAY)).text;

/** Ada disabled the key at this time, as the vault's audit log records it. */
const byAda = (world: World, at: string) =>
  world.clock.drive(
    respondToAudit(
      [auditMessage(auditRecord({ record: { time: at, resourceId: VAULT_ID.toUpperCase() } }))],
      world.ports,
    ),
  );
/** Eve changed the vault at this time, as an event reports it. */
const byEve = (world: World, at: string) =>
  world.clock.drive(
    respond(vaultEvent({ operation: 'Microsoft.KeyVault/vaults/write', id: `eve-${at}`, at }), world.ports),
  );

it('a second cause is not the first one’s author’s: it is not known until it is, and then it is its own author’s', async () => {
  const { world, swept, observe } = await aHealthyWorld();
  observe(KEY_OFF);
  const disabledAt = world.clock.now();
  await swept();
  await byAda(world, disabledAt);
  assert.equal(last(world).reason, 'actorLearnt');
  assert.equal(whoOf(last(world)), 'ada@contoso.example');

  await world.clock.advance(170 * MINUTE);
  const removedAt = world.clock.now();
  observe({ ...KEY_OFF, ...NO_GRANT });
  await swept();
  const worse = last(world);
  assert.equal(worse.reason, 'worsened');
  assert.equal(
    worse.incidents[0]?.incident.causes[0]?.trigger,
    'permissions-revoked',
    'it is the root cause',
  );
  assert.equal(
    whoOf(worse),
    'Key disabled at 20 Nov, 10:01 UTC by ada@contoso.example; permissions revoked, seen at 20 Nov, 12:53 UTC: not known yet',
  );
  assert.match(
    textOf(worse),
    /Key disabled at Fri 20 Nov 2026, 10:01 UTC\. Recorded in the vault's audit log: user ada@contoso\.example/,
  );
  assert.match(textOf(worse), /Permissions revoked, seen at .*\. Who did it is not known yet\./);
  const [event] = eventsOf(worse, SAY);
  assert.ok(event && 'causes' in event.data);
  assert.deepEqual(
    event.data.causes.map(({ trigger, actor }) => [trigger, actor?.name]),
    [
      ['permissions-revoked', undefined],
      ['key-disabled', 'ada@contoso.example'],
    ],
  );

  await byEve(world, removedAt);
  const learnt = last(world);
  assert.equal(learnt.reason, 'actorLearnt');
  assert.match(learnt.incidents[0]?.because ?? '', /^It is now known who did it: .*eve@contoso\.com/);
  const both =
    'Key disabled at 20 Nov, 10:01 UTC by ada@contoso.example; permissions revoked at 20 Nov, 12:52 UTC by eve@contoso.com';
  assert.equal(whoOf(learnt), both);
  assert.match(say(learnt, SAY).lead.join(' '), /whoever made it can undo it fastest/);

  await swept(4 * 60);
  assert.equal(last(world).reason, 'reminder');
  assert.equal(whoOf(last(world)), both);
});

it('two causes that one reading shows: a name for the one is no name for the other', async () => {
  const { world, swept, observe } = await aHealthyWorld();
  observe({ ...KEY_OFF, ...NO_GRANT });
  const at = world.clock.now();
  await swept();
  assert.equal(whoOf(last(world)), 'not known yet');
  await byAda(world, at);
  assert.equal(
    whoOf(last(world)),
    'Key disabled at 20 Nov, 10:01 UTC by ada@contoso.example; permissions revoked, seen at 20 Nov, 10:02 UTC: not known yet',
  );
});

it('where the first cause is undone, its author is not read as that of the one that is left', async () => {
  const { world, swept, observe } = await aHealthyWorld();
  observe(KEY_OFF);
  const at = world.clock.now();
  await swept();
  await byAda(world, at);
  observe({ ...KEY_OFF, ...NO_GRANT });
  await swept(60);
  observe(NO_GRANT);
  await swept(60);
  assert.equal(last(world).reason, 'eased');
  assert.match(
    whoOf(last(world)) ?? '',
    /^Key disabled .* by ada@.*; permissions revoked, seen at .*: not known yet$/,
  );
});
