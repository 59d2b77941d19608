import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { teamsBody } from '../../shared/notices/render/card.ts';
import { emailContent } from '../../shared/notices/render/email.ts';
import { say } from '../../shared/notices/say/say.ts';
import { respond } from '../../shared/pipeline/on-message.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import { onTimer } from '../../shared/pipeline/watchdog.ts';
import { BrokenRowError } from '../../shared/storage/storage-errors.ts';
import { nextVisibility } from '../../shared/visibility/next-visibility.ts';
import { NO_GAPS } from '../../shared/visibility/visibility-state.ts';
import { known, policy, SUBSCRIPTION, unread, VAULT_ID, vault } from '../triggers/a-reading.ts';
import { aWorld, policyId, VAULT_GONE, vaultEvent, type World } from './a-world.ts';

const SAY = {
  adminCenterUrl: 'https://admin.powerplatform.microsoft.com',
  portalUrl: 'https://portal.azure.com',
};
const FORBIDDEN = { vault: unread('forbidden'), key: unread('follows'), permission: unread('follows') };
const observedStateOf = (world: World, name: string, facts: object) =>
  world.observedState.set(policyId(name).toLowerCase(), facts);
const reasons = (world: World) => world.channels.map(({ sent }) => sent.map(({ reason }) => reason));

/** Sweeps each half minute, as the timer does. */
async function minutes(world: World, count: number): Promise<void> {
  for (let n = 0; n < count * 2; n += 1) {
    await world.clock.advance(30_000);
    await world.clock.drive(onTimer(world.ports));
  }
}

describe('what can not be read', () => {
  it('is neither a lock nor health; after ten minutes people are notified, once, and reported again when it can be read', async () => {
    const world = aWorld(['p1', 'p2']);
    await minutes(world, 1);
    observedStateOf(world, 'p1', FORBIDDEN);
    observedStateOf(world, 'p2', FORBIDDEN);
    await minutes(world, 9);
    assert.deepEqual(reasons(world), [[], []]);
    assert.equal((await world.ports.store.readPolicyState(policyId('p1')))?.policyState.verdict, 'unknown');
    await minutes(world, 30);
    assert.deepEqual(
      reasons(world),
      [['visibilityLost'], ['visibilityLost']],
      'one message for both policies',
    );
    const [visibilityLost] = world.channels[0]?.sent ?? [];
    assert.match(
      visibilityLost?.visibility?.gaps[0]?.text ?? '',
      /The key vault of policies p1, p2 can't be read/,
    );
    observedStateOf(world, 'p1', {});
    observedStateOf(world, 'p2', {});
    await minutes(world, 2);
    assert.deepEqual(reasons(world), [
      ['visibilityLost', 'visibilityRestored'],
      ['visibilityLost', 'visibilityRestored'],
    ]);
    assert.equal((await world.ports.store.readPolicyState(policyId('p1')))?.policyState.incident, undefined);
  });

  it('for a moment only is not worth a word', async () => {
    const world = aWorld();
    await minutes(world, 1);
    observedStateOf(world, 'p1', { environments: unread('timeout') });
    await minutes(world, 5);
    observedStateOf(world, 'p1', {});
    await minutes(world, 30);
    assert.deepEqual(reasons(world), [[], []]);
  });

  it('keeps its first moment through a restart', async () => {
    const world = aWorld();
    await minutes(world, 1);
    observedStateOf(world, 'p1', FORBIDDEN);
    await minutes(world, 6);
    world.ports = world.restart();
    await minutes(world, 5);
    assert.deepEqual(reasons(world), [['visibilityLost'], ['visibilityLost']]);
  });
});

it('a vault in a subscription that nobody listed is reported at once, by the names of its policies', async () => {
  const world = aWorld();
  const elsewhere = VAULT_ID.replace(SUBSCRIPTION, '99999999-0000-0000-0000-000000000000');
  observedStateOf(world, 'p1', {
    policy: known(policy({ id: policyId('p1'), name: 'p1', vaultId: elsewhere })),
    vault: known(vault({ id: elsewhere })),
  });
  await world.clock.drive(sweep(world.ports));
  await world.clock.drive(sweep(world.ports));
  const [notice] = world.channels[0]?.sent ?? [];
  assert.equal(notice?.reason, 'visibilityLost');
  assert.match(notice?.visibility?.gaps[0]?.text ?? '', /policy p1 lies in subscription 99999999/);
  assert.match(notice?.visibility?.gaps[0]?.remediation ?? '', /LOCKWATCH_SUBSCRIPTIONS/);
});

it('a notice that a channel did not take is tried again like any other', async () => {
  const world = aWorld();
  await minutes(world, 1);
  world.channels[0]?.answers.push({ outcome: 'failed', permanent: false, detail: 'HTTP 503' });
  observedStateOf(world, 'p1', FORBIDDEN);
  await minutes(world, 12);
  assert.deepEqual(reasons(world), [['visibilityLost'], ['visibilityLost']]);
});

describe('what is remembered of blindness', () => {
  const gap = (id: string, urgent = false) => ({
    id,
    text: `${id} is dark`,
    remediation: 'give it light',
    urgent,
  });
  const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();

  it('tells each spot once while it stands, whatever comes and goes beside it', () => {
    const minute = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 });
    fc.assert(
      fc.property(fc.array(minute, { maxLength: 40 }), (story) => {
        let visibility = NO_GAPS;
        const known = new Set<string>();
        for (const [index, ids] of story.entries()) {
          const unique = [...new Set(ids)];
          const step = nextVisibility(
            visibility,
            unique.map((id) => gap(id)),
            at(index),
            3 * 60_000,
          );
          for (const { reason, gaps } of step.notices)
            for (const { text } of gaps) {
              assert.equal(known.has(text), reason === 'visibilityRestored', `${reason} ${text}`);
              if (reason === 'visibilityLost') known.add(text);
              else known.delete(text);
            }
          visibility = step.visibility;
        }
      }),
    );
  });

  it('waits for what may go by itself, and not for what is urgent', () => {
    const first = nextVisibility(NO_GAPS, [gap('a'), gap('b', true)], at(0), 600_000);
    assert.deepEqual(
      first.notices.map(({ gaps }) => gaps.map(({ text }) => text)),
      [['b is dark']],
    );
    const later = nextVisibility(first.visibility, [gap('a'), gap('b', true)], at(10), 600_000);
    assert.deepEqual(
      later.notices.map(({ gaps }) => gaps.map(({ text }) => text)),
      [['a is dark']],
    );
  });
});

it('what it says fits a card and an email, and shows nothing of outside unescaped', () => {
  const gaps = Array.from({ length: 200 }, (_, n) => ({
    text: `The key vault of policy <script>${'x'.repeat(300)}</script> [a](http://evil) ${n} can't be read.`,
    remediation: `Give Reader on ${n}.`,
    since: '2026-01-01T00:00:00.000Z',
  }));
  const visibility = {
    id: 'visibility-1',
    reason: 'visibilityLost' as const,
    at: '2026-01-01T00:10:00.000Z',
    gaps,
    remainingGaps: 200,
  };
  const message = say(
    {
      messageId: 'm',
      reason: 'visibilityLost',
      at: visibility.at,
      incidents: [],
      visibility,
      publicUrl: 'https://lw.example',
    },
    SAY,
  );
  const card = JSON.stringify(teamsBody(message));
  assert(Buffer.byteLength(card) <= 20_000);
  assert(card.includes('(http://evil)') && !/[^\\]\]\(http:\/\/evil/.test(card), 'its brackets are escaped');
  const { html, text } = emailContent(message);
  assert(!html.includes('<script>'));
  assert.match(text, /10 minutes ago/);
  assert.match(text, /https:\/\/lw\.example\/health/);
});

describe('events that do not come', () => {
  const breakVault = (world: World) => observedStateOf(world, 'p1', VAULT_GONE);

  it('where the observed state changed are reported after a while, and reported again when one comes', async () => {
    const world = aWorld();
    await minutes(world, 1);
    breakVault(world);
    await minutes(world, 9);
    assert.deepEqual(reasons(world)[0], ['opened']);
    await minutes(world, 5);
    assert.deepEqual(reasons(world)[0], ['opened', 'visibilityLost']);
    assert.match(
      world.channels[0]?.sent[1]?.visibility?.gaps[0]?.text ?? '',
      /No event comes from subscription .* policy p1/,
    );
    observedStateOf(world, 'p1', {});
    await minutes(world, 5);
    assert.deepEqual(
      reasons(world)[0]?.filter((reason) => reason === 'visibilityRestored'),
      [],
      'the way is still cut',
    );
    const event = vaultEvent({ operation: 'Microsoft.KeyVault/vaults/write', at: world.clock.now() });
    await world.clock.drive(respond(event, world.ports));
    await minutes(world, 1);
    assert.equal(reasons(world)[0]?.at(-1), 'visibilityRestored');
  });

  it('are not missed where the event did come', async () => {
    const world = aWorld();
    await minutes(world, 1);
    breakVault(world);
    await world.clock.drive(respond(vaultEvent({ at: world.clock.now() }), world.ports));
    await minutes(world, 30);
    assert.deepEqual(reasons(world)[0], ['opened', 'reminder'], 'and no blindness');
  });
});

describe('a watched subscription', () => {
  it('that is disabled, or moved to another tenant, is reported at once, and when it is well again', async () => {
    const world = aWorld();
    await minutes(world, 1);
    world.subscription.state = 'Disabled';
    await minutes(world, 1);
    assert.match(world.channels[0]?.sent[0]?.visibility?.gaps[0]?.text ?? '', /is not enabled but Disabled/);
    world.subscription.state = 'Enabled';
    world.subscription.tenantId = 't2';
    await minutes(world, 1);
    assert.deepEqual(reasons(world)[0], ['visibilityLost', 'visibilityLost', 'visibilityRestored']);
    assert.match(world.channels[0]?.sent[1]?.visibility?.gaps[0]?.text ?? '', /moved from tenant t1 to t2/);
    world.subscription.tenantId = 't1';
    await minutes(world, 1);
    assert.equal(reasons(world)[0]?.at(-1), 'visibilityRestored');
  });

  it('whose state can not be determined is not taken for disabled', async () => {
    const world = aWorld();
    world.subscription = {};
    await minutes(world, 2);
    assert.deepEqual(reasons(world), [[], []]);
  });
});

describe('a policy whose reading can never be written', () => {
  it('does so from its first reading on, when it is new', async () => {
    const world = aWorld(['p1', 'p2']);
    const { store } = world.ports;
    const commit: typeof store.commit = async (...args) => {
      if (args[0].policyState.policyId === policyId('p2'))
        throw new BrokenRowError('A row of 9 MB is more than one holds.');
      return store.commit(...args);
    };
    const ports = { ...world.ports, store: { ...store, commit } };
    for (let n = 0; n < 25; n += 1) {
      await assert.rejects(world.clock.drive(sweep(ports)), BrokenRowError);
      await world.clock.advance(30_000);
    }
    assert.deepEqual(
      (await store.listPolicyStates()).map(({ policyState }) => policyState.policyId),
      [policyId('p1')],
    );
    const told = world.channels[0]?.sent.flatMap(
      ({ visibility }) => visibility?.gaps.map(({ text }) => text) ?? [],
    );
    assert.ok(
      told?.some((text) => /The state of policy p2 can't be written/.test(text)),
      told?.join(),
    );
  });

  it('does not keep people from hearing what else can not be seen, and is reported itself', async () => {
    const world = aWorld(['p1', 'p2']);
    await world.clock.drive(sweep(world.ports));
    const { store } = world.ports;
    const commit: typeof store.commit = async (...args) => {
      if (args[0].policyState.policyId === policyId('p2'))
        throw new BrokenRowError('A row of 9 MB is more than one holds.');
      return store.commit(...args);
    };
    world.observedState.set(policyId('p1').toLowerCase(), { permission: unread('forbidden') });
    for (let n = 0; n < 25; n += 1) {
      await world.clock.advance(30_000);
      await assert.rejects(
        world.clock.drive(sweep({ ...world.ports, store: { ...store, commit } })),
        BrokenRowError,
      );
    }
    const told = world.channels[0]?.sent.flatMap(
      ({ visibility }) => visibility?.gaps.map(({ text }) => text) ?? [],
    );
    assert(
      told?.some((text) => /permission of policy p1 can't be read/.test(text)),
      told?.join(),
    );
    assert(
      told?.some((text) => /The state of policy p2 can't be written/.test(text)),
      told?.join(),
    );
  });
});
