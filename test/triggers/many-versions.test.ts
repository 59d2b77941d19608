import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Facts, KeyFact, KeyVersionFact } from '../../shared/facts/facts.ts';
import { decide } from '../../shared/incidents/decide.ts';
import type { PolicyState } from '../../shared/incidents/incident.ts';
import { policyStateToRows } from '../../shared/storage/state-rows.ts';
import type { Finding, TriggerId } from '../../shared/triggers/finding.ts';
import type { History } from '../../shared/triggers/history.ts';

import { updateHistory } from '../../shared/triggers/remember.ts';
import {
  aged,
  daysAgo,
  finding,
  judgeReading,
  key,
  known,
  memoryOf,
  NOW,
  policy,
  reading,
  TRUSTED,
  unread,
  version,
} from './a-reading.ts';

const off = { enabled: false };
const id = (n: number) => n.toString(16).padStart(32, '0');
/** Rotated once a day for years: all but 28 are of no use any more. */
const daily = (n: number) => versions(n, (index) => ({ created: daysAgo(1 + index) }));
/** All made within 28 days, and every second one is disabled: the worst that a key can be. */
const hasty = (n: number) =>
  versions(n, (index) => ({ created: daysAgo(1.5 + (26 * index) / n), enabled: index % 2 === 1 }));
function versions(n: number, change: (index: number) => Partial<KeyVersionFact>): KeyVersionFact[] {
  return Array.from({ length: n }, (_, index) => version(id(n - index), change(index)));
}
const withKey = (list: KeyVersionFact[], more: Partial<KeyFact> = {}): Partial<Facts> => ({
  key: known({ ...key(...list), ...more }),
});
const names = (memory: History) => memory.key?.versions.map((one) => one.version);

/** The head after some readings of this key. */
function policyStateAfter(list: KeyVersionFact[], count = 2): PolicyState {
  let policyState: PolicyState | undefined;
  for (let days = count; days > 0; days -= 1) {
    const facts = aged(reading(withKey(list)), days / 100);
    const before = policyState?.history ?? { policyId: facts.policyId };
    const findings = judgeReading(facts, before, TRUSTED);
    const history = updateHistory(before, facts);
    policyState = decide(policyState, {
      facts,
      findings,
      history,
      signals: [],
      closeAfterMs: 0,
      now: NOW,
    }).policyState;
  }
  return policyState ?? assert.fail();
}

describe('a key of thousands of versions', () => {
  for (const [kind, make] of [
    ['rotated for years', daily],
    ['rotated in haste, half of it disabled', hasty],
  ] as const) {
    it(`that was ${kind} is looked at a fixed number of times a version`, () => {
      const rechecks = (n: number) => {
        let count = 0;
        const counted = make(n).map(
          (one) =>
            new Proxy(one, {
              get: (target, name, receiver) => {
                count += 1;
                return Reflect.get(target, name, receiver);
              },
            }),
        );
        const memory = memoryOf(withKey(make(n)));
        const facts = reading(withKey(counted));
        judgeReading(facts, memory, TRUSTED);
        updateHistory(memory, facts);
        return count;
      };
      const [few, many] = [rechecks(500), rechecks(4000)];
      assert.ok(many < few * 8.5, `${few} looks at 500 versions, ${many} at 4,000`);
    });

    it(`that was ${kind} makes the policy's row no larger than one of a hundred`, () => {
      const sizeOf = (n: number) => {
        const policyState = policyStateAfter(make(n));
        assert.equal(
          policyStateToRows(policyState, 'c', 0).policyState.incidentState,
          kind === 'rotated for years' ? '' : 'revoked',
        );
        return JSON.stringify(policyState).length;
      };
      const [few, many] = [sizeOf(100), sizeOf(4000)];
      assert.ok(many < few * 1.1, `${few} characters for 100 versions, ${many} for 4,000`);
      assert.ok(many < 60_000, `${many} characters`);
    });
  }

  it('of which many are disabled says how many more there are, and how to list them', () => {
    const found = finding('key-version-disabled', reading(withKey(hasty(4000))), { policyId: 'p' });
    assert.match(found.summary, new RegExp(`^The version ${id(4000)} \\(and 1999 more\\) of the key`));
    assert.equal(found.evidence.at(-1)?.text, 'Key versions: 1995 more');
    assert.equal(found.remediation.length, 6);
    assert.match(found.remediation.at(-1)?.text ?? '', /^Do the same for 1995 more versions/);
    assert.match(found.remediation.at(-1)?.command ?? '', /^az keyvault key list-versions/);
    assert.deepEqual(found.subject, [`version ${id(4000)} (in use)`, 'more than 20 versions']);
  });
});

describe('the memory of a key', () => {
  it('holds the version in use and those that were current within 28 days', () => {
    const list = daily(4000);
    const memory = memoryOf(withKey(list));
    assert.deepEqual(
      names(memory),
      list.slice(0, 20).map((one) => one.version),
    );
    const yearly = versions(10, (index) => ({ created: daysAgo(10 + index * 365) }));
    assert.deepEqual(names(memoryOf(withKey(yearly), 0)), [id(10), id(9)]);
  });

  it('holds a version that the policy names, however old it is', () => {
    const change = { policy: known(policy({ keyVersion: id(3) })), ...withKey(daily(4000)) };
    assert.ok(names(memoryOf(change))?.includes(id(3)));
    const gone = { ...change, ...withKey(daily(4000).filter((one) => one.version !== id(3))) };
    assert.equal(finding('key-deleted', reading(gone), memoryOf(change)).verdict, 'unknown');
    const anew = { ...change, ...withKey([version('w1')]) };
    assert.equal(finding('key-deleted', reading(anew), memoryOf(change)).verdict, 'revoked');
  });

  it('holds disabled versions before others where there are very many', () => {
    const list = versions(100, (index) => ({ created: daysAgo(1 + index / 4), enabled: index < 90 }));
    const held = names(memoryOf(withKey(list)))?.map((name) => Number.parseInt(name, 16));
    assert.deepEqual(held, [100, 99, 98, 97, 96, 95, 94, 93, 92, 91, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
  });

  it('shows a key made anew, though most versions of the original were left out', () => {
    const memory = memoryOf(withKey(daily(4000)), 0.1);
    const anew = versions(4000, (index) => ({ created: daysAgo(1 + index) })).map((one, index) => ({
      ...one,
      version: `w${index}`,
    }));
    assert.equal(finding('key-deleted', reading(withKey(anew)), memory).verdict, 'revoked');
    assert.equal(finding('key-deleted', reading(withKey(daily(4000))), memory).verdict, 'clear');
  });

  it('does not take a version that it left out for one that was replaced today', () => {
    const list = versions(30, () => ({ created: undefined }));
    let memory = memoryOf(withKey(list), 40);
    for (const days of [30, 20, 1]) memory = updateHistory(memory, aged(reading(withKey(list)), days));
    assert.deepEqual(names(memory), [id(30)]);
    const older = list.map((one, index) => (index > 0 ? { ...one, ...off } : one));
    assert.equal(finding('key-version-disabled', reading(withKey(older)), memory).verdict, 'clear');
  });
});

describe('a list of versions that fails or lacks something', () => {
  const incomplete = {
    incomplete: { state: 'unknown', reason: 'timeout', detail: 'The list was slow.', readAt: NOW },
  } as const;
  const pinned = { policy: known(policy({ keyVersion: 'v2' })) };
  const v3 = version('v3', { created: daysAgo(5) });
  const v2 = version('v2', { created: daysAgo(50) });
  const v1 = version('v1', { created: daysAgo(300) });
  const memory = memoryOf(withKey([v3, v2, v1]), 0.5);
  const judged = (change: Partial<Facts>, before = memory) =>
    Object.fromEntries(
      judgeReading(reading(change), before, TRUSTED)
        .filter(({ verdict }) => verdict !== 'clear')
        .map(({ trigger, verdict }) => [trigger, verdict]),
    );

  it('leaves the version in use judged by its own answer', () => {
    for (const [change, trigger] of [
      [off, 'key-version-disabled'],
      [{ expires: daysAgo(1) }, 'key-expired'],
      [{ notBefore: daysAgo(-1) }, 'key-not-yet-active'],
      [{ keyOps: ['wrapKey'] }, 'key-unusable'],
    ] satisfies [Partial<KeyVersionFact>, TriggerId][]) {
      const own = withKey([{ ...v3, ...change }], incomplete);
      assert.equal(judged(own)[trigger], 'revoked', trigger);
      assert.equal(judged({ ...pinned, ...withKey([{ ...v2, ...change }], incomplete) })[trigger], 'revoked');
    }
  });

  it('leaves unknown what only older versions can tell, and clear what a version that the policy names tells', () => {
    assert.deepEqual(judged(withKey([v3], incomplete)), {
      'key-version-disabled': 'unknown',
      'key-expired': 'unknown',
      'key-not-yet-active': 'unknown',
    });
    assert.deepEqual(judged({ ...pinned, ...withKey([v2], incomplete) }), {});
  });

  it('does not tell whether the key is the original where the version in use is a new one', () => {
    const own = withKey([version('w1', { created: daysAgo(0.1) })], incomplete);
    assert.equal(judged(own)['key-deleted'], 'unknown');
    assert.deepEqual(
      names(updateHistory(memory, reading(own))),
      ['v3', 'v2'],
      'and it is not remembered as one of its',
    );
    assert.equal(
      judged(withKey([version('w1')]), updateHistory(memory, reading(own)))['key-deleted'],
      'revoked',
    );
  });

  it('is reported by a gap that Key Vault can not make, and proves no loss', () => {
    const older = memoryOf(withKey([v3, version('v2', { created: daysAgo(20) }), v1]), 0.5);
    assert.deepEqual(names(older), ['v3', 'v2', 'v1']);
    assert.deepEqual(judged(withKey([v3, v1]), older), {
      'key-version-disabled': 'unknown',
      'key-expired': 'unknown',
      'key-not-yet-active': 'unknown',
    });
    assert.deepEqual(names(updateHistory(older, reading(withKey([v3, v1])))), ['v3', 'v2', 'v1']);
    assert.equal(judged(withKey([v1]), older)['key-deleted'], 'revoked', 'an older backup lacks the newest');
  });

  it('does not bring back a key that was gone', () => {
    const gone = updateHistory(
      memory,
      aged(reading({ key: { state: 'gone', detail: '404', readAt: NOW } }), 0.1),
    );
    assert.equal(judged(withKey([v3], incomplete), gone)['key-deleted'], 'unknown');
    assert.equal(judged(withKey([v3, v2, v1]), gone)['key-deleted'], undefined);
  });

  it('whose key is disabled as a whole tells that, and nothing of dates and operations', () => {
    const told = [v3, v2].map(({ version: name }) => ({ version: name, ...off }));
    const disabled = withKey(told, { ...incomplete, disabled: true });
    assert.deepEqual(judged(disabled), {
      'key-disabled': 'revoked',
      'key-version-disabled': 'unknown',
      'key-expired': 'unknown',
      'key-not-yet-active': 'unknown',
      'key-unusable': 'unknown',
    });
    const [held] = updateHistory(memory, reading(disabled)).key?.versions ?? [];
    assert.deepEqual([held?.created, held?.enabled], [daysAgo(5), false]);
  });

  it('never makes of unknown more or less than it is, whatever it lacks', () => {
    const KEY_TRIGGERS: TriggerId[] = [
      'key-deleted',
      'key-version-disabled',
      'key-expired',
      'key-not-yet-active',
    ];
    const any = fc.record({
      enabled: fc.boolean(),
      days: fc.integer({ min: 1, max: 20 }),
      expires: fc.option(fc.integer({ min: -30, max: 30 }), { nil: undefined }),
    });
    const story = fc.array(any, { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(
        story,
        fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
        fc.boolean(),
        (made, lacks, isTold) => {
          let days = 0;
          const list = made.map(({ enabled, expires, days: more }, index) => {
            days += more;
            const ends = expires === undefined ? undefined : daysAgo(expires);
            return version(`v${made.length - index}`, { enabled, created: daysAgo(days), expires: ends });
          });
          const before = memoryOf(withKey(list.map((one) => ({ ...one, enabled: true }))), 0.5);
          const whole = judgeReading(reading(withKey(list)), before, TRUSTED);
          // The version in use is known by its own answer.
          const part = list.filter((_, index) => index === 0 || !lacks[index]);
          if (part.length === list.length && !isTold) return;
          // Of versions that nobody remembers, a list that does not say so itself shows no gap.
          const isSeen = list.every((one) => part.includes(one) || names(before)?.includes(one.version));
          if (!isTold && !isSeen) return;
          const seen = judgeReading(reading(withKey(part, isTold ? incomplete : {})), before, TRUSTED);
          const of = (findings: Finding[], trigger: TriggerId) =>
            findings.find((one) => one.trigger === trigger)?.verdict ?? assert.fail();
          for (const trigger of KEY_TRIGGERS) {
            const [is, reads] = [of(whole, trigger), of(seen, trigger)];
            if (reads === 'clear') assert.equal(is, 'clear', `${trigger} reads clear`);
            if (reads === 'revoked')
              assert.equal(
                is === 'revoked' || of(whole, 'key-disabled') === 'revoked',
                true,
                `${trigger} reads revoked`,
              );
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('is a fault of the reading: the part counts as not readable, so that the visibility gap is reported', () => {
    const facts = reading(withKey([v3], incomplete));
    const read = (one: Facts) =>
      decide(undefined, {
        facts: one,
        findings: judgeReading(one, memory, TRUSTED),
        history: updateHistory(memory, one),
        signals: [],
        closeAfterMs: 0,
        now: NOW,
      }).policyState.parts.key;
    assert.deepEqual(read(facts), incomplete.incomplete);
    assert.equal(read(reading({ ...pinned, ...withKey([v2], incomplete) }))?.state, 'known');
    assert.equal(read(reading({ key: unread() }))?.state, 'unknown');
  });
});
