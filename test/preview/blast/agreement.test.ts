import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SCENARIOS as SCENARIO_REGISTER } from '../../../dev/azure-simulator/scenarios/register.ts';
import { type BlastRadius, blastRadius } from '../../../shared/preview/blast/blast-radius.ts';
import { parseBlastScope } from '../../../shared/preview/blast/scope.ts';
import { chainIds } from '../../../shared/preview/chain.ts';
import { TRIGGER_IDS, type TriggerId } from '../../../shared/triggers/finding.ts';
import { judge } from '../../../shared/triggers/judge.ts';
import { updateHistory } from '../../../shared/triggers/remember.ts';
import { simulatedTenant } from '../simulated-chain.ts';

/** Every scenario that takes environments down by a change of the chain, and a policy that it is about. */
const SCENARIOS: readonly [scenario: string, policy: string][] = [
  ['permissions-revoked', 'ep-permissions-revoked'],
  ['permissions-revoked', 'ep-sales'],
  ['permissions-revoked', 'ep-field'],
  ['custom-role-edited', 'ep-people'],
  ['deny-assignment-added', 'ep-finance'],
  ['permission-model-flipped', 'ep-finance'],
  ['permission-model-flipped', 'ep-sales'],
  ['key-disabled', 'ep-key-disabled'],
  ['key-version-disabled', 'ep-key-version-disabled'],
  ['key-version-disabled', 'ep-apps'],
  ['key-not-yet-active', 'ep-key-not-yet-active'],
  ['key-expired', 'ep-key-expired'],
  ['key-unusable', 'ep-key-unusable'],
  ['key-deleted', 'ep-key-deleted'],
  ['key-purged', 'ep-sales'],
  ['key-recreated', 'ep-key-deleted'],
  ['vault-deleted', 'ep-vault-deleted'],
  ['resource-group-deleted', 'ep-finance'],
  ['policy-deleted', 'ep-policy-deleted'],
  ['public-access-disabled', 'ep-public-access-disabled'],
  ['public-access-disabled-trusted', 'ep-public-access-disabled'],
  ['network-restricted', 'ep-network-restricted'],
  ['network-restricted-trusted', 'ep-network-restricted'],
  ['perimeter-joined', 'ep-finance'],
  ['tenant-changed', 'ep-finance'],
  ['vault-purged', 'ep-finance'],
  ['vault-moved', 'ep-finance'],
  ['role-removed-through-group', 'ep-apps'],
];
/** Scopes by which a reader may ask about the policy of a scenario. */
const ASKED = ['policy', 'vault', 'subscription'] as const;

test('every trigger with a scenario of its name is tried', () => {
  const own = TRIGGER_IDS.filter(
    (id) => id !== 'locked' && SCENARIO_REGISTER.some(({ name }) => name === id),
  );
  assert.deepEqual(
    own.filter((id) => !SCENARIOS.some(([scenario]) => scenario === id)),
    [],
  );
});

describe('the blast radius before a scenario names the trigger that really comes', () => {
  for (const [scenario, policy] of SCENARIOS)
    test(`${scenario} of ${policy}`, async () => {
      const tenant = await simulatedTenant();
      const chain = await tenant.chain(policy);
      const { vaultId = '', policyId } = chainIds(chain);
      const now = new Date().toISOString();
      const named = ASKED.map((kind) => {
        const text = { policy: policyId, vault: vaultId, subscription: vaultId.split('/')[2] ?? '' }[kind];
        const scope = parseBlastScope(kind, text);
        assert.ok(scope, text);
        return [kind, blastRadius([chain], scope, { now, networkReading: 'trustedService' })] as const;
      });
      const done = await tenant.simulator.scenario(scenario, { policy });
      assert.equal(done.status, 200, JSON.stringify(done.error));
      const { vault } = chain.facts;
      const hints = vault.state === 'known' ? { vaultLocation: vault.value.location } : {};
      const facts = await tenant.read(policy, { ...hints, ...chainIds(chain) });
      const later = new Date(Date.now() + 1000).toISOString();
      const findings = judge(facts, updateHistory(chain.history, facts), {
        now: later,
        networkReading: 'trustedService',
      });
      const came = findings.flatMap(({ trigger, verdict }) =>
        verdict === 'revoked' || verdict === 'suspected' ? [trigger] : [],
      );
      assert.ok(came.length > 0, 'the scenario takes nothing down');
      for (const [kind, radius] of named)
        for (const trigger of came)
          assert.ok(
            names(radius, trigger, kind === 'policy'),
            `${kind}: ${trigger} is not among ${radius.operations.map(({ id, outcome }) => `${id}: ${outcome}`).join('\n')}`,
          );
    });
});

/** The simulator deletes a policy past the refusal of Azure, so there the radius says that it is refused. */
function names({ operations }: BlastRadius, trigger: TriggerId, isPolicy: boolean): boolean {
  return operations.some(
    (one) =>
      one.triggers.includes(trigger) ||
      (trigger === 'policy-deleted' && (!isPolicy || one.outcome === 'refused')),
  );
}
