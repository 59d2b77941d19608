import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Channel, Notice, SendResult } from '../../shared/notices/notice.ts';
import { respond } from '../../shared/pipeline/on-message.ts';
import type { Ports } from '../../shared/pipeline/ports.ts';
import { sweep } from '../../shared/pipeline/sweep.ts';
import type { OutboxRow } from '../../shared/storage/incident-store.ts';
import type { TableCall } from '../simulation/memory-table.ts';
import { aWorld, policyId, VAULT_GONE, vaultEvent } from './a-world.ts';

class Crash extends Error {}

const BUSY: SendResult = { outcome: 'failed', permanent: false, detail: 'HTTP 503' };
const REFUSED: SendResult = { outcome: 'failed', permanent: true, detail: 'HTTP 400' };

interface Story {
  policies: string[];
  /** What Teams answers first, in order; then it takes everything. */
  teams: SendResult[];
}

/**
 * A lock is responded to and swept for some minutes. At the n-th call that writes to storage or sends, before or after
 * it took effect, the process dies: nothing that it does afterwards has any effect. Then another takes over, and the
 * message comes back. A process that dies at a call that only reads leaves what it leaves before its next write.
 */
async function play({ policies, teams }: Story, crashAt: number, when: 'before' | 'after') {
  const world = aWorld(policies);
  await world.clock.drive(sweep(world.ports));
  await world.clock.advance(60_000);
  for (const name of policies) world.observedState.set(policyId(name).toLowerCase(), VAULT_GONE);

  let calls = 0;
  let isDead = false;
  let isCounting = true;
  const at = (moment: 'before' | 'after', isOne = true) => {
    if (isDead) throw new Crash();
    if (!isOne || !isCounting || moment !== when) return;
    calls += 1;
    if (calls !== crashAt) return;
    isDead = true;
    throw new Crash();
  };
  for (const table of [world.tables.policies, world.tables.readModel]) {
    table.before = (call) => at('before', writes(call));
    table.after = (call) => at('after', writes(call));
  }
  const sent: Record<string, Notice[]> = { teams: [], email: [] };
  const answers = [...teams];
  const channels = ['teams', 'email'].map(
    (name): Channel => ({
      name,
      async send(notice) {
        at('before');
        const answer = (name === 'teams' && answers.shift()) || {
          outcome: 'sent' as const,
          detail: 'accepted',
        };
        if (answer.outcome === 'sent') sent[name]?.push(notice);
        at('after');
        return answer;
      },
    }),
  );
  let ports: Ports = { ...world.ports, channels };
  const event = vaultEvent({ at: world.clock.now() });
  let hasAnswered = false;
  const live = async (work: (alive: Ports) => Promise<unknown>) => {
    const [done] = await Promise.allSettled([world.clock.drive(work(ports))]);
    if (isDead) {
      isDead = false;
      isCounting = false;
      ports = { ...world.restart(), channels };
    } else if (done.status === 'rejected') throw done.reason;
    else return true;
    return false;
  };
  for (let n = 0; n < 9; n += 1) {
    if (!hasAnswered) hasAnswered = await live((alive) => respond(event, alive));
    if (n > 0) await live(sweep);
    if (n === 3) isCounting = false;
    await world.clock.advance(30_000);
  }
  const rows: OutboxRow[] = [];
  for (const name of policies) {
    const incident = (await ports.store.readPolicyState(policyId(name)))?.policyState.incident;
    assert(incident);
    rows.push(...(await ports.store.listNotices(incident)));
  }
  return { calls, sent, rows };
}

const STORIES: Record<string, Story> = {
  'channels that work': { policies: ['p1'], teams: [] },
  'a channel that fails for some tries': { policies: ['p1'], teams: [BUSY, BUSY] },
  'a channel that asks to wait': { policies: ['p1'], teams: [{ ...BUSY, retryAfterMs: 40_000 }] },
  'a channel that refuses for good, and news of it': { policies: ['p1'], teams: [REFUSED] },
  'one message for two policies': { policies: ['p1', 'p2'], teams: [] },
  'one refusal for two policies': { policies: ['p1', 'p2'], teams: [REFUSED] },
};

const SHOWN_AFTER = ['channels that work', 'a channel that refuses for good, and news of it'];

describe('a process that dies at any await on the way from a commit to a delivered notice', () => {
  for (const [name, story] of Object.entries(STORIES)) {
    // What dies after a call leaves what dies before the next one: shown for these two, not again for each.
    for (const when of SHOWN_AFTER.includes(name) ? (['before', 'after'] as const) : (['before'] as const)) {
      it(`leaves nothing undelivered and nothing untold: ${name}, ${when} the call took effect`, async () => {
        const whole = await play(story, 0, when);
        assert(whole.calls > 10, `${whole.calls}`);
        const outcome = ({ rows }: typeof whole) =>
          rows
            .map(({ policyId: id, channel, reason, state }) => [id, channel, reason, state].join(' '))
            .sort();
        for (let crashAt = 1; crashAt <= whole.calls; crashAt += 1) {
          const after = await play(story, crashAt, when);
          const where = `crash at call ${crashAt} of ${whole.calls}`;
          assert(
            after.rows.every(({ state }) => state !== 'pending'),
            where,
          );
          // A refusal that was never written down is asked for again, and may then be none.
          if (!story.teams.includes(REFUSED)) assert.deepEqual(outcome(after), outcome(whole), where);
          everyEndIsTrue(after, where);
          for (const channel of ['teams', 'email'])
            atMostOneTwice(after.sent[channel] ?? [], whole.sent[channel] ?? [], story, where);
        }
      });
    }
  }
});

const writes = ({ operation }: TableCall) => operation !== 'getEntity' && operation !== 'listEntities';

/** What counts as sent was sent on that channel; what was given up is told on the other. */
function everyEndIsTrue({ rows, sent }: Awaited<ReturnType<typeof play>>, where: string): void {
  for (const row of rows) {
    const has = (notices: Notice[] | undefined, reason: string) =>
      notices?.some(
        (notice) =>
          notice.reason === reason && notice.incidents.some(({ incident }) => incident.id === row.incidentId),
      );
    if (row.state === 'sent') assert(has(sent[row.channel], row.reason), `${where}: ${row.reason}`);
    else assert(has(sent.email, 'undelivered'), `${where}: ${row.reason} was given up without a word`);
  }
}

/** One crash costs at most one message more, and where it is the same rows' message it has the same id. */
function atMostOneTwice(sent: Notice[], whole: Notice[], story: Story, where: string): void {
  const most = Math.max(whole.length, story.teams.includes(REFUSED) ? 2 : 0);
  assert(sent.length <= most + 1, `${where}: ${sent.length} messages instead of ${most}`);
  if (story.policies.length > 1) return;
  const ids = new Set(sent.map(({ messageId }) => messageId));
  assert(sent.length - ids.size <= 1, where);
  if (!story.teams.includes(REFUSED)) assert.equal(ids.size, whole.length, where);
}
