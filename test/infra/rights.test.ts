import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isOfTheApp } from '../../dev/expected-deployment/from-snapshot.ts';
import { assignmentPlace, PRINCIPAL } from '../../dev/expected-deployment/role-assignment.ts';
import {
  DEPLOYMENTS,
  type Deployment,
  deployment,
  listAt,
  type SnapshotResource,
  textAt,
} from './deployment.ts';

/** "Azure built-in roles": what each of the granted ones may do, as far as it matters here. */
const ROLES: Readonly<Record<string, string>> = {
  'acdd72a7-3385-48ef-bd42-f606fba81ae7': 'Reader',
  'b7e6dc6d-f1e8-4753-8033-0f276bb0955b': 'Storage Blob Data Owner',
  'ba92f5b4-2d11-453d-a403-e96b0029c9fe': 'Storage Blob Data Contributor',
  '974c5e8b-45b9-4653-ba55-5f855dd0fb88': 'Storage Queue Data Contributor',
  'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a': 'Storage Queue Data Message Sender',
  '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3': 'Storage Table Data Contributor',
  '4633458b-17de-408a-b874-0445c86b69e6': 'Key Vault Secrets User',
  'b86a8fe4-44ce-4948-aee5-eccb2c155cd7': 'Key Vault Secrets Officer',
  'a638d3c7-ab3a-418d-83e6-5f17a39d4fde': 'Azure Event Hubs Data Receiver',
  '3913510d-42f4-4e42-8a64-420c390055eb': 'Monitoring Metrics Publisher',
  '09976791-48a7-449e-bb21-39d1a415f350': 'Communication and Email Service Owner',
};

/** Who gets which role where: whatever the deployment grants stands here, or the test fails. */
const HOST = [
  'app | Storage Blob Data Owner | own storage account',
  'app | Storage Queue Data Contributor | own storage account',
  'app | Storage Table Data Contributor | own storage account',
  'app | Monitoring Metrics Publisher | own Application Insights',
  'app | Key Vault Secrets User | own key vault',
];
const READING = 'app | Lockwatch reading | subscription';
const TOPIC = [
  'topic | Storage Queue Data Message Sender | own queue lockwatch-signals',
  'topic | Storage Blob Data Contributor | own container dead-letters',
];
const RECEIVING = 'app | Azure Event Hubs Data Receiver | own event hub';
const MAILING = 'app | Communication and Email Service Owner | own Communication Services';
const times = (count: number, rows: readonly string[]) => Array.from({ length: count }, () => rows).flat();

const TABLE: Readonly<Record<string, readonly string[]>> = {
  minimal: [...HOST, READING, ...TOPIC],
  'function-keys': [...HOST, READING, ...times(2, TOPIC)],
  'without-azd': [...HOST, READING, ...times(2, TOPIC)],
  'several-subscriptions': [...HOST, ...times(3, ['app | Reader | subscription', ...TOPIC])],
  // Two of the three sources have topics; the right to read comes from the management group.
  'topic-reused': [...HOST, ...times(3, TOPIC)],
  'audit-log': [...HOST, READING, ...times(3, TOPIC), RECEIVING],
  'audit-log-two-regions': [...HOST, READING, ...times(4, TOPIC), ...times(2, [RECEIVING])],
  'local-stack': [...HOST, ...times(2, [READING]), ...times(5, TOPIC), RECEIVING],
  email: [...HOST, READING, ...TOPIC, MAILING],
  // The right to send is one in Microsoft Graph, or in Exchange: docs/deploy.md.
  'graph-mail': [...HOST, READING, ...TOPIC],
  // Pushed events need no right on the queue; undeliverable ones are kept all the same.
  push: [
    ...HOST,
    READING,
    ...times(2, ['topic | Storage Blob Data Contributor | own container dead-letters']),
  ],
  'existing-network': [...HOST, READING, ...times(2, TOPIC), RECEIVING],
  'existing-network-without-zones': [...HOST, READING, ...TOPIC],
  'private-network': [...HOST, READING, ...times(2, TOPIC), RECEIVING],
  // The owners of the watched subscriptions grant the rest: test/tools/doctor/owner-tasks.test.ts.
  'separate-duties': [...HOST, RECEIVING],
  'tags-and-names': [...HOST, READING, ...times(2, TOPIC), RECEIVING, MAILING],
  'national-cloud': [...HOST, READING, ...times(2, TOPIC), RECEIVING],
  prevention: [...HOST, ...times(2, [READING]), ...times(4, TOPIC)],
  everything: [
    ...HOST,
    'person | Key Vault Secrets Officer | own key vault',
    ...times(2, [READING]),
    ...times(4, TOPIC),
    RECEIVING,
    MAILING,
  ],
};

const ASSIGNMENT = 'Microsoft.Authorization/roleAssignments';

function rowOf(deployed: Deployment, assignment: SnapshotResource): string {
  const { properties } = assignment;
  return [
    whoOf(textAt(properties, 'principalId')),
    roleOf(deployed, textAt(properties, 'roleDefinitionId')),
    whereOf(assignmentPlace(assignment).scope, String(deployed.outputs.AZURE_RESOURCE_GROUP)),
  ].join(' | ');
}

function whoOf(principalId: string): string {
  if (/systemTopics\/|outputs\.principalId/.test(principalId) && /systemTopics/.test(principalId))
    return 'topic';
  return isOfTheApp(principalId) ? 'app' : 'person';
}

function roleOf(deployed: Deployment, definitionId: string): string {
  const id = definitionId.split('/').at(-1) ?? '';
  const own = deployed.of('Microsoft.Authorization/roleDefinitions').find(({ name }) => name === id);
  return own
    ? textAt(own.properties, 'roleName').replace(/ \(.*/, '')
    : (ROLES[id] ?? `a role that is in no table: ${id}`);
}

function whereOf(scope: string, appGroup: string): string {
  if (/^\/subscriptions\/[^/]+$/.test(scope)) return 'subscription';
  const KINDS: readonly [RegExp, string][] = [
    [/\/queues\/([^/]+)$/, 'own queue'],
    [/\/containers\/([^/]+)$/, 'own container'],
    [/\/storageAccounts\/stlockwatch[^/]+$/, 'own storage account'],
    [/\/components\/appi-lockwatch[^/]+$/, 'own Application Insights'],
    [/\/vaults\/kv-lockwatch-[^/]+$/, 'own key vault'],
    [/\/namespaces\/evhns-lockwatch-[^/]+\/eventhubs\/lockwatch-audit$/, 'own event hub'],
    [/\/communicationServices\/acs-lockwatch-[^/]+$/, 'own Communication Services'],
  ];
  for (const [pattern, kind] of KINDS) {
    const match = pattern.exec(scope);
    if (match && scope.includes(`/resourceGroups/${appGroup}/`))
      return [kind, match[1]].filter(Boolean).join(' ');
  }
  return `somewhere that is in no table: ${scope}`;
}

describe('what the deployment grants', () => {
  for (const deployed of DEPLOYMENTS)
    it(`is the table and nothing else: ${deployed.name}`, () => {
      const rows = deployed.of(ASSIGNMENT).map((one) => rowOf(deployed, one));
      assert.deepEqual(rows.sort(), [...(TABLE[deployed.name] ?? [])].sort());
    });

  it('has a name of its own for each grant, the same in each run of the same scope, principal and role', () => {
    // What is known only in the deployment is its principal: an identity that is made anew gets another name.
    const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
    for (const deployed of DEPLOYMENTS) {
      const ids = deployed.of(ASSIGNMENT).map(({ id }) => id);
      assert.equal(new Set(ids).size, ids.length);
      for (const assignment of deployed.of(ASSIGNMENT)) {
        const { scope, name } = assignmentPlace(assignment);
        const roleId = textAt(assignment.properties, 'roleDefinitionId').split('/').at(-1);
        if (whoOf(textAt(assignment.properties, 'principalId')) === 'person') assert.match(name, guid);
        else assert.equal(name, `[guid('${scope}', ${PRINCIPAL}, '${roleId}')]`, assignment.id);
      }
    }
  });
});

describe('the custom role', () => {
  const roles = [...DEPLOYMENTS, deployment('management-group')].flatMap((deployed) =>
    deployed.of('Microsoft.Authorization/roleDefinitions'),
  );

  it('only reads, and only the control plane', () => {
    for (const { properties } of roles) {
      const permissions = listAt(properties, 'permissions');
      assert.equal(permissions.length, 1);
      for (const action of listAt(permissions[0], 'actions'))
        assert.match(String(action), /^Microsoft\.[A-Za-z]+\/[^*]+\/read$/);
      for (const others of ['dataActions', 'notActions', 'notDataActions'])
        assert.deepEqual(listAt(permissions[0], others), []);
    }
  });

  it('may be assigned where it is made, and nowhere else', () => {
    for (const { id, properties } of roles)
      assert.deepEqual(listAt(properties, 'assignableScopes'), [
        id.slice(0, id.lastIndexOf('/providers/Microsoft.Authorization/')),
      ]);
  });

  it('is the same at a management group as in a subscription', () => {
    const [atGroup] = deployment('management-group').of('Microsoft.Authorization/roleDefinitions');
    const [inSubscription] = deployment('minimal').of('Microsoft.Authorization/roleDefinitions');
    assert.deepEqual(atGroup?.properties.permissions, inSubscription?.properties.permissions);
  });
});
