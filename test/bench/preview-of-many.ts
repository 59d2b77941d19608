import { answerAction } from '../../shared/api/serve-api.ts';
import { normalId } from '../../shared/azure/arm-id.ts';
import type { Facts } from '../../shared/facts/facts.ts';
import type { Reading } from '../../shared/facts/reader.ts';
import { reducePlanFile } from '../../shared/preview/plan-files/read-plan-file.ts';
import { STATE_ROWS } from '../../shared/storage/keys.ts';
import { aPolicyId, aTransition } from '../incidents/a-commit.ts';
import { anEnvironment } from '../incidents/a-reading.ts';
import { aWorld } from '../pipeline/a-world.ts';
import { aPlan, deleted, KEY_VALUES, planned, updated, VAULT_VALUES } from '../preview/plan-examples.ts';
import { guarded, listed } from '../triggers/a-guarded-reading.ts';
import { grant, known, permission, policy, VAULT_ID, vault } from '../triggers/a-reading.ts';
import { type Figure, pairedRatio } from './figure.ts';
import { onAzurite } from './on-azurite.ts';

const POLICIES = 200;
const OF_EACH = 50;
const CHANGES = 1000;
const BYTES = 10_000_000;

/**
 * A preview from the file to the answer: the plan is cut down as the command does it, and sent to the app, which reads
 * the states of all policies. Each policy goes down. Floor: `JSON.parse` of the plan, and one ranged read of the rows.
 * How long Azure takes for the facts themselves is in neither.
 */
export function previewOfMany(): Promise<Figure> {
  return onAzurite(async ({ store, table }) => {
    const facts = new Map<string, Facts>();
    for (let n = 0; n < POLICIES; n += 1) {
      const policyId = aPolicyId();
      const members = Array.from({ length: OF_EACH }, (_, m) => anEnvironment(n * OF_EACH + m));
      const first = aTransition(policyId, undefined, { seconds: 0, environments: { members } });
      await store.commit(first, undefined, []);
      facts.set(normalId(policyId), factsOf(policyId, n, members));
    }
    const text = planOf();
    const { ports } = aWorld([]);
    const reading: Pick<Reading, 'read'> = {
      read: async (policyId) => facts.get(normalId(policyId)) ?? fail(`${policyId} is not known.`),
    };
    let told = 0;
    let bytes = 0;
    const measured = await pairedRatio(
      async () => {
        // Facts that were read for an earlier preview would answer this one for five minutes.
        const afresh = { ...ports, store, facts: { begin: () => reading as Reading } };
        const request = {
          url: 'https://lockwatch.example.com/api/preview',
          header: (name: string) => (name === 'content-type' ? 'application/json' : null),
          body: Buffer.from(JSON.stringify(reducePlanFile(text))),
        };
        const { status, body } = await answerAction(request, { access: 'keys' }, afresh);
        if (status !== 200) throw new Error(`${status}: ${body.slice(0, 500)}`);
        bytes = body.length;
        told = body.split('"displayName"').length - 1;
      },
      async () => {
        JSON.parse(text);
        let rows = 0;
        for await (const _ of table.listEntities({ queryOptions: { filter: STATE_ROWS } })) rows += 1;
        if (rows < POLICIES) throw new Error(`${rows} rows of ${POLICIES} policies.`);
      },
      { pairs: 61, warmUp: 10 },
    );
    if (told !== POLICIES * OF_EACH) throw new Error(`The preview tells of ${told} environments.`);
    return {
      name: `Preview of a plan with ${CHANGES} changes, 10,000 environments of ${POLICIES} policies`,
      ...measured,
      budget: 2,
      detail: `a plan of ${(text.length / 1e6).toFixed(1)} MB, an answer of ${(bytes / 1e6).toFixed(1)} MB, on Azurite, in memory`,
    };
  });
}

const vaultIdOf = (n: number) => `${VAULT_ID}-${n % POLICIES}`;

function factsOf(policyId: string, n: number, members: Parameters<typeof listed>[0]): Facts {
  const id = vaultIdOf(n);
  return guarded({
    policyId,
    policy: known(policy({ id: policyId, name: `ep-${n}`, vaultId: id })),
    vault: known(vault({ id, name: `kv-eu-${n}` })),
    permission: known(permission({ grants: [grant({ scope: id })] })),
    environments: listed(members),
  });
}

/**
 * A fifth of the changes closes the vault of a policy each; the others are of the same kinds, in other vaults. As in a
 * real plan, each resource has attributes of its own, and the state before and after the plan repeat them.
 */
function planOf(): string {
  const attributes = (n: number, count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, m) => [`attribute_${m}`, m % 3 === 0 ? m : `value ${n} of ${m}`]),
    );
  const resources = (count: number) =>
    Array.from({ length: CHANGES }, (_, n) => {
      const id = n < POLICIES ? vaultIdOf(n) : `${VAULT_ID}-of-others-${n}`;
      const more = { address: `module.keys["${n}"].main` };
      const own = attributes(n, count);
      if (n < POLICIES || n % 4 === 0) {
        const acls = [{ bypass: 'None', default_action: 'Deny', ip_rules: [] }];
        return updated(
          'azurerm_key_vault',
          { ...VAULT_VALUES, ...own, id },
          { network_acls: acls },
          {},
          more,
        );
      }
      if (n % 4 === 1) {
        const key = { ...KEY_VALUES, ...own, key_vault_id: id };
        return updated('azurerm_key_vault_key', key, { expiration_date: '2030-01-01T00:00:00Z' }, {}, more);
      }
      if (n % 4 === 2) {
        const assignment = `${id}/providers/Microsoft.Authorization/roleAssignments/a1`;
        return deleted('azurerm_role_assignment', { ...own, id: assignment }, more);
      }
      const disk = { ...own, id: `${id}-disk` };
      const values = { before: disk, after: { ...disk, tags: { a: 'b' } } };
      return planned('azurerm_managed_disk', ['update'], values, more);
    });
  const textWith = (count: number) => {
    const changes = resources(count);
    const states = changes.map(({ address, change: { before } }) => ({ address, values: before }));
    const values = { root_module: { resources: states } };
    return JSON.stringify(aPlan(changes, { planned_values: values, prior_state: { values } }));
  };
  let count = 8;
  while (textWith(count).length < BYTES) count += 8;
  return textWith(count);
}

function fail(message: string): never {
  throw new Error(message);
}
