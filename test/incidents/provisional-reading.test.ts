import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { propagationEndsAt } from '../../shared/incidents/provisional-reading.ts';
import type { Signal } from '../../shared/signals/signal.ts';
import { at, disabled, VAULT } from './a-reading.ts';
import { HEALTHY, last, play } from './play.ts';

const GRANTED = {
  operation: 'Microsoft.Authorization/roleAssignments/write',
  scope: `${VAULT}/providers/microsoft.authorization/roleassignments/a1`.toLowerCase(),
};
const NETWORK = { operation: 'Microsoft.KeyVault/vaults/write', scope: VAULT.toLowerCase() };

function signal(seconds: number, more: Partial<Signal> = GRANTED): Signal {
  return {
    id: `s${seconds}`,
    source: 'resourceManager',
    type: 'Microsoft.Resources.ResourceWriteSuccess',
    outcome: 'success',
    scope: '',
    at: at(seconds),
    ...more,
  };
}
const NO_GRANT = { 'permissions-revoked': 'revoked' } as const;

describe('access that reads as back after a change that acts late', () => {
  it('moves the incident to accessRestored, marked until when it may not act', () => {
    const { kind, incident } = last(
      HEALTHY,
      { seconds: 60, verdicts: NO_GRANT },
      { seconds: 130, signals: [signal(120)] },
    );
    assert.equal(kind, 'accessRestored');
    assert.equal(incident?.provisionalUntil, at(120 + 600));
  });

  it('does not close the incident before the time is over, and then does', () => {
    const story = [HEALTHY, { seconds: 60, verdicts: NO_GRANT }, { seconds: 130, signals: [signal(120)] }];
    const early = last(...story, { seconds: 700 });
    assert.equal(early.kind, 'none');
    assert.equal(early.incident?.provisionalUntil, at(720));
    assert.equal(last(...story, { seconds: 700 }, { seconds: 721 }).kind, 'closed');
  });

  it('that is taken away again within the time reopens the incident, and the mark goes', () => {
    const { kind, incident } = last(
      HEALTHY,
      { seconds: 60, verdicts: NO_GRANT },
      { seconds: 130, signals: [signal(120)] },
      { seconds: 160, verdicts: NO_GRANT },
    );
    assert.equal(kind, 'relapsed');
    assert.equal(incident?.provisionalUntil, undefined);
  });

  it('does not dismiss a suspicion before the time is over', () => {
    const story = [
      HEALTHY,
      {
        seconds: 60,
        verdicts: { 'network-restricted': 'suspected' } as const,
        signals: [signal(50, NETWORK)],
      },
    ];
    assert.equal(last(...story, { seconds: 100 }).policyState.incident?.state, 'suspected');
    assert.equal(
      last(...story, { seconds: 100 }, { seconds: 50 + 880 }).policyState.incident?.state,
      'suspected',
    );
    assert.equal(last(...story, { seconds: 100 }, { seconds: 50 + 901 }).kind, 'dismissed');
  });

  it('without such a change is not provisional', () => {
    const transitions = play(HEALTHY, { seconds: 60, verdicts: NO_GRANT }, { seconds: 130 });
    assert.equal(transitions.at(-1)?.incident?.provisionalUntil, undefined);
  });
});

it('access that reads as missing counts at once, however fresh the change', () => {
  const { kind, incident } = last(HEALTHY, { seconds: 60, verdicts: NO_GRANT, signals: [signal(59)] });
  assert.deepEqual([kind, incident?.state], ['opened', 'revoked']);
});

describe('how long a change may take to act', () => {
  it('is 10 minutes for permissions, 15 for what may be the network; the latest counts', () => {
    assert.equal(propagationEndsAt(undefined, [signal(0)], at(1)), at(600));
    assert.equal(propagationEndsAt(undefined, [signal(0, NETWORK), signal(10)], at(11)), at(900));
  });
  it('is nothing for what failed, for what acts at once, and when it is over', () => {
    assert.equal(
      propagationEndsAt(undefined, [signal(0, { ...GRANTED, outcome: 'failure' })], at(1)),
      undefined,
    );
    assert.equal(
      propagationEndsAt(undefined, [signal(0, { type: 'KeyUpdate', operation: undefined })], at(1)),
      undefined,
    );
    assert.equal(propagationEndsAt(undefined, [signal(0)], at(600)), undefined);
  });
  it('does not run from the future', () => {
    assert.equal(propagationEndsAt(undefined, [signal(1_000_000)], at(0)), at(600));
  });
});

describe('regular writes to a vault that change nothing', () => {
  const write = (seconds: number) => signal(seconds, NETWORK);
  const everyTenMinutes = (from: number, count: number) =>
    Array.from({ length: count }, (_, n) => ({
      seconds: from + n * 600 + 5,
      signals: [write(from + n * 600)],
    }));
  const down = { environments: { members: [disabled(1)] } };

  it('do not keep an incident provisional once its cause reads clear', () => {
    const restored = [
      HEALTHY,
      { seconds: 60, verdicts: NO_GRANT, ...down },
      { seconds: 130, signals: [signal(120)], ...down },
      ...everyTenMinutes(200, 2).map((one) => ({ ...one, ...down })),
    ];
    assert.equal(last(...restored).incident?.provisionalUntil, undefined);
    assert.equal(last(...restored, { seconds: 1500 }).kind, 'closed');
  });

  it('do not keep a suspicion open', () => {
    const suspicion = { 'network-restricted': 'suspected' } as const;
    const story = [
      HEALTHY,
      { seconds: 60, verdicts: suspicion, signals: [write(50)] },
      { seconds: 100, signals: [write(99)] },
      ...everyTenMinutes(200, 3),
    ];
    const kinds = play(...story).map(({ kind }) => kind);
    assert.deepEqual(kinds, ['none', 'opened', 'none', 'none', 'none', 'dismissed']);
  });

  it('do not concern an incident whose cause is the key', () => {
    const story = [
      HEALTHY,
      { seconds: 60, verdicts: { 'key-disabled': 'revoked' } as const, ...down },
      { seconds: 130, signals: [write(120)], ...down },
    ];
    assert.equal(last(...story).incident?.provisionalUntil, undefined);
  });

  it('a grant from before the cause read clear counts, even if its event comes later', () => {
    const story = [
      HEALTHY,
      { seconds: 60, verdicts: NO_GRANT, ...down },
      { seconds: 130, ...down },
      { seconds: 140, signals: [signal(125)], ...down },
    ];
    assert.equal(last(...story).incident?.provisionalUntil, at(125 + 600));
  });

  it('a grant counts where its right was hidden behind a vault that was gone', () => {
    const story = [
      HEALTHY,
      { seconds: 60, verdicts: { 'vault-deleted': 'revoked' } as const, ...down },
      { seconds: 130, signals: [signal(125)], ...down },
    ];
    assert.equal(last(...story).incident?.provisionalUntil, at(125 + 600));
  });
});
