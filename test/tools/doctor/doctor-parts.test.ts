import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { DEFAULT_OPERATION_FILTERS } from '../../../dev/azure-simulator/events/filters.ts';
import { normalId } from '../../../shared/azure/arm-id.ts';
import { deadlineIn } from '../../../shared/azure/deadline.ts';
import { systemClock } from '../../../shared/clock.ts';
import type { Facts } from '../../../shared/facts/facts.ts';
import type { Reading } from '../../../shared/facts/reader.ts';
import { auditSources } from '../../../tools/doctor/audit-sources.ts';
import { type AzureReader, makeAzureReader } from '../../../tools/doctor/azure-reader.ts';
import { channelChecks } from '../../../tools/doctor/channel-checks.ts';
import { coverageOf, type WiredSources } from '../../../tools/doctor/coverage.ts';
import { checkEventSources } from '../../../tools/doctor/event-sources.ts';
import { eventSubscriptionSchema, faultsOf, goesToUs } from '../../../tools/doctor/event-subscription.ts';
import { keyHolders } from '../../../tools/doctor/key-holders.ts';
import { grantEnvironments } from '../../../tools/doctor/remediation.ts';
import { rolesAt } from '../../../tools/doctor/roles.ts';
import { doctorSettings } from '../../../tools/doctor/settings.ts';
import { NotSignedInError, signedIn } from '../../../tools/doctor/signed-in.ts';
import { accountOf } from '../../../tools/doctor/storage-access.ts';
import { vaultGuards } from '../../../tools/doctor/vault-guards.ts';
import {
  environment,
  environments,
  gone,
  known,
  POLICY_ID,
  policy,
  reading,
  unread,
  VAULT_ID,
} from '../../triggers/a-reading.ts';

const SUBSCRIPTION = '11111111-2222-3333-4444-555555555555';
const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers`;
const VAULT = `${GROUP}/Microsoft.KeyVault/vaults/kv`;
const ACCOUNT = `${GROUP}/Microsoft.Storage/storageAccounts/stlockwatch`;
const at = '2026-11-23T12:00:00.000Z';
const SETTINGS = {
  LOCKWATCH_SUBSCRIPTIONS: SUBSCRIPTION,
  AzureWebJobsStorage__tableServiceUri: 'https://stlockwatch.table.core.windows.net',
  AzureWebJobsStorage__queueServiceUri: 'https://stlockwatch.queue.core.windows.net',
  LOCKWATCH_TEAMS_WEBHOOK_URL: 'https://teams.invalid/1',
  LOCKWATCH_AUDIT_HUB: 'lockwatch-audit',
  LOCKWATCH_AUDIT__fullyQualifiedNamespace: 'evhns-1.servicebus.windows.net',
  LOCKWATCH_AUDIT_NORTHEUROPE__fullyQualifiedNamespace: 'evhns-2.servicebus.windows.net',
};

/** A look whose Resource Manager answers from a table: a list by the end of its path; all else is there. */
function lookAt(lists: Record<string, unknown[]>, documents: Record<string, unknown> = {}): AzureReader {
  const azure = makeAzureReader({
    ...doctorSettings(SETTINGS),
    who: { kind: 'application', objectId: 'oid', tenantId: 'tid' },
    credential: { getToken: async () => null },
    clock: systemClock,
    deadline: deadlineIn(1000, systemClock),
  });
  const find = <T>(from: Record<string, T>, id: string) =>
    Object.entries(from).find(([end]) => id.toLowerCase().endsWith(end.toLowerCase()))?.[1];
  return {
    ...azure,
    arm: {
      ...azure.arm,
      get: async (id) => ({ kind: 'answered', value: find(documents, id), askedAt: at, at }),
      list: async (id) => ({ kind: 'answered', value: find(lists, id) ?? [], askedAt: at, at }),
    },
  };
}

const pass: Reading = {
  read: async () => assert.fail('not asked'),
  reserve: async () => 'reserved' as const,
  listPolicies: async () => assert.fail('not asked'),
  readEventSource: async () => ({ state: 'known' as const, value: { isOpen: true }, readAt: at }),
};

const queue = (more: object = {}) => ({
  endpointType: 'StorageQueue',
  properties: { resourceId: ACCOUNT, queueName: 'lockwatch-signals', ...more },
});
const properties = {
  provisioningState: 'Succeeded',
  deliveryWithResourceIdentity: { destination: queue() },
  deadLetterWithResourceIdentity: {},
  filter: {
    advancedFilters: [
      { operatorType: 'StringBeginsWith', key: 'data.operationName', values: DEFAULT_OPERATION_FILTERS },
    ],
  },
};
const subscription = (more: object = {}) =>
  eventSubscriptionSchema.parse({ name: 'lockwatch', properties: { ...properties, ...more } });

describe('an event subscription', () => {
  const azure = lookAt({});

  it('is ours where it leads to our queue of our account, or to our function', () => {
    const to = (destination: object) =>
      goesToUs(subscription({ deliveryWithResourceIdentity: null, destination }), azure);
    assert.equal(goesToUs(subscription(), azure), true);
    assert.equal(to(queue()), true);
    assert.equal(to(queue({ queueName: 'Lockwatch-Signals' })), true);
    assert.equal(to(queue({ queueName: 'others' })), false);
    assert.equal(to(queue({ resourceId: ACCOUNT.replace('stlockwatch', 'stothers') })), false);
    assert.equal(to({ endpointType: 'WebHook', properties: {} }), false);
    const site = `${GROUP}/Microsoft.Web/sites/app/functions`;
    assert.equal(
      to({ endpointType: 'AzureFunction', properties: { resourceId: `${site}/eventGrid` } }),
      true,
    );
    assert.equal(to({ endpointType: 'AzureFunction', properties: { resourceId: `${site}/other` } }), false);
  });

  for (const [title, more, state] of [
    [
      'of a kind of event left out',
      { filter: { includedEventTypes: ['Microsoft.Resources.ResourceWriteSuccess'] } },
      'missing',
    ],
    ['narrowed to a subject', { filter: { subjectBeginsWith: '/x' } }, 'missing'],
    ['whose making failed', { provisioningState: 'Failed' }, 'missing'],
    ['that is being made', { provisioningState: 'Updating' }, 'unknown'],
    [
      'with a filter of another kind',
      { filter: { advancedFilters: [{ operatorType: 'StringContains', key: 'subject', values: ['x'] }] } },
      'unknown',
    ],
    ['that ends some day', { expirationTimeUtc: '2027-01-01T00:00:00Z' }, 'note'],
    ['without a dead-letter container', { deadLetterWithResourceIdentity: null }, 'note'],
    ['that delivers with a key', { deliveryWithResourceIdentity: null, destination: queue() }, 'note'],
  ] as const)
    it(`${title}: ${state}`, () => {
      const faults = faultsOf(subscription(more), true);
      assert.deepEqual(
        faults.map((fault) => fault.state),
        [state],
      );
    });

  it('has no fault where all types and operations pass, in any case of letters', () => {
    assert.deepEqual(faultsOf(subscription(), true), []);
    const values = DEFAULT_OPERATION_FILTERS.map((value) => value.toUpperCase());
    const filter = {
      advancedFilters: [{ operatorType: 'stringbeginswith', key: 'DATA.operationName', values }],
    };
    assert.deepEqual(faultsOf(subscription({ filter }), true), []);
  });
});

test('a topic that answers oddly may be the one: then nothing is said to be missing', async () => {
  const { checks } = await checkEventSources(lookAt({ '/systemTopics': [{ id: 7 }] }), [SUBSCRIPTION], []);
  assert.deepEqual(
    checks.map(({ state }) => state),
    ['unknown'],
  );
});

describe('the audit log', () => {
  const setting = (name: string, more: object = {}) => ({
    name,
    properties: {
      eventHubAuthorizationRuleId: `${GROUP}/Microsoft.EventHub/namespaces/evhns-1/authorizationRules/azure-monitor`,
      eventHubName: 'lockwatch-audit',
      logs: [{ category: 'AuditEvent', enabled: true }],
      ...more,
    },
  });
  const of = async (...settings: object[]) => {
    const { checks } = await auditSources(lookAt({ '/diagnosticSettings': settings }), pass, [VAULT]);
    return checks[0];
  };

  it('comes by a setting for it, or for a group that holds it', async () => {
    assert.equal((await of(setting('a')))?.state, 'ok');
    assert.equal(
      (await of(setting('a', { logs: [{ categoryGroup: 'allLogs', enabled: true }] })))?.state,
      'ok',
    );
  });
  it('comes by any of the namespaces that the settings name', async () => {
    const rule = `${GROUP}/Microsoft.EventHub/namespaces/evhns-2/authorizationRules/azure-monitor`;
    assert.equal((await of(setting('a', { eventHubAuthorizationRuleId: rule })))?.state, 'ok');
    const says = (await of())?.says ?? '';
    assert.match(
      says,
      /in evhns-1\.servicebus\.windows\.net or evhns-2\.servicebus\.windows\.net: nobody is named/,
    );
  });
  it('does not come by one that is off, that is for metrics alone, or that leads to another namespace', async () => {
    assert.equal(
      (await of(setting('a', { logs: [{ category: 'AuditEvent', enabled: false }] })))?.state,
      'missing',
    );
    assert.equal((await of(setting('a', { logs: null })))?.state, 'missing');
    const rule = `${GROUP}/Microsoft.EventHub/namespaces/others/authorizationRules/r`;
    const check = await of(setting('a', { eventHubAuthorizationRuleId: rule }));
    assert.equal(check?.state, 'missing');
    assert.match(check?.says ?? '', /goes to the event hub lockwatch-audit in others \(a\)/);
  });
  it('has no room where five settings are there already', async () => {
    const others = ['a', 'b', 'c', 'd', 'e'].map((name) =>
      setting(name, { eventHubAuthorizationRuleId: null, workspaceId: 'w' }),
    );
    assert.match((await of(...others))?.says ?? '', /5 diagnostic settings, and Azure allows no more/);
  });
});

describe('who can take keys away', () => {
  const assignment = (n: number, role: string) => ({
    id: `${VAULT}/providers/Microsoft.Authorization/roleAssignments/${n}`,
    properties: {
      scope: VAULT,
      principalId: `p-${n}`,
      principalType: 'User',
      roleDefinitionId: `/roleDefinitions/${role}`,
    },
  });
  const role = (roleName: string, dataActions: string[]) => ({
    properties: { roleName, permissions: [{ dataActions }] },
  });
  const documents = {
    '/roleDefinitions/officer': role('Officer', ['Microsoft.KeyVault/vaults/keys/*']),
    '/roleDefinitions/user': role('User', ['Microsoft.KeyVault/vaults/keys/wrap/action']),
    '/vaults/kv': { location: 'westeurope', properties: { enableRbacAuthorization: true } },
  };
  const chain = reading({ policy: known(policy({ vaultId: VAULT.toUpperCase() })) });
  const of = async (count: number) => {
    const assignments = Array.from({ length: count }, (_, n) => assignment(n, 'officer'));
    const azure = lookAt({ '/roleAssignments': [...assignments, assignment(99, 'user')] }, documents);
    return (await keyHolders(azure, [VAULT], [chain]))[0];
  };

  it('are counted by principal, through which roles', async () => {
    const check = await of(2);
    assert.equal(check?.state, 'ok');
    assert.match(check?.says ?? '', /^2 principal.*by the roles Officer;/);
  });
  it('are worth a word where they are many', async () => {
    const check = await of(6);
    assert.equal(check?.state, 'note');
    assert.match(check?.remediation?.command ?? '', /^az role assignment list .*--scope \/subscriptions/);
  });
  it('can not be determined where an assignment answers oddly: nobody is said to hold or lack anything', async () => {
    const roles = await rolesAt(lookAt({ '/roleAssignments': [{ id: 1 }] }), VAULT);
    assert.equal('failed' in roles && roles.failed.kind, 'failed');
  });
});

describe('what can refuse a remediation', () => {
  const at = (scope: string, name: string, more: object = {}) => ({
    id: `${scope}/providers/Microsoft.Authorization/policyAssignments/${name}`,
    name,
    properties: { scope, enforcementMode: 'Default', ...more },
  });
  const lock = (scope: string, name: string, level: string) => ({
    id: `${scope}/providers/Microsoft.Authorization/locks/${name}`,
    name,
    properties: { level },
  });
  const OF_SUBSCRIPTION = `/subscriptions/${SUBSCRIPTION}`;
  const guards = (lists: Record<string, unknown[]>) => vaultGuards(lookAt(lists), [VAULT]);

  it('is listed: every policy assignment and every lock above the vault, with the commands that show them', async () => {
    const above = '/providers/Microsoft.Management/managementGroups/contoso';
    const [policies, locks] = await guards({
      '/policyAssignments': [
        at(above, 'no-public-vaults', { displayName: 'No public vaults' }),
        at(OF_SUBSCRIPTION, 'only-reported', { enforcementMode: 'DoNotEnforce' }),
      ],
      '/locks': [
        lock(OF_SUBSCRIPTION, 'frozen', 'ReadOnly'),
        lock(`${OF_SUBSCRIPTION}/resourceGroups/other`, 'elsewhere', 'ReadOnly'),
      ],
    });
    assert.equal(policies?.state, 'note');
    assert.equal(policies?.says, `1 policy assignment(s) apply to it: No public vaults at ${above}.`);
    assert.match(policies?.remediation?.command ?? '', /^az policy state list --resource \/subscriptions/);
    assert.equal(locks?.state, 'note');
    assert.equal(locks?.says, `1 lock(s) apply to it: frozen (ReadOnly) at ${OF_SUBSCRIPTION}.`);
    assert.match(locks?.remediation?.command ?? '', /^az lock list --subscription/);
  });
  it('is nothing where neither applies, and a lock against deleting refuses no step', async () => {
    const [policies, locks] = await guards({ '/locks': [lock(VAULT, 'keep', 'CanNotDelete')] });
    assert.deepEqual([policies?.state, policies?.says], ['ok', 'No policy assignment applies to it.']);
    assert.equal(locks?.state, 'ok');
    assert.match(locks?.says ?? '', /keep \(CanNotDelete\)/);
  });
  it('is not known where an assignment answers oddly', async () => {
    assert.equal((await guards({ '/policyAssignments': [{ name: 'x' }] }))[0]?.state, 'unknown');
  });
});

describe('the channels', () => {
  const environmentsOf = (sku: string) => [
    reading({ environments: environments([environment('e1', { sku, displayName: 'Contoso' })]) }),
  ];
  const says = (settings: Record<string, string>, sku = 'Production') =>
    channelChecks(doctorSettings({ ...SETTINGS, ...settings }), environmentsOf(sku))
      .map((check) => check.says)
      .join('\n');

  it('are reported by name, and Teams alone is worth a word', () => {
    assert.match(says({}), /Set: teams\..*\n.*only channel/);
    assert.doesNotMatch(says({ LOCKWATCH_WEBHOOK_URL: 'https://hook.invalid/' }), /only channel/);
  });
  it('that run in a default environment which uses a watched key go down with it', () => {
    assert.match(says({}, 'Default'), /default environment \(Contoso\)/);
    assert.doesNotMatch(says({}), /default environment/);
  });
});

describe('who asks', () => {
  const tokenOf = (claims: object) => `x.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.y`;
  const ask = (token: string | null) =>
    signedIn(
      { getToken: async () => (token === null ? null : { token, expiresOnTimestamp: 0 }) },
      'scope',
      deadlineIn(1000, systemClock),
    );

  it('is a person or an application, as the token tells', async () => {
    const person = await ask(tokenOf({ oid: 'o', tid: 't', upn: 'dana@contoso.example' }));
    assert.deepEqual(person, { kind: 'person', objectId: 'o', tenantId: 't', name: 'dana@contoso.example' });
    assert.equal((await ask(tokenOf({ oid: 'o', tid: 't', idtyp: 'app' }))).kind, 'application');
  });
  it('is nobody where the token tells nothing, and no part of it is shown', async () => {
    for (const token of ['secret-text', tokenOf({}), null])
      await assert.rejects(
        ask(token),
        (error) => error instanceof NotSignedInError && !/secret-text/.test(error.message),
      );
  });
  it('names to a person a right that a person can have', () => {
    const who = { kind: 'person' as const, objectId: 'o', tenantId: 't' };
    const { settings } = doctorSettings(SETTINGS);
    assert.match(grantEnvironments({ who, settings }).portal ?? '', /Power Platform Administrator/);
    assert.equal(grantEnvironments({ who, settings }).command, undefined);
  });
});

test('a storage account is named by its address, embedded storage by the path', () => {
  assert.equal(accountOf('https://stlockwatch.queue.core.windows.net'), 'stlockwatch');
  assert.equal(accountOf('https://localhost:10001/devstoreaccount1'), 'devstoreaccount1');
  assert.equal(accountOf('https://127.0.0.1:10001/devstoreaccount1/'), 'devstoreaccount1');
});

describe('what would be seen', () => {
  const rowOf = (trigger: string, chains: Facts[], detectionSources: Partial<WiredSources> = {}) =>
    coverageOf(chains, { event: new Map(), audit: new Map(), ...detectionSources }).find(
      (row) => row.trigger === trigger,
    );
  const subscriptionOf = normalId(`/${POLICY_ID.split('/').slice(1, 3).join('/')}`);

  it('counts a policy by the parts that its trigger needs, and a part that is gone was read', () => {
    const none = { shows: true, policies: 0, couldNotTell: 0 };
    assert.deepEqual(rowOf('key-disabled', [reading()])?.sweep, { ...none, policies: 1 });
    assert.deepEqual(rowOf('key-disabled', [reading({ key: gone() })])?.sweep, { ...none, policies: 1 });
    assert.deepEqual(rowOf('key-disabled', [reading({ key: unread('forbidden') })])?.sweep, none);
    assert.deepEqual(rowOf('key-disabled', [reading({ key: unread('throttled') })])?.sweep, {
      ...none,
      couldNotTell: 1,
    });
    assert.deepEqual(rowOf('vault-deleted', [reading({ key: unread('forbidden') })])?.sweep, {
      ...none,
      policies: 1,
    });
  });
  it('takes events of the subscription, of the vault only where nothing else shows it, and the vault’s log', () => {
    const event = new Map([[subscriptionOf, 'wired' as const]]);
    const audit = new Map([[normalId(VAULT_ID), 'missing' as const]]);
    assert.equal(rowOf('vault-deleted', [reading()], { event })?.event.policies, 1);
    assert.deepEqual(rowOf('key-expired', [reading()], { event })?.event, {
      shows: true,
      policies: 0,
      couldNotTell: 1,
    });
    assert.deepEqual(rowOf('key-disabled', [reading()], { event, audit })?.event.shows, false);
    assert.deepEqual(rowOf('key-disabled', [reading()], { audit })?.audit, {
      shows: true,
      policies: 0,
      couldNotTell: 0,
    });
  });
  it('leaves out a policy whose key lies in a Managed HSM', () => {
    const hsm = reading({ policy: known(policy({ managedHsm: true })) });
    assert.equal(rowOf('key-disabled', [reading(), hsm])?.sweep.policies, 1);
  });
});
