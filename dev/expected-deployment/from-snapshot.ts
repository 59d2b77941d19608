import { type Deployment, deploymentSchema } from './deployment.ts';
import { assignmentPlace } from './role-assignment.ts';
import { at, listAt, type Snapshot, type SnapshotResource, textAt } from './snapshot.ts';

/**
 * The part of a snapshot that the Azure simulator applies. Throws where the snapshot has something that it
 * can't apply (another kind of filter or destination, an unknown principal): it must never be omitted
 * silently.
 */
export function deploymentOf(snapshot: Snapshot): Deployment {
  const { of } = snapshot;
  const childrenOf = (service: string, type: string) =>
    of(`Microsoft.Storage/storageAccounts/${service}/${type}`).map(lastPart);
  return deploymentSchema.parse({
    sources: of('Microsoft.EventGrid/systemTopics/eventSubscriptions').map((one) => sourceOf(snapshot, one)),
    roles: of('Microsoft.Authorization/roleDefinitions').map(roleOf),
    grants: of('Microsoft.Authorization/roleAssignments').map(grantOf),
    queues: childrenOf('queueServices', 'queues'),
    tables: childrenOf('tableServices', 'tables'),
    auditSettings: of('Microsoft.Insights/diagnosticSettings')
      .filter(({ properties }) => properties.eventHubName !== undefined)
      .map(auditSettingOf),
    namespaces: of('Microsoft.EventHub/namespaces'),
    rules: of('Microsoft.EventHub/namespaces/authorizationRules'),
    hubs: of('Microsoft.EventHub/namespaces/eventhubs'),
  });
}

function sourceOf({ name, of }: Snapshot, { id, properties }: SnapshotResource) {
  const topicId = before(id, '/eventSubscriptions/');
  const topic = of('Microsoft.EventGrid/systemTopics').find((one) => one.id === topicId);
  if (!topic) throw new Error(`${name}: the topic ${topicId} is not deployed, so its source is not known.`);
  const { source: sourceId, topicType } = topic.properties;
  return { sourceId, topicId, topicType, location: topic.location, eventSubscription: { id, properties } };
}

function roleOf({ id, name, properties }: SnapshotResource) {
  const permissions = at(properties, 'permissions', 0);
  const list = (key: string) => listAt(permissions, key);
  return {
    id: name,
    name: textAt(properties, 'roleName'),
    description: textAt(properties, 'description'),
    scope: before(id, '/providers/Microsoft.Authorization/'),
    actions: list('actions'),
    notActions: list('notActions'),
    dataActions: list('dataActions'),
    notDataActions: list('notDataActions'),
  };
}

function grantOf(assignment: SnapshotResource) {
  const { scope, name } = assignmentPlace(assignment);
  const { properties } = assignment;
  return {
    id: name,
    scope,
    to: granteeOf(textAt(properties, 'principalId'), name),
    roleId: textAt(properties, 'roleDefinitionId').split('/').at(-1),
  };
}

/** Azure assigns the object ids of identities: a snapshot names them by the resource that they belong to. */
function granteeOf(principalId: string, grantId: string) {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(principalId))
    return { kind: 'principal', objectId: principalId };
  const topicId = /^\[reference\('([^']+\/systemTopics\/[^'/]+)',[^)]*\)\.identity\.principalId\]$/.exec(
    principalId,
  )?.[1];
  if (topicId !== undefined) return { kind: 'topic', topicId };
  if (isOfTheApp(principalId)) return { kind: 'app' };
  throw new Error(`It is not known whom ${grantId} is for: ${principalId}`);
}

/**
 * Whether a snapshot's principal is the app's identity: as an output of its module, or, where main.bicep is a module
 * itself, as the identity's own.
 */
export function isOfTheApp(principalId: string): boolean {
  return /^\[reference\((resourceId\(.*format\('identity-\{0\}'.*\)\.outputs\.principalId\.value|'[^']+\/userAssignedIdentities\/[^']+', '[^']+'\)\.principalId)\]$/.test(
    principalId,
  );
}

function auditSettingOf({ id, properties }: SnapshotResource) {
  const namespaceId = before(textAt(properties, 'eventHubAuthorizationRuleId'), '/authorizationRules/');
  return {
    id,
    vaultId: before(id, '/providers/Microsoft.Insights/'),
    hubId: `${namespaceId}/eventhubs/${textAt(properties, 'eventHubName')}`,
    properties,
  };
}

function lastPart({ id }: SnapshotResource): string {
  return id.split('/').at(-1) ?? id;
}

function before(text: string, mark: string): string {
  return text.slice(0, text.lastIndexOf(mark));
}
