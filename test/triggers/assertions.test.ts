import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decide } from '../../shared/incidents/decide.ts';
import type { Assertion, Signal } from '../../shared/signals/signal.ts';
import type { TriggerId } from '../../shared/triggers/finding.ts';
import type { History } from '../../shared/triggers/history.ts';
import { aReading, aSignal, at, POLICY, type ReadingOptions, VAULT } from '../incidents/a-reading.ts';

const GROUP = VAULT.split('/providers/')[0]?.toLowerCase() ?? '';
const version = (name: string, supersededAt?: string) => ({
  version: name,
  enabled: true,
  firstSeenAt: at(0),
  lastSeenAt: at(0),
  supersededAt,
});
const memory: Partial<History> = {
  policy: {
    id: POLICY,
    name: 'cmk',
    geo: 'europe',
    managedHsm: false,
    vaultId: VAULT,
    keyName: 'Cmk',
    seenAt: at(0),
  },
  vault: {
    id: VAULT,
    name: 'kv1',
    location: 'westeurope',
    rbac: true,
    network: { hasAcls: false, ipRules: [], virtualNetworkRules: [] },
    seenAt: at(0),
  },
  key: { name: 'Cmk', versions: [version('V2'), version('v1', at(0))], seenAt: at(0) },
};

function assertion(assertion: Assertion, more: Partial<Signal> = {}): Signal {
  return aSignal(100, { assertion, operation: undefined, type: 'test', keyName: 'cmk', ...more });
}

/** What opens when nothing can be read and this signal comes. */
function after(signal: Signal, more: Partial<ReadingOptions> = {}) {
  return decide(
    undefined,
    aReading({ seconds: 110, rest: 'unknown', signals: [signal], history: memory, ...more }),
  );
}

describe('a claim, where the observed state can not be read', () => {
  const vault = VAULT.toLowerCase();
  const enough: [string, Signal, TriggerId[]][] = [
    ['the vault deleted', assertion({ what: 'deleted', scope: vault }), ['vault-deleted']],
    ['the policy deleted', assertion({ what: 'deleted', scope: POLICY.toUpperCase() }), ['policy-deleted']],
    [
      'their resource group deleted',
      assertion({ what: 'deleted', scope: GROUP }),
      ['policy-deleted', 'vault-deleted'],
    ],
    ['the key deleted', assertion({ what: 'keyDeleted', scope: vault }), ['key-deleted']],
    [
      'the key purged',
      assertion({ what: 'keyPurged', scope: `${vault}/keys/cmk` }, { keyName: undefined }),
      ['key-deleted'],
    ],
    ['the key disabled', assertion({ what: 'keyDisabled', scope: vault }), ['key-disabled']],
    [
      'its current version disabled',
      assertion({ what: 'keyDisabled', scope: vault, version: 'v2' }),
      ['key-disabled'],
    ],
    [
      'an older version disabled',
      assertion({ what: 'keyDisabled', scope: vault, version: 'v1' }),
      ['key-version-disabled'],
    ],
  ];
  for (const [name, signal, triggers] of enough) {
    it(`opens as suspected: ${name}`, () => {
      const { kind, incident, notices, policyState } = after(signal);
      assert.equal(kind, 'opened');
      assert.equal(incident?.state, 'suspected');
      assert.deepEqual(
        incident?.causes.map(({ trigger }) => trigger),
        triggers,
      );
      assert.equal(notices[0]?.reason, 'suspected');
      assert.equal(policyState.verdict, 'suspected');
      const [cause] = incident?.causes ?? [];
      assert.match(cause?.finding.evidence[0]?.text ?? '', /succeeded at .*signal-100/);
      assert.ok((cause?.finding.remediation.length ?? 0) > 0);
    });
  }

  const notEnough: [string, Signal, Partial<ReadingOptions>?][] = [
    ['another vault deleted', assertion({ what: 'deleted', scope: `${vault}2` })],
    ['another key deleted', assertion({ what: 'keyDeleted', scope: vault }, { keyName: 'other' })],
    ['the same key of another vault', assertion({ what: 'keyDeleted', scope: `${vault}2` })],
    ['a delete that failed', assertion({ what: 'deleted', scope: vault }, { outcome: 'failure' })],
    ['no claim at all', aSignal(100)],
    [
      'a key deleted where no key is remembered',
      assertion({ what: 'keyDeleted', scope: vault }),
      { history: {} },
    ],
    [
      'what a later reading refutes',
      assertion({ what: 'deleted', scope: vault }),
      {
        seconds: 900,
        history: { ...memory, vault: memory.vault && { ...memory.vault, seenAt: at(800) } },
      },
    ],
    [
      'what this reading shows clear',
      assertion({ what: 'deleted', scope: vault }),
      { verdicts: { 'vault-deleted': 'clear' } },
    ],
  ];
  for (const [name, signal, more] of notEnough) {
    it(`leaves unknown: ${name}`, () => {
      const { kind, policyState } = after(signal, more);
      assert.equal(kind, 'none');
      assert.equal(policyState.verdict, 'unknown');
    });
  }

  it('a vault seen within the ten minutes that Azure may take refutes nothing', () => {
    const seenLate = { ...memory, vault: memory.vault && { ...memory.vault, seenAt: at(105) } };
    assert.equal(after(assertion({ what: 'deleted', scope: vault }), { history: seenLate }).kind, 'opened');
  });

  it('adds nothing where the reading already found what is revoked', () => {
    const { incident } = after(assertion({ what: 'keyDeleted', scope: vault }), {
      verdicts: { 'vault-deleted': 'revoked' },
    });
    assert.deepEqual(
      incident?.causes.map(({ trigger, verdict }) => [trigger, verdict]),
      [['vault-deleted', 'revoked']],
    );
  });

  it('is confirmed by a reading, or dismissed by one', () => {
    const { policyState } = after(assertion({ what: 'deleted', scope: vault }));
    assert.equal(decide(policyState, aReading({ seconds: 200, history: memory })).kind, 'dismissed');
    assert.equal(
      decide(
        policyState,
        aReading({ seconds: 200, history: memory, verdicts: { 'vault-deleted': 'revoked' } }),
      ).kind,
      'confirmed',
    );
  });

  it('heard again while it stands is no news', () => {
    const signal = assertion({ what: 'deleted', scope: vault });
    const again = decide(
      after(signal).policyState,
      aReading({ seconds: 130, rest: 'unknown', signals: [signal], history: memory }),
    );
    assert.deepEqual([again.kind, again.notices], ['none', []]);
  });
});
