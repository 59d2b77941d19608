import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decide } from '../../shared/incidents/decide.ts';
import type { Actor, NamedActor, Signal } from '../../shared/signals/signal.ts';
import type { TriggerId } from '../../shared/triggers/finding.ts';
import { aReading, aSignal, at, disabled, VAULT } from './a-reading.ts';

const EVE = { name: 'eve@contoso.com', ipAddress: '203.0.113.7', kind: 'user' } as const;
const BOB = { name: 'bob@contoso.com', kind: 'user' } as const;

const DISABLED = { what: 'keyDisabled', scope: VAULT.toLowerCase() } as const;

/** Healthy at 0, then this trigger revoked at 3600 with these signals. */
function incidentOf(trigger: TriggerId, signals: Signal[]) {
  const { policyState } = decide(undefined, aReading({ seconds: 0 }));
  const transition = decide(
    policyState,
    aReading({ seconds: 3600, verdicts: { [trigger]: 'revoked' }, signals }),
  );
  assert.ok(transition.incident);
  return { ...transition, incident: transition.incident };
}

/** The actor without the evidence that names them. */
function nameOnly(actor: NamedActor | undefined): Actor | undefined {
  if (!actor) return undefined;
  const { from: _from, strength: _strength, ...named } = actor;
  return named;
}

describe('who did it', () => {
  const cases: [TriggerId, Partial<Signal>, boolean][] = [
    ['network-restricted', { operation: 'Microsoft.KeyVault/vaults/write' }, true],
    ['network-restricted', { operation: 'MICROSOFT.KEYVAULT/VAULTS/WRITE' }, true],
    [
      'network-restricted',
      { operation: 'Microsoft.Network/networkSecurityPerimeters/resourceAssociations/write' },
      true,
    ],
    ['network-restricted', { operation: 'Microsoft.Authorization/roleAssignments/delete' }, false],
    ['public-access-disabled', { operation: 'VaultPatch', source: 'audit', type: 'VaultPatch' }, true],
    ['permissions-revoked', { operation: 'Microsoft.Authorization/roleAssignments/delete' }, true],
    ['permissions-revoked', { operation: 'Microsoft.KeyVault/vaults/accessPolicies/write' }, true],
    ['permissions-revoked', { operation: 'Microsoft.Authorization/locks/delete' }, false],
    ['permissions-revoked', { operation: 'Microsoft.Authorization/roleAssignments/write' }, false],
    ['permissions-revoked', { operation: 'Microsoft.Authorization/denyAssignments/write' }, true],
    ['permissions-revoked', { operation: 'Microsoft.Authorization/denyAssignments/delete' }, false],
    ['permissions-revoked', { operation: 'Microsoft.Authorization/roleDefinitions/write' }, true],
    ['vault-deleted', { operation: 'Microsoft.KeyVault/vaults/delete' }, true],
    ['vault-deleted', { operation: 'Microsoft.Resources/subscriptions/resourceGroups/delete' }, true],
    ['vault-deleted', { operation: 'Microsoft.KeyVault/vaults/write' }, false],
    [
      'policy-deleted',
      {
        operation: undefined,
        type: 'Microsoft.Resources.ResourceDeleteSuccess',
        scope: '/subscriptions/s/resourcegroups/rg/providers/microsoft.powerplatform/enterprisepolicies/cmk',
      },
      true,
    ],
    ['policy-deleted', { operation: 'Microsoft.KeyVault/vaults/delete' }, false],
    ['key-disabled', { operation: undefined, source: 'audit', type: 'KeyUpdate', assertion: DISABLED }, true],
    ['key-version-disabled', { operation: undefined, type: 'KeyUpdate', assertion: DISABLED }, true],
    ['key-disabled', { operation: undefined, source: 'audit', type: 'KeyUpdate' }, false],
    ['key-not-yet-active', { operation: undefined, source: 'audit', type: 'KeyUpdate' }, true],
    ['key-unusable', { operation: undefined, source: 'audit', type: 'KeyUpdate' }, true],
    ['key-deleted', { operation: undefined, source: 'audit', type: 'KeyPurge' }, true],
    ['vault-deleted', { operation: undefined, source: 'audit', type: 'VaultDelete' }, true],
    ['key-disabled', { operation: 'Microsoft.KeyVault/vaults/keys/write' }, true],
    ['key-disabled', { operation: 'Microsoft.KeyVault/vaults/write' }, false],
    ['key-deleted', { operation: undefined, source: 'audit', type: 'KeyDelete' }, true],
    ['key-deleted', { operation: undefined, source: 'audit', type: 'KeyUpdate' }, false],
    [
      'network-restricted',
      { operation: 'Microsoft.KeyVault/vaults/privateEndpointConnections/delete' },
      true,
    ],
    ['network-restricted', { operation: '', scope: `${VAULT}/privateEndpointConnections/p1` }, true],
    [
      'network-restricted',
      {
        operation: 'Microsoft.Authorization/roleAssignments/delete',
        scope: `${VAULT}/privateEndpointConnections/p1`,
      },
      false,
    ],
    [
      'permissions-revoked',
      {
        operation: undefined,
        scope: `${VAULT}/providers/Microsoft.Authorization/roleAssignments/a1`.toLowerCase(),
      },
      true,
    ],
    ['key-expired', { operation: undefined, type: 'Microsoft.KeyVault.KeyExpired' }, true],
    ['key-unusable', { operation: undefined, type: 'Microsoft.KeyVault.KeyExpired' }, false],
    ['vault-deleted', { operation: undefined, source: 'audit', type: 'VaultPurge' }, false],
    ['network-restricted', { outcome: 'failure' }, false],
    ['network-restricted', { at: at(3700) }, false],
  ];
  for (const [trigger, more, isTheirs] of cases) {
    it(`${more.operation ?? more.type} (${more.outcome ?? more.at ?? 'in time'}) ${isTheirs ? 'is' : 'is not'} behind ${trigger}`, () => {
      const { incident } = incidentOf(trigger, [aSignal(3590, { actor: EVE, ...more })]);
      assert.deepEqual(nameOnly(incident.actor), isTheirs ? EVE : undefined);
      assert.equal(incident.actedAt, isTheirs ? at(3590) : undefined);
    });
  }

  it('an act from before the last clear reading is not the cause, save for the time Azure takes', () => {
    const { policyState } = decide(undefined, aReading({ seconds: 3500 }));
    const withOperation = (seconds: number) =>
      decide(
        policyState,
        aReading({
          seconds: 3600,
          verdicts: { 'network-restricted': 'revoked' },
          signals: [aSignal(seconds, { actor: EVE })],
        }),
      );
    assert.deepEqual(nameOnly(withOperation(3500 - 800).incident?.actor), EVE);
    assert.equal(withOperation(3500 - 1000).incident?.actor, undefined);
  });

  it('of a key that was disabled, enabled and disabled again, the first one is not blamed for the second', () => {
    const { policyState } = decide(undefined, aReading({ seconds: 3500 }));
    const after = (seconds: number) => {
      const signal = aSignal(seconds, {
        operation: undefined,
        source: 'audit',
        type: 'KeyUpdate',
        actor: EVE,
      });
      const verdicts = { 'key-disabled': 'revoked' } as const;
      return decide(
        policyState,
        aReading({ seconds: 3600, verdicts, signals: [{ ...signal, assertion: DISABLED }] }),
      );
    };
    assert.equal(after(3500 - 90).incident?.actor, undefined);
    assert.deepEqual(nameOnly(after(3550).incident?.actor), EVE);
  });

  it('is learnt from a record that comes when access is back already, and reported once', () => {
    const opened = incidentOf('key-disabled', []);
    const down = { environments: { members: [disabled(1)] } };
    const restored = decide(opened.policyState, aReading({ seconds: 3700, ...down }));
    assert.equal(restored.kind, 'accessRestored');
    const signals = [
      aSignal(3690, { operation: undefined, source: 'audit', type: 'KeyUpdate', actor: BOB }),
      aSignal(3590, {
        operation: undefined,
        source: 'audit',
        type: 'KeyUpdate',
        actor: EVE,
        assertion: DISABLED,
      }),
    ];
    const late = decide(restored.policyState, aReading({ seconds: 4000, signals, ...down }));
    assert.deepEqual(nameOnly(late.incident?.actor), EVE);
    assert.deepEqual(
      late.notices.map(({ reason }) => reason),
      ['actorLearnt'],
    );
  });

  it('Resource Manager is believed before Key Vault', () => {
    const fromVault = aSignal(3580, {
      source: 'keyVault',
      type: 'Microsoft.KeyVault.VaultAccessPolicyChanged',
      operation: undefined,
      actor: BOB,
    });
    const { incident } = incidentOf('permissions-revoked', [fromVault, aSignal(3590, { actor: EVE })]);
    assert.deepEqual(nameOnly(incident.actor), EVE);
  });

  it('an event that names nobody still tells when', () => {
    const { incident, timeline } = incidentOf('network-restricted', [aSignal(3590)]);
    assert.equal(incident.actor, undefined);
    assert.equal(incident.actedAt, at(3590));
    assert.deepEqual(
      timeline.map(({ what, at: when, signalId }) => [what, when, signalId]),
      [
        ['signal', at(3590), 'signal-3590'],
        ['opened', at(3600), undefined],
      ],
    );
  });

  it('is reported in the timeline with the operation and the address', () => {
    const { timeline } = incidentOf('network-restricted', [aSignal(3590, { actor: EVE })]);
    assert.equal(timeline[0]?.text, 'Microsoft.KeyVault/vaults/write by eve@contoso.com from 203.0.113.7');
    assert.deepEqual(timeline[0]?.actor, EVE);
  });

  it('is learnt later, told once in a notice of its own, and not replaced', () => {
    const opened = incidentOf('network-restricted', []);
    const read = (seconds: number, signals: Signal[]) =>
      aReading({ seconds, verdicts: { 'network-restricted': 'revoked' }, signals });
    const learnt = decide(opened.policyState, read(3660, [aSignal(3590, { actor: EVE })]));
    assert.equal(learnt.kind, 'none');
    assert.deepEqual(nameOnly(learnt.incident?.actor), EVE);
    assert.deepEqual(
      learnt.timeline.map(({ what }) => what),
      ['signal'],
    );
    assert.deepEqual(
      learnt.notices.map(({ reason }) => reason),
      ['actorLearnt'],
    );
    assert.match(learnt.notices[0]?.because ?? '', /eve@contoso\.com/i);
    const later = decide(learnt.policyState, read(3720, [aSignal(3591, { actor: BOB })]));
    assert.deepEqual(nameOnly(later.incident?.actor), EVE);
    assert.deepEqual(later.timeline, []);
    assert.deepEqual(later.notices, []);
  });

  it('whoever recovers the vault is not blamed for what that brings to light', () => {
    const { policyState } = decide(undefined, aReading({ seconds: 0 }));
    const gone = aReading({ seconds: 60, rest: 'unknown', verdicts: { 'vault-deleted': 'revoked' } });
    const recovered = aReading({
      seconds: 90,
      verdicts: { 'permissions-revoked': 'revoked' },
      signals: [aSignal(89, { actor: BOB, scope: VAULT })],
    });
    const eased = decide(decide(policyState, gone).policyState, recovered);
    assert.equal(eased.kind, 'eased');
    assert.equal(eased.incident?.actor, undefined);
  });

  it('a trigger that nobody has listed takes no actor', () => {
    const reading = aReading({ seconds: 3600, signals: [aSignal(3590, { actor: EVE })] });
    const [first] = reading.findings;
    assert.ok(first);
    reading.findings.push({ ...first, trigger: 'a-twelfth' as TriggerId, verdict: 'revoked' });
    const { kind, incident } = decide(undefined, reading);
    assert.equal(kind, 'opened');
    assert.equal(incident?.actor, undefined);
  });
});

describe('evidence of who did it', () => {
  const reads = (seconds: number, signals: Signal[], policyState = last().policyState) =>
    decide(policyState, aReading({ seconds, signals, verdicts: { 'key-disabled': 'revoked' } }));
  const last = () => decide(undefined, aReading({ seconds: 3500 }));
  const keyWrite = (seconds: number, actor: Actor) =>
    aSignal(seconds, { operation: 'Microsoft.KeyVault/vaults/keys/write', actor });
  const disabling = (seconds: number, actor: Actor) =>
    aSignal(seconds, {
      operation: undefined,
      source: 'audit',
      type: 'KeyUpdate',
      actor,
      assertion: DISABLED,
    });

  it('that may be a change of tags names its actor where it alone fits, as reported by an event', () => {
    const { incident } = reads(3600, [keyWrite(3590, BOB)]);
    assert.deepEqual(nameOnly(incident?.actor), BOB);
    assert.equal(incident?.actor?.from, 'event');
  });

  it('that may be a change of tags names nobody where two people wrote', () => {
    const { incident } = reads(3600, [keyWrite(3590, BOB), keyWrite(3591, EVE)]);
    assert.equal(incident?.actor, undefined);
  });

  it('of the audit log replaces a bystander that an event named, with a notice of its own', () => {
    const opened = reads(3600, [keyWrite(3590, BOB)]);
    const learnt = reads(3900, [disabling(3589, EVE)], opened.policyState);
    assert.deepEqual(nameOnly(learnt.incident?.actor), EVE);
    assert.equal(learnt.incident?.actor?.from, 'auditLog');
    assert.deepEqual(
      learnt.notices.map(({ reason, because }) => [
        reason,
        /Better evidence names somebody else/.test(because),
      ]),
      [['actorLearnt', true]],
    );
    const late = reads(4000, [keyWrite(3588, BOB)], learnt.policyState);
    assert.deepEqual([nameOnly(late.incident?.actor), late.notices], [EVE, []]);
  });

  it('of the audit log that names the same person is no news', () => {
    const opened = reads(3600, [keyWrite(3590, EVE)]);
    const learnt = reads(3900, [disabling(3589, EVE)], opened.policyState);
    assert.equal(learnt.incident?.actor?.from, 'auditLog');
    assert.deepEqual(learnt.notices, []);
  });
});
