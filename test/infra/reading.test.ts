import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Part } from '../../shared/azure/part.ts';
import { rightsReader } from '../../shared/facts/rights-reader.ts';
import { armError, list } from '../facts/fake-azure.ts';
import {
  assignment,
  DELETED_VAULT,
  GROUP,
  POLICY,
  PRINCIPAL,
  type Stage,
  SUBSCRIPTION,
  stage,
  VAULT,
  vaultAnswer,
} from '../facts/tenant.ts';
import { deployment, listAt } from './deployment.ts';

const [role] = deployment('minimal').of('Microsoft.Authorization/roleDefinitions');
const GRANTED = listAt(role?.properties, 'permissions', 0, 'actions').map(String);

const HINTS = {
  vaultId: VAULT,
  vaultLocation: 'westeurope',
  keyName: 'cmk',
  principalId: PRINCIPAL,
  rbac: true,
};
const HUBS = `${GROUP}/providers/Microsoft.EventHub/namespaces/hubs`;

/** What is read, and the fact that it ends in. Between them they make every GET that the app makes of Azure. */
const READINGS: Readonly<Record<string, (from: Stage) => Promise<Part<unknown>>>> = {
  subscription: async (from) => {
    const { subscriptions } = await from.clock.drive(from.reader.begin(10_000).listPolicies());
    return subscriptions[0]?.part ?? assert.fail();
  },
  policy: async (from) => (await from.read(POLICY, HINTS)).policy,
  vault: async (from) => (await from.read(POLICY, HINTS)).vault,
  key: async (from) => (await from.read(POLICY, HINTS)).key,
  permission: async (from) => (await from.read(POLICY, HINTS)).permission,
  'deleted vault': async (from) => {
    from.azure.on(VAULT, armError(404, 'ResourceNotFound'));
    return (await from.read(POLICY, HINTS)).deletedVault;
  },
  'deleted vault whose region nobody knows': async (from) => {
    from.azure.on(VAULT, armError(404, 'ResourceNotFound'));
    return (await from.read(POLICY, { ...HINTS, vaultLocation: undefined })).deletedVault;
  },
  'vault that was moved': async (from) => {
    from.azure.on(VAULT, armError(404, 'ResourceNotFound'));
    const moved = VAULT.replace('rg-cmk', 'rg-new');
    from.azure.on(moved, { body: { ...vaultAnswer(), id: moved } });
    from.azure.on(`${moved}/providers/Microsoft.Authorization/roleAssignments`, list(assignment()));
    from.azure.on(`${moved}/providers/Microsoft.Authorization/denyAssignments`, list());
    from.azure.on('/subscriptions', list({ subscriptionId: SUBSCRIPTION.split('/')[2] }));
    from.azure.on(`${SUBSCRIPTION}/providers/Microsoft.KeyVault/vaults`, list({ id: moved, name: 'kv1' }));
    const { movedVault, vault } = await from.read(POLICY, HINTS);
    return movedVault ?? vault;
  },
  locks: async (from) => (await protectionOf(from)).vaultLocks,
  rotation: async (from) => (await protectionOf(from)).rotation,
  'readers of the policy': async (from) => (await protectionOf(from)).policyReaders,
  'eligible roles': async (from) => {
    const session = from.reader.begin(10_000);
    const facts = await from.clock.drive(session.read(POLICY, HINTS));
    assert.ok(session.arm);
    const { eligible } = (await from.clock.drive(rightsReader(session.arm)(facts, HINTS))).policy;
    return 'rows' in eligible
      ? { state: 'known', value: eligible.rows, readAt: eligible.at }
      : eligible.unreadable;
  },
  'grants that end': async (from) => (await protectionOf(from)).timeBound,
  'event subscription': (from) =>
    way(from, `${GROUP}/providers/Microsoft.EventGrid/systemTopics/topic/eventSubscriptions/lockwatch`),
  'event subscription of old': (from) =>
    way(from, `${SUBSCRIPTION}/providers/Microsoft.EventGrid/eventSubscriptions/lockwatch`),
  'system topic': (from) => way(from, `${GROUP}/providers/Microsoft.EventGrid/systemTopics/topic`),
  'diagnostic setting': (from) =>
    way(from, `${VAULT}/providers/Microsoft.Insights/diagnosticSettings/lockwatch`),
  'event hub': (from) => way(from, `${HUBS}/eventhubs/lockwatch-audit`),
  'event hubs namespace': (from) => way(from, HUBS),
  'rule of the namespace': (from) => way(from, `${HUBS}/authorizationRules/azure-monitor`),
};

async function protectionOf(from: Stage) {
  const facts = await from.clock.drive(from.reader.begin(10_000, { protection: true }).read(POLICY, HINTS));
  return facts.protection ?? assert.fail();
}

function way(from: Stage, id: string): Promise<Part<unknown>> {
  return from.clock.drive(from.reader.begin(10_000).readEventSource(id));
}

/** A healthy chain, whose Azure grants only these actions to whoever asks. */
function stageGranting(actions: readonly string[]): Stage & { used: Set<string> } {
  const made = stage();
  const used = new Set<string>();
  const lower = actions.map((action) => action.toLowerCase());
  const answer = made.azure.sendRequest.bind(made.azure);
  made.azure.on(`${SUBSCRIPTION}/providers/Microsoft.Authorization/locks`, list());
  made.azure.on(`${SUBSCRIPTION}/providers/Microsoft.Authorization/roleAssignmentScheduleInstances`, list());
  made.azure.on(`${SUBSCRIPTION}/providers/Microsoft.Authorization/roleAssignments`, list());
  made.azure.on(`${SUBSCRIPTION}/providers/Microsoft.Authorization/denyAssignments`, list());
  made.azure.on(`${SUBSCRIPTION}/providers/Microsoft.Authorization/roleEligibilityScheduleInstances`, list());
  made.azure.on(`${SUBSCRIPTION}/providers/Microsoft.KeyVault/deletedVaults`, list());
  made.azure.on(DELETED_VAULT, armError(404, 'DeletedVaultNotFound'));
  made.azure.on(SUBSCRIPTION, {
    body: { subscriptionId: SUBSCRIPTION.split('/')[2], state: 'Enabled', tenantId: 't' },
  });
  made.azure.sendRequest = async (request) => {
    const action = actionOf(new URL(request.url).pathname);
    used.add(action);
    if (lower.includes(action)) return answer(request);
    const error = { code: 'AuthorizationFailed', message: `The client has no permission for '${action}'.` };
    const refused = await answer(request);
    return { ...refused, status: 403, bodyAsText: JSON.stringify({ error }) };
  };
  return { ...made, used };
}

/** The operation that Azure asks for a GET: the provider, each type of the path, read ("Azure resource provider operations"). */
function actionOf(pathname: string): string {
  const path = decodeURIComponent(pathname).toLowerCase();
  const [beforeIt, after] = [path.split('/providers/')[0] ?? '', path.split('/providers/').slice(1).at(-1)];
  if (after === undefined)
    return /^\/subscriptions(\/[^/]+)?$/.test(beforeIt) ? 'microsoft.resources/subscriptions/read' : path;
  const [provider, ...rest] = after.split('/');
  return [provider, ...rest.filter((_, index) => index % 2 === 0), 'read'].join('/');
}

describe('the custom role and what the app asks of Azure', async () => {
  const used = new Set<string>();
  const neededBy = new Map<string, string[]>();

  for (const [fact, read] of Object.entries(READINGS))
    it(`suffices for the ${fact}`, async () => {
      const granting = stageGranting(GRANTED);
      const part = await read(granting);
      assert.notEqual(part.state, 'unknown', JSON.stringify(part));
      for (const action of granting.used) {
        used.add(action);
        neededBy.set(action, [...(neededBy.get(action) ?? []), fact]);
      }
    });

  it('holds exactly the operations that are asked for', () => {
    assert.deepEqual([...used].sort(), GRANTED.map((action) => action.toLowerCase()).sort());
  });

  for (const action of GRANTED)
    it(`without ${action} something is unknown, and nothing is called gone or fine for it`, async () => {
      const unknown: string[] = [];
      for (const fact of neededBy.get(action.toLowerCase()) ?? []) {
        const read = READINGS[fact] ?? assert.fail();
        const part = await read(stageGranting(GRANTED.filter((one) => one !== action)));
        if (part.state === 'unknown' || isIncomplete(part)) unknown.push(fact);
      }
      assert.notDeepEqual(unknown, []);
    });
});

/** A key of which only the version in use could be read. */
function isIncomplete(part: Part<unknown>): boolean {
  return part.state === 'known' && (part.value as { incomplete?: unknown }).incomplete !== undefined;
}
