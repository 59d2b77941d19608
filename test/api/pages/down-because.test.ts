import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { homeWords } from '../../../shared/api/pages/home-sentence.ts';
import type { StatusPolicy } from '../../../shared/api/pages/policy-condition.ts';
import { TRIGGER_IDS, type TriggerId } from '../../../shared/triggers/finding.ts';

const NOW = '2026-11-20T10:04:00Z';
const VAULT = '/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/kv-eu';

/** A policy whose three environments are down, as far as the sentence reads it. */
function down(trigger: TriggerId | undefined, more: Partial<StatusPolicy> = {}): StatusPolicy {
  const incident = {
    state: 'revoked',
    openedAt: '2026-11-20T02:14:00Z',
    recoverBy: '2026-11-27T01:04:00Z',
    environmentCount: 3,
    noEnvironments: false,
    triggers: trigger === undefined ? [] : [{ trigger, verdict: 'revoked' }],
  };
  const policy = { id: 'p1', name: 'finance-eu', supported: true, vaultId: VAULT, keyName: 'cmk-eu' };
  return { ...policy, incident, ...more } as unknown as StatusPolicy;
}
const said = (...policies: StatusPolicy[]) => homeWords(policies, NOW).headline;

describe('the sentence of the home page about environments that are offline', () => {
  it('says why, where one key, vault or policy is the reason', () => {
    assert.equal(
      said(down('key-disabled'), down('key-disabled', { id: 'p2', name: 'sales-eu' })),
      '6 environments are offline since 02:14 UTC because the key cmk-eu of vault kv-eu was disabled. The first may be deleted in 6 days 15 hours.',
    );
    assert.match(said(down('vault-deleted')), /because the vault kv-eu was deleted\./);
    assert.match(said(down('policy-deleted')), /because the policy finance-eu was deleted\./);
  });

  it('names nothing where several are the reason, or where the name is not known', () => {
    assert.match(
      said(down('key-disabled'), down('key-disabled', { id: 'p2', keyName: 'cmk-us' })),
      /because keys were disabled\./,
    );
    assert.match(said(down('key-deleted', { keyName: null })), /because keys were deleted\./);
  });

  it('says that the reasons differ, and nothing where one is not known', () => {
    assert.match(said(down('key-disabled'), down('vault-deleted')), /UTC, for different reasons\./);
    for (const unknown of [down('locked'), down(undefined)])
      assert.match(said(unknown), /^3 environments are offline since 02:14 UTC\. The first/);
    assert.match(
      said(down('key-disabled'), down(undefined)),
      /^6 environments are offline since 02:14 UTC\./,
    );
  });

  it('has a clause for every trigger that takes environments offline and has a reason', () => {
    for (const trigger of TRIGGER_IDS)
      if (trigger !== 'locked') assert.match(said(down(trigger)), / because \S/, trigger);
  });

  it('keeps a hostile name on its line', () => {
    const headline = said(down('key-disabled', { keyName: 'a\u202e\nb' }));
    assert.doesNotMatch(headline, /[\u202e\n]/);
  });
});
