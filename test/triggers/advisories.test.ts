import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import type { Facts } from '../../shared/facts/facts.ts';
import { ADVISORY_IDS, type AdvisoryId } from '../../shared/triggers/advisories/advisory.ts';
import { ADVISORIES } from '../../shared/triggers/advisories/register.ts';
import {
  BOTH,
  DEFAULT,
  GROUP_GRANT,
  guarded,
  inDays,
  judged,
  of,
  protection,
  withGrants,
  withKey,
  withVault,
} from './a-guarded-reading.ts';
import {
  adviseOnReading,
  caseMangled,
  daysAgo,
  environments,
  known,
  memoryOf,
  NOW,
  PRINCIPAL,
  SUBSCRIPTION,
  unread,
  VAULT_ID,
} from './a-reading.ts';
import { EXAMPLES } from './advisory-examples.ts';

describe('every advisory', () => {
  it('is in the register once, in the order of its ids, with a present, an absent and an unknown example', () => {
    assert.deepEqual(ADVISORIES.map(({ id }) => id).sort(), [...ADVISORY_IDS].sort());
    for (const [id, examples] of Object.entries(EXAMPLES)) {
      const verdicts = new Set(Object.values(examples).map(([, { verdict }]) => verdict));
      // Which channels there are is always known: only the environments behind them may not be (tested below).
      if (id === 'teams-only-channel') verdicts.add('unknown');
      assert.deepEqual([...verdicts].sort(), ['absent', 'present', 'unknown'], id);
    }
  });

  it('has nothing to say of a chain that is guarded in every way', () => {
    // Nobody counts here, so it is not known how many principals can lock it.
    for (const { advisory, verdict } of judged(guarded()))
      assert.equal(verdict, advisory === 'more-principals-can-lock' ? 'unknown' : 'absent', advisory);
  });
});

for (const id of ADVISORY_IDS) {
  describe(id, () => {
    for (const [title, [change, told, settings, memory]] of Object.entries(EXAMPLES[id])) {
      it(`${title}: ${told.verdict}${told.severity ? `, ${told.severity}` : ''}`, () => {
        const found = of(id, judged(guarded(change), settings, memory));
        assert.equal(found.verdict, told.verdict, found.summary);
        if (told.severity) assert.equal(found.severity, told.severity);
        if (told.says) assert.match(found.summary, told.says);
        assert.equal(found.step, told.step);
        assert.equal(found.remediation.length > 0, told.verdict === 'present');
      });

      it(`${title}: the same with every id in another case`, () => {
        const facts = guarded(change);
        const mangled = of(id, judged(withMangledProtection(caseMangled(facts)), settings, memory));
        const plain = of(id, judged(facts, settings, memory));
        assert.deepEqual([mangled.verdict, mangled.severity], [plain.verdict, plain.severity]);
      });
    }
  });
}

test('two channels, and no environments were ever known: whether the default one is here is unknown', () => {
  const facts = guarded({ environments: unread() });
  const findings = adviseOnReading(facts, { policyId: facts.policyId }, { now: NOW, settings: BOTH });
  assert.equal(of('teams-only-channel', findings).verdict, 'unknown');
});

test('a default environment that was seen last time counts while the list can not be read', () => {
  const memory = memoryOf({ environments: environments(DEFAULT) });
  const found = of('teams-only-channel', judged(guarded({ environments: unread() }), BOTH, memory));
  assert.equal(found.severity, 'info');
  assert.equal(found.evidence[1]?.readAt, daysAgo(2));
});

test('commands and portal paths name the very vault, key and policy', () => {
  const expiring = of('key-expiring', judged(guarded(withKey({ expires: inDays(10) }))));
  assert.equal(
    expiring.remediation[0]?.command,
    `az keyvault key set-attributes --vault-name kv-eu --name cmk --version v1 --expires 2027-11-20T00:00:00Z --subscription ${SUBSCRIPTION}`,
  );
  assert.equal(
    expiring.remediation[0]?.portal,
    'Key vaults → kv-eu → Keys → cmk → v1 → Set expiration date → Save',
  );
  const purge = of('purge-protection-missing', judged(guarded(withVault({ purgeProtection: undefined }))));
  assert.equal(
    purge.remediation[0]?.command,
    `az keyvault update --name kv-eu --resource-group rg-keys --subscription ${SUBSCRIPTION} --enable-purge-protection true`,
  );
  const unlocked = judged(guarded({ protection: protection({ vaultLocks: known([]) }) }));
  assert.equal(
    of('no-delete-lock-on-vault', unlocked).remediation[0]?.command,
    `az lock create --name lockwatch-no-delete --lock-type CanNotDelete --resource ${VAULT_ID}`,
  );
  const grouped = of('permission-through-group', judged(guarded(withGrants(GROUP_GRANT))));
  assert.match(grouped.remediation[0]?.command ?? '', new RegExp(`role assignment create.*${PRINCIPAL}`));
});

test('every finding that is present has evidence with a time, and a link of its own', () => {
  for (const [id, examples] of Object.entries(EXAMPLES)) {
    for (const [change, { verdict }, settings, memory] of Object.values(examples)) {
      if (verdict !== 'present') continue;
      const found = of(id as AdvisoryId, judged(guarded(change), settings, memory));
      assert.ok(found.evidence.length > 0 && found.evidence.every(({ readAt }) => readAt !== ''), id);
      assert.ok(
        found.remediation.every(({ portal, text }) => portal && text),
        id,
      );
    }
  }
  for (const { link } of ADVISORIES) assert.equal(URL.parse(link)?.protocol, 'https:');
});

function withMangledProtection(facts: Facts): Facts {
  const upper = (text: string) => text.toUpperCase();
  const next = structuredClone(facts);
  if (next.vault.state === 'known') next.vault.value.tenantId = next.vault.value.tenantId?.toUpperCase();
  if (next.permission.state === 'known')
    for (const one of next.permission.value.grants) one.id = upper(one.id);
  const ends = next.protection?.timeBound;
  if (ends?.state === 'known')
    for (const one of ends.value) one.assignmentId = one.assignmentId.toLowerCase();
  return next;
}
