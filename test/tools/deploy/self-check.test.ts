import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { coverageAnswer } from '../../../shared/api/status/coverage-answer.ts';
import { healthAnswer } from '../../../shared/api/status/health-answer.ts';
import { NO_GAPS } from '../../../shared/visibility/visibility-state.ts';
import { type AppAnswer, sayMissing, selfCheck } from '../../../tools/deploy/self-check.ts';

const now = '2026-11-23T12:00:00.000Z';
const context = { now, sweepIntervalMs: 30_000 };
const beat = { timerAt: now, sweepBegunAt: now, sweepFinishedAt: now };
/** The app's own answers, made by the functions that make them. */
const health = (known: object = {}) => ({
  ...healthAnswer({ heartbeat: beat, policyStates: [] }, context),
  policies: 2,
  ...known,
});
const coverage = (eventSources = { event: true, audit: true }) =>
  coverageAnswer({ policyStates: [], heartbeat: beat, eventSources }, {}, context);

function app(...answers: AppAnswer[]) {
  let slept = 0;
  const asked: string[] = [];
  const ports = {
    async ask(path: string) {
      asked.push(path);
      return answers.length > 1 ? (answers.shift() ?? assert.fail()) : (answers[0] ?? assert.fail());
    },
    async sleep() {
      slept += 1;
    },
  };
  return { ports, asked, slept: () => slept };
}

describe('what is missing', () => {
  it('is nothing where everything is read and wired', () => {
    assert.deepEqual(sayMissing(health(), coverage()), {
      outcome: 'ok',
      lines: ['Lockwatch answers: 2 enterprise policies watched.', 'Nothing is missing.'],
    });
  });

  it('is reported with what would fix it', () => {
    const visibility = {
      ...NO_GAPS,
      gaps: {
        a: { text: 'The vault kv lies elsewhere.', remediation: 'List its subscription.', since: now },
      },
    };
    const seen = healthAnswer({ heartbeat: {}, policyStates: [], visibility }, context);
    const { outcome, lines } = sayMissing(
      { ...seen, cannotRead: [{ detail: 'Reader on the vault kv is missing.' }] },
      coverage({ event: false, audit: false }),
    );
    assert.equal(outcome, 'warned');
    const text = lines.join('\n');
    for (const wanted of [
      'No enterprise policy was found yet',
      'Reader on the vault kv is missing.',
      'The vault kv lies elsewhere. List its subscription.',
      'No sweep has finished yet.',
      'Events are not wired',
      'The audit log is not wired',
    ])
      assert.ok(text.includes(wanted), wanted);
  });
});

describe('the self-check', () => {
  it('waits for an app that is not there yet', async () => {
    const starting = app(
      { status: 0, body: undefined },
      { status: 503, body: undefined },
      { status: 200, body: health() },
      { status: 200, body: coverage() },
    );
    assert.equal((await selfCheck(starting.ports)).outcome, 'ok');
    assert.equal(starting.slept(), 2);
    assert.deepEqual(starting.asked.at(-1), '/api/coverage');
  });

  it('gives up on one that never comes, and says where its faults are listed', async () => {
    const { outcome, lines } = await selfCheck(app({ status: 500, body: { detail: 'It broke.' } }).ports);
    assert.equal(outcome, 'failed');
    assert.match(lines.join(), /answers 500\. It broke\..*log/);
  });

  it('names the role that whoever deployed lacks, at once', async () => {
    const refusing = app({ status: 403, body: undefined });
    const { outcome, lines } = await selfCheck(refusing.ports);
    assert.equal(outcome, 'refused');
    assert.match(lines.join(), /Lockwatch\.Reader or Lockwatch\.Operator/);
    assert.equal(refusing.slept(), 0);
    assert.match((await selfCheck(app({ status: 401, body: undefined }).ports)).lines.join(), /az login/);
  });
});
