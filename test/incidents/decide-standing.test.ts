import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { aFinding, anEnvironment, at } from './a-reading.ts';
import { HEALTHY, LOCKED, last, play, REVOKED, SUSPECTED } from './play.ts';

describe('while it stands', () => {
  it('is worse with a new cause, and the root cause goes first', () => {
    const { kind, incident, notices } = last(...LOCKED, {
      seconds: 90,
      verdicts: { ...REVOKED, 'vault-deleted': 'revoked' },
    });
    assert.equal(kind, 'worsened');
    assert.deepEqual(
      incident?.causes.map(({ trigger, since }) => [trigger, since]),
      [
        ['vault-deleted', at(90)],
        ['key-disabled', at(60)],
      ],
    );
    assert.match(notices[0]?.group ?? '', /^worsened\|vault-deleted\|/);
  });

  it('is worse with more environments, names them, and counts each once', () => {
    const three = { members: [anEnvironment(1), anEnvironment(2), anEnvironment(3)] };
    const [, , worse, same] = play(
      ...LOCKED,
      { seconds: 90, verdicts: REVOKED, environments: three },
      { seconds: 95, verdicts: REVOKED, environments: three },
    );
    assert.equal(worse?.kind, 'worsened');
    assert.equal(worse?.incident?.environmentCount, 3);
    assert.match(worse?.notices[0]?.because ?? '', /1 more environment is affected/);
    assert.equal(worse?.environments.length, 3);
    assert.equal(same?.kind, 'none');
    assert.deepEqual(same?.environments, []);
  });

  it('tells the names once the list comes in late', () => {
    const { kind, incident } = last(
      { seconds: 0, verdicts: REVOKED, environments: { unreadable: true } },
      { seconds: 30, verdicts: REVOKED },
    );
    assert.equal(kind, 'worsened');
    assert.equal(incident?.environmentCount, 2);
    assert.equal(incident?.environmentsAsOf, at(30));
  });

  it('eases when one of two causes goes, and keeps the other', () => {
    const both = { ...REVOKED, 'permissions-revoked': 'revoked' } as const;
    const { kind, incident, notices } = last(
      HEALTHY,
      { seconds: 9, verdicts: both },
      { seconds: 20, verdicts: REVOKED },
    );
    assert.equal(kind, 'eased');
    assert.deepEqual(
      incident?.causes.map(({ trigger }) => trigger),
      ['key-disabled'],
    );
    assert.match(notices[0]?.because ?? '', /permissions-revoked\. Access is not back: key-disabled/);
  });

  it('eases when the vault is back and what it hid comes to light: nothing got worse', () => {
    const gone = { 'policy-deleted': 'clear', 'vault-deleted': 'revoked' } as const;
    const { kind, incident } = last(
      HEALTHY,
      { seconds: 9, verdicts: gone, rest: 'unknown' },
      { seconds: 20, verdicts: { 'permissions-revoked': 'revoked' } },
    );
    assert.equal(kind, 'eased');
    assert.deepEqual(
      incident?.causes.map(({ trigger }) => trigger),
      ['permissions-revoked'],
    );
  });

  it('does not call access restored while what a deleted vault hid is still unread', () => {
    const gone = { 'policy-deleted': 'clear', 'vault-deleted': 'revoked' } as const;
    const [, , half, whole] = play(
      HEALTHY,
      { seconds: 9, verdicts: gone, rest: 'unknown' },
      { seconds: 20, verdicts: { 'permissions-revoked': 'unknown' } },
      { seconds: 30 },
    );
    assert.equal(half?.kind, 'none');
    assert.equal(half?.policyState.incident?.state, 'revoked');
    assert.equal(whole?.kind, 'accessRestored');
  });

  const seen = { permission: { model: 'rbac', principalId: 'p', grantedAt: at(0) } } as const;
  const blindly = { 'permissions-revoked': 'unknown' } as const;

  it('does not call access restored while a part that was read before can not be read', () => {
    const [, , visibilityLost, remainingGaps, sighted] = play(
      ...LOCKED,
      { seconds: 90, verdicts: blindly, history: seen },
      { seconds: 120, verdicts: blindly, history: seen },
      { seconds: 150, history: seen },
    );
    assert.deepEqual(
      [visibilityLost?.kind, remainingGaps?.kind, sighted?.kind],
      ['none', 'none', 'accessRestored'],
    );
    assert.equal(remainingGaps?.incident?.state, 'revoked');
    const dismissal = last(
      { seconds: 0, verdicts: SUSPECTED, history: seen },
      { seconds: 30, verdicts: blindly, history: seen },
    );
    assert.equal(dismissal.kind, 'none');
  });

  it('a part that never could be read does not keep an incident open', () => {
    for (const history of [{}, { permission: { model: 'rbac', principalId: 'p' } } as const])
      assert.equal(last(...LOCKED, { seconds: 90, verdicts: blindly, history }).kind, 'accessRestored');
  });

  for (const [trigger, history] of [
    ['policy-deleted', { policy: { id: 'p', name: 'p', geo: 'europe', managedHsm: false, seenAt: at(0) } }],
    ['key-unusable', { key: aKey(['wrapKey']) }],
    ['key-expired', { key: aKey(undefined) }],
  ] as const) {
    it(`${trigger} that can be read no more keeps it open`, () => {
      const verdicts = { [trigger]: 'unknown' } as const;
      assert.equal(last(...LOCKED, { seconds: 90, verdicts, history }).kind, 'none');
    });
  }

  it('operations that Azure never reported do not keep it open', () => {
    const history = { key: aKey(undefined) };
    const verdicts = { 'key-unusable': 'unknown' } as const;
    assert.equal(last(...LOCKED, { seconds: 90, verdicts, history }).kind, 'accessRestored');
  });

  it('keeps a cause that can not be read, and what is known of it', () => {
    const { kind, incident, policyState } = last(...LOCKED, {
      seconds: 90,
      verdicts: { 'key-disabled': 'unknown' },
    });
    assert.equal(kind, 'none');
    assert.equal(incident?.causes[0]?.finding.verdict, 'revoked');
    assert.equal(policyState.verdict, 'unknown');
  });

  it('follows the evidence of a cause without saying it again', () => {
    const finding = aFinding('key-disabled', 'revoked', { summary: 'Two versions are disabled.' });
    const { kind, notices, incident } = last(...LOCKED, {
      seconds: 90,
      verdicts: { 'key-disabled': finding },
    });
    assert.equal(kind, 'none');
    assert.deepEqual(notices, []);
    assert.equal(incident?.causes[0]?.finding.summary, 'Two versions are disabled.');
    assert.equal(incident?.readAt, at(90));
  });

  it('a cause that falls back to a suspicion stands as revoked, and neither speaks nor confirms twice', () => {
    const kinds = play(
      HEALTHY,
      { seconds: 5, verdicts: SUSPECTED },
      { seconds: 10, verdicts: { 'network-restricted': 'revoked' } },
      { seconds: 15, verdicts: SUSPECTED },
      { seconds: 20, verdicts: { 'network-restricted': 'revoked' } },
    ).map(({ kind }) => kind);
    assert.deepEqual(kinds, ['none', 'opened', 'confirmed', 'none', 'none']);
  });

  it('the deadline comes nearer with a sandbox that joins, and stays when it leaves', () => {
    const sandbox = { members: [anEnvironment(1), anEnvironment(2), anEnvironment(3, { sku: 'Sandbox' })] };
    const [, opened, joined, left] = play(
      ...LOCKED,
      { seconds: 90, verdicts: REVOKED, environments: sandbox },
      { seconds: 99, verdicts: REVOKED },
    );
    assert.equal(opened?.incident?.recoverBy, at(60 + 30 * 86_400));
    assert.equal(joined?.incident?.recoverBy, at(60 + 7 * 86_400));
    assert.equal(left?.incident?.recoverBy, at(60 + 7 * 86_400));
    assert.deepEqual(left?.incident?.environmentsLeft, [anEnvironment(3).id]);
    assert.deepEqual(
      left?.environments.map(({ id, state }) => [id, state]),
      [[anEnvironment(3).id, 'unknown']],
    );
  });

  it('one that left and came back is no news', () => {
    const { kind, incident } = last(
      ...LOCKED,
      { seconds: 90, verdicts: REVOKED, environments: { members: [anEnvironment(1)] } },
      { seconds: 99, verdicts: REVOKED },
    );
    assert.equal(kind, 'none');
    assert.equal(incident?.environmentCount, 2);
    assert.equal(incident?.environmentsLeft, undefined);
  });
});

function aKey(keyOps: string[] | undefined) {
  const seen = { firstSeenAt: at(0), lastSeenAt: at(0) };
  return { name: 'cmk', seenAt: at(0), versions: [{ version: 'v1', enabled: true, keyOps, ...seen }] };
}
