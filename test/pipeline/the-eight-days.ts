import assert from 'node:assert/strict';
import { answerIncidentAction } from '../../shared/api/actions/incident-actions.ts';
import type { Facts } from '../../shared/facts/facts.ts';
import { respondToAudit } from '../../shared/pipeline/on-audit-batch.ts';
import { respond } from '../../shared/pipeline/on-message.ts';
import { auditMessage, auditRecord } from '../signals/audit-examples.ts';
import {
  DISABLED,
  environment,
  key,
  known,
  NOTHING_HELD,
  permission,
  VAULT_ID,
  version,
} from '../triggers/a-reading.ts';
import { aStory, type Story } from './a-story.ts';
import { aWorld, policyId, vaultEvent, type World } from './a-world.ts';

const P1 = policyId('p1').toLowerCase();

/** One incident over eight days, from the key disabled to closed: what happens, and every notice that is wanted. */
export function theEightDays(): { world: World; story: Story } {
  const world = aWorld();
  world.ports.config.sweepBounds = { minMs: 5 * 60_000, maxMs: 5 * 60_000 };
  const state = { isKeyOff: false, isGrantGone: false, enabled: 3 };
  world.observedState.set(P1, observedStateOf(world, state));
  const story = aStory(world);
  const set = (change: Partial<typeof state>) => () => Object.assign(state, change);
  const act = (asked: Parameters<typeof answerIncidentAction>[1], name: string) => async () => {
    const request = { id: await idOf(world), by: { name }, ifMatch: null };
    await answerIncidentAction(request, asked, world.ports);
  };

  story.push(
    '0d 10:02',
    'somebody disables the key; Azure raises no event',
    set({ isKeyOff: true, enabled: 0 }),
  );
  story.want('opened', '0d 10:02', '0d 10:05', /2 environments|3 environments/);
  story.push('0d 10:09', 'the audit log arrives', () =>
    respondToAudit([disabledBy('0d 10:02')], world.ports),
  );
  story.want('actorLearnt', '0d 10:09', '0d 10:09', /ada@contoso\.example/);
  story.want('reminder', '0d 10:20', '0d 10:25', /still lost/);
  story.push(
    '0d 10:40',
    'Ann has it in hand: no more reminders',
    act({ what: 'acknowledge', why: 'calling the key admin' }, 'Ann'),
  );
  story.want('acknowledged', '0d 10:40', '0d 10:40', /Ann: calling the key admin/);

  story.push('1d 09:00', 'somebody takes the permission away as well', async () => {
    state.isGrantGone = true;
    await respond(
      vaultEvent({ operation: 'Microsoft.KeyVault/vaults/write', id: 'grant-gone', at: world.clock.now() }),
      world.ports,
    );
  });
  story.want('worsened', '1d 09:00', '1d 09:00', /permission|key/i);
  story.push(
    '1d 10:00',
    'Ann asks for silence',
    act({ what: 'silence', until: { at: timeOf('6d 12:00') }, why: 'Microsoft is at work' }, 'Ann'),
  );
  story.want('silenced', '1d 10:00', '1d 10:00');
  // 4d 10:05, three days before the sandbox is deleted: held back by the silence. A day before is not.
  story.want('deadline', '6d 10:05', '6d 10:10', /Less than 24 hours/);

  story.push('6d 13:00', 'the permission is given again', set({ isGrantGone: false }));
  story.want('eased', '6d 13:00', '6d 13:05', /No longer a cause: permissions-revoked/);
  story.push('6d 14:00', 'the key is enabled again', set({ isKeyOff: false }));
  story.want('accessRestored', '6d 14:00', '6d 14:05', /reads clear again/);
  story.push('6d 15:00', 'two of three environments are enabled again', set({ enabled: 2 }));

  story.push('6d 20:00', 'somebody disables the key once more', set({ isKeyOff: true, enabled: 0 }));
  story.want('worsened', '6d 20:00', '6d 20:05', /lost again/);
  story.want('reminder', '6d 20:20', '6d 20:25');
  story.want('reminder', '6d 21:05', '6d 21:10');
  story.want('reminder', '7d 00:05', '7d 00:10');
  story.want('deadline', '7d 09:05', '7d 09:10', /Less than an hour/);
  story.push('7d 09:30', 'the key is enabled again', set({ isKeyOff: false }));
  story.want('accessRestored', '7d 09:30', '7d 09:35');
  story.push('7d 10:30', 'all environments are enabled again', set({ enabled: 3 }));
  story.want('closed', '7d 10:30', '7d 10:35', /seen enabled/);
  return { world, story };
}

/** The truth as it is whenever it is read. */
function observedStateOf(
  world: World,
  state: { isKeyOff: boolean; isGrantGone: boolean; enabled: number },
): Partial<Facts> {
  return {
    get key() {
      return known(key(version('v1', { enabled: !state.isKeyOff })));
    },
    get permission() {
      return known(permission(state.isGrantGone ? NOTHING_HELD : {}));
    },
    get environments() {
      const members = ['Contoso Sales', 'Contoso HR', 'Contoso Test'].map((displayName, n) =>
        environment(`p1-${n}`, {
          displayName,
          sku: n === 2 ? 'Sandbox' : 'Production',
          ...(n < state.enabled ? {} : DISABLED),
        }),
      );
      return known({ source: 'powerPlatform' as const, asOf: world.clock.now(), environments: members });
    },
  };
}

const begun = Date.parse('2026-11-20T10:00:00.000Z');

function timeOf(at: string): string {
  const [, days, hours, minutes] = /^(\d+)d (\d\d):(\d\d)$/.exec(at) ?? assert.fail();
  return new Date(
    begun + ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60_000,
  ).toISOString();
}

function disabledBy(at: string): Buffer {
  return auditMessage(auditRecord({ record: { time: timeOf(at), resourceId: VAULT_ID.toUpperCase() } }));
}

async function idOf(world: World): Promise<string> {
  return (
    (await world.ports.store.readPolicyState(policyId('p1')))?.policyState.incident?.id ??
    assert.fail('no incident')
  );
}
