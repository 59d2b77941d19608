import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { incidentAnswer } from '../../../shared/api/status/incident-answer.ts';
import { statusAnswer } from '../../../shared/api/status/status-answer.ts';
import { aLock } from '../../bench/on-azurite.ts';
import { aPolicyId } from '../../incidents/a-commit.ts';
import { rendered, textOf } from './page-html.ts';

const MAX_BYTES = 300_000;
const NOW = '2026-03-01T10:05:00.000Z';

describe('a tenant of 10,000 environments', () => {
  const locks = Array.from({ length: 200 }, (_, n) => aLock(`${aPolicyId()}-${n}`, 50, n * 50));
  const status = statusAnswer(
    locks.map(({ policyState }) => policyState),
    {},
    { now: NOW, sweepIntervalMs: 30_000 },
  );

  it('has a home page of less than 300 KB that counts all and names the gravest', async () => {
    const page = await rendered('/', status, { now: NOW });
    assert.ok(Buffer.byteLength(page) < MAX_BYTES, `${Buffer.byteLength(page)} bytes`);
    assert.match(textOf(page), /10,000 environments are offline/);
    assert.match(textOf(page), /All 200 open incidents/);
  });

  it('has a home page of less than 300 KB that shows some of 200 vaults and leads to the others', async () => {
    const policies = status.policies.map((policy, n) => ({
      ...policy,
      vaultId: `/subscriptions/s/vaults/kv-${n}`,
    }));
    const page = await rendered('/', { ...status, policies }, { now: NOW });
    assert.ok(Buffer.byteLength(page) < MAX_BYTES, `${Buffer.byteLength(page)} bytes`);
    assert.match(textOf(page), /1 to 12 of 200 vaults/);
    const found = await rendered('/', { ...status, policies }, { now: NOW, query: 'find=kv-199' });
    assert.equal(found.match(/<svg class="chain"/g)?.length, 1);
  });

  it('has an incident page of less than 300 KB, whichever part of the list it shows', async () => {
    const { incident, environments } = aLock(aPolicyId(), 10_000);
    assert.ok(incident);
    const answer = incidentAnswer({ incident, environments, timeline: [], notices: [], unreadable: [] }, NOW);
    for (const query of ['', 'page=200', 'state=locked&page=7']) {
      const page = await rendered('/incidents/{id}', answer, { now: NOW, query, path: '/incidents/x' });
      assert.ok(Buffer.byteLength(page) < MAX_BYTES, `${query}: ${Buffer.byteLength(page)} bytes`);
      assert.match(textOf(page), /10,000 environments offline/);
      assert.equal(page.match(/href="\/environments\//g)?.length, 50);
    }
  });

  it('has pages of a policy and of a vault of less than 300 KB', async () => {
    const [policy] = status.policies;
    assert.ok(policy);
    const more = {
      answeredAt: NOW,
      asOf: NOW,
      findings: [],
      principalId: null,
      permissionModel: null,
      vault: null,
      keyVersions: [],
      endedIncidents: [],
    };
    const { incident } = aLock(aPolicyId(), 10_000);
    assert.ok(incident);
    const items = aLock(aPolicyId(), 10_000).environments;
    const one = { ...policy, ...more, environments: { ...policy.environments, items, count: items.length } };
    const vault = {
      ...more,
      id: policy.vaultId ?? '/vaults/kv',
      name: 'kv',
      location: null,
      softDelete: null,
      purgeProtection: null,
      publicNetworkAccess: null,
      goneAt: null,
      verdict: 'revoked',
      policies: status.policies,
      warnings: [],
    };
    for (const [path, answer] of [
      ['/policies/{id}', one],
      ['/vaults/{id}', vault],
    ] as const) {
      const page = await rendered(path, answer, { now: NOW, path: '/x' });
      assert.ok(Buffer.byteLength(page) < MAX_BYTES, `${path}: ${Buffer.byteLength(page)} bytes`);
    }
  });
});
