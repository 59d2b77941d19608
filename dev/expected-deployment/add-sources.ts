import { sameId } from '../../shared/azure/arm-id.ts';
import { guidOf } from '../azure-simulator/world/ids.ts';
import type { World } from '../azure-simulator/world/world.ts';
import type { DeployedSource, Deployment } from './deployment.ts';

/**
 * The scenario watches Contoso; a run may add subscriptions and vaults to it. Each of these gets the
 * resources that the deployment creates for the first of its kind, as main.bicep's loops would. `audited`:
 * 'region', the vaults of the event hub's own region, as Azure requires and main.bicep does; 'all' for tests
 * of the audit log itself.
 */
export function addSources(deployment: Deployment, world: World, audited: 'region' | 'all'): Deployment {
  const wide = structuredClone(deployment);
  for (const { id, watched } of world.subscriptions)
    if (watched) addSource(wide, 'Microsoft.Resources.Subscriptions', `/subscriptions/${id}`, 'global');
  for (const vault of world.vaults) {
    if (vault.eventSubscription) addSource(wide, 'Microsoft.KeyVault.vaults', vault.id, vault.location);
    if (vault.auditLog) addAuditSetting(wide, vault, audited);
  }
  return wide;
}

function addSource(
  wide: Deployment,
  topicType: DeployedSource['topicType'],
  sourceId: string,
  location: string,
): void {
  const like = wide.sources.find((one) => one.topicType === topicType);
  if (like === undefined || wide.sources.some((one) => sameId(one.sourceId, sourceId))) return;
  const name = `egst-lockwatch-${sourceId.split('/').at(-1)}`;
  const group = `${sourceId.split('/').slice(0, 3).join('/')}/resourceGroups/rg-lockwatch-events`;
  const topicId = `${group}/providers/Microsoft.EventGrid/systemTopics/${name}`;
  const source = structuredClone({ ...like, sourceId, topicId, location });
  source.eventSubscription.id = like.eventSubscription.id.replace(like.topicId, topicId);
  wide.sources.push(source);
  for (const grant of wide.grants.filter(({ to }) => to.kind === 'topic' && to.topicId === like.topicId))
    wide.grants.push({ ...grant, to: { kind: 'topic', topicId } });
  if (topicType === 'Microsoft.Resources.Subscriptions') addReadingRight(wide, like.sourceId, sourceId);
}

function addReadingRight(wide: Deployment, like: string, scope: string): void {
  for (const role of wide.roles.filter((one) => sameId(one.scope, like))) {
    const id = guidOf(`${role.id} ${scope}`);
    wide.roles.push({ ...structuredClone(role), id, scope, name: role.name.replace(like, scope) });
    for (const grant of wide.grants.filter((one) => one.roleId === role.id && sameId(one.scope, like)))
      wide.grants.push({ ...grant, id: `${grant.id} ${scope}`, scope, roleId: id });
  }
}

function addAuditSetting(
  wide: Deployment,
  { id: vaultId, location }: { id: string; location: string },
  audited: 'region' | 'all',
): void {
  const [like] = wide.auditSettings;
  if (like === undefined || wide.auditSettings.some((one) => sameId(one.vaultId, vaultId))) return;
  const isNear = wide.namespaces.some((namespace) => namespace.location.toLowerCase() === location);
  if (audited === 'region' && !isNear) return;
  wide.auditSettings.push({ ...like, vaultId, id: like.id.replace(like.vaultId, vaultId) });
}
