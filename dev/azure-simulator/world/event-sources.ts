import { sameId } from '../../../shared/azure/arm-id.ts';
import type { DeployedSource } from '../../expected-deployment/deployment.ts';
import type { World } from './world.ts';

/** The topic and event subscription that were deployed for a subscription or a vault. */
export function topicSourceOf(world: World, sourceId: string): DeployedSource | undefined {
  return world.deployed.sources.find((source) => sameId(source.sourceId, sourceId));
}

/** The diagnostic setting that was deployed for a vault, whether it still exists or not. */
export function auditSettingOf(
  world: World,
  vaultId: string,
): World['deployed']['auditSettings'][number] | undefined {
  return world.deployed.auditSettings.find((setting) => sameId(setting.vaultId, vaultId));
}
