import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { withLists } from '../../shared/facts/listed-answers.ts';
import { handClock } from '../azure/hand-clock.ts';
import { bigTenant } from './big-tenant.ts';

const MINUTE = 60_000;
const VAULT_ROW = /\/microsoft\.keyvault\/vaults\/kv-0\?/;
const KEY = /\/vaults\/kv-0\/keys\/cmk-0\?/;
const POLICY = /\/enterprisepolicies\/ep-0\?/;

/** A tenant of one policy, and the addresses that each sweep of it asks for. */
function aTenant() {
  const clock = handClock();
  const tenant = bigTenant({ policies: 1, vaults: 1, subscriptions: 1, clock, latencyMs: 30 });
  const [policyId = ''] = tenant.policyIds;
  const hints = {
    vaultId: `/subscriptions/${tenant.subscriptions[0]}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv-0`,
    keyName: 'cmk-0',
    principalId: '00000000-0000-0000-0000-000000001000',
    rbac: true,
  };
  const read = async (sweep: boolean) => {
    tenant.asked.clear();
    const session = tenant.reader.begin(20_000, sweep ? { sweep, withLists } : {});
    const facts = await clock.drive(
      Promise.all([session.listPolicies(), session.read(policyId, hints)]).then(([, read]) => read),
    );
    const asked = [...tenant.asked.keys()];
    return { facts, asked, isAsked: (address: RegExp) => asked.some((one) => address.test(one)) };
  };
  return { clock, tenant, policyId, hints, sweep: () => read(true), signal: () => read(false) };
}

describe('a sweep that has compared the lists with the resources', () => {
  it('reads the versions and the assignments of a policy, and everything else from lists', async () => {
    const { sweep } = aTenant();
    const first = await sweep();
    for (const own of [VAULT_ROW, KEY, POLICY]) assert.ok(first.isAsked(own), `${own}`);
    const second = await sweep();
    for (const own of [VAULT_ROW, KEY, POLICY]) assert.ok(!second.isAsked(own), `${own}`);
    assert.deepEqual(withoutTimes(second.facts), withoutTimes(first.facts));
    assert.equal(second.asked.length, 2 + 5);
  });

  it('asks each resource again after 10 minutes at most', async () => {
    const { clock, sweep } = aTenant();
    await sweep();
    await clock.advance(10 * MINUTE);
    const later = await sweep();
    for (const own of [VAULT_ROW, KEY, POLICY]) assert.ok(later.isAsked(own), `${own}`);
  });

  it('does not serve a signal: that asks each resource', async () => {
    const { sweep, signal } = aTenant();
    await sweep();
    await sweep();
    const { isAsked } = await signal();
    for (const own of [VAULT_ROW, KEY, POLICY]) assert.ok(isAsked(own), `${own}`);
  });
});

describe('a row of a list', () => {
  it('that differs from the one compared leads to the resource itself, which counts', async () => {
    const { tenant, hints, sweep } = aTenant();
    await sweep();
    tenant.change(hints.vaultId, (vault) => ({
      ...vault,
      properties: { ...(vault.properties as object), publicNetworkAccess: 'Disabled' },
    }));
    const { facts, isAsked } = await sweep();
    assert.ok(isAsked(VAULT_ROW));
    assert.equal(facts.vault.state === 'known' && facts.vault.value.network.publicNetworkAccess, 'Disabled');
  });

  it('that shows less than the resource is never taken, and what is missing from the list is read singly', async () => {
    const { tenant, hints, policyId, sweep } = aTenant();
    tenant.changeRow(hints.vaultId, ({ properties: _, ...row }) => row);
    tenant.changeRow(policyId, () => undefined);
    for (let n = 0; n < 3; n += 1) {
      const { facts, isAsked } = await sweep();
      assert.ok(isAsked(VAULT_ROW) && isAsked(POLICY));
      assert.deepEqual([facts.vault.state, facts.policy.state], ['known', 'known']);
    }
  });

  it('of a list that hangs or is refused is not waited for long', async () => {
    const { clock, tenant, hints, sweep } = aTenant();
    await sweep();
    const list = hints.vaultId.replace(/\/resourceGroups\/rg/, '').replace(/\/kv-0$/, '');
    tenant.hang(list);
    const began = clock.nowMs();
    const { facts } = await sweep();
    assert.equal(facts.vault.state, 'known');
    assert.ok(clock.nowMs() - began < 3_000, `${clock.nowMs() - began} ms`);
  });

  it('of a list that hangs is not waited for at all by a vault that was not compared yet', async () => {
    const { clock, tenant, hints, sweep } = aTenant();
    tenant.hang(hints.vaultId.replace(/\/resourceGroups\/rg/, '').replace(/\/kv-0$/, ''));
    const began = clock.nowMs();
    const { facts } = await sweep();
    assert.equal(facts.vault.state, 'known');
    assert.ok(clock.nowMs() - began < 1_000, `${clock.nowMs() - began} ms`);
  });

  it('is the key’s own answer only while its versions stay the same', async () => {
    const { tenant, hints, sweep } = aTenant();
    await sweep();
    tenant.change(`${hints.vaultId}/keys/cmk-0/versions`, ({ value }) => ({
      value: (value as { properties: { attributes: object } }[]).map((one) => ({
        ...one,
        properties: {
          ...one.properties,
          attributes: { ...one.properties.attributes, updated: 1_900_000_000 },
        },
      })),
    }));
    assert.ok((await sweep()).isAsked(KEY));
    assert.ok(!(await sweep()).isAsked(KEY));
  });
});

function withoutTimes(facts: object): unknown {
  return JSON.parse(JSON.stringify(facts, (name, value) => (name === 'readAt' ? undefined : value)));
}

describe('what a sweep reserves', () => {
  /** 60 policies that were compared with their lists; then these lists fail. */
  async function afterFailing(lists: readonly string[]) {
    const clock = handClock();
    const tenant = bigTenant({ policies: 60, vaults: 60, subscriptions: 1, clock, latencyMs: 30 });
    const chains = tenant.policyIds.map((policyId, n) => ({
      policyId,
      hints: {
        vaultId: tenant.vaultIds[n] ?? '',
        keyName: `cmk-${n}`,
        principalId: `00000000-0000-0000-0000-00000000${1000 + n}`,
        rbac: true,
      },
    }));
    const begin = (budgetMs: number) => tenant.reader.begin(budgetMs, { sweep: true, withLists });
    const compared = begin(60_000);
    await clock.drive(Promise.all(chains.map(({ policyId, hints }) => compared.read(policyId, hints))));
    await clock.advance(MINUTE);
    for (const list of lists)
      tenant.changeResource(`/subscriptions/${tenant.subscriptions[0]}/providers/${list}`, () => undefined);
    const session = begin(1_000);
    const [first, ...others] = chains;
    if (first) await clock.drive(session.read(first.policyId, first.hints));
    return clock.drive(session.reserve(others));
  }

  it('is two requests for a policy, and what stands in for a list that has failed', async () => {
    assert.equal(await afterFailing([]), 'reserved');
    for (const list of [
      'Microsoft.PowerPlatform/enterprisePolicies',
      'Microsoft.KeyVault/vaults',
      'Microsoft.Authorization/denyAssignments',
    ])
      assert.equal(await afterFailing([list]), 'short', list);
  });
});
