import type { DeployOptions } from './options.ts';

/**
 * The reason why `azd down` is refused, and the commands to run instead. It deletes whole resource groups,
 * and with `--force`, or in older versions, every group that a deployment wrote anything into: those of
 * watched vaults and of reused topics too (Azure/azure-dev, issue 2916). Lockwatch's own groups are named one
 * by one instead. Pure.
 */
export function insteadOfDown(
  {
    hostSubscription,
    watchedSubscriptions,
  }: Pick<DeployOptions, 'hostSubscription' | 'watchedSubscriptions'>,
  group: string,
): string {
  const events = watchedSubscriptions.length > 0 ? watchedSubscriptions : [hostSubscription];
  const commands = [
    deletion(group, hostSubscription),
    ...events.map((id) => deletion(`${group}-events`, id)),
  ];
  return [
    'azd down is not used here: it could delete the resource groups of watched vaults and of topics that are not ours.',
    "Before these, take away what hangs on yours (docs/deploy.md, Uninstall). Then delete Lockwatch's own groups; one that is not there was never made:",
    ...commands.map((command) => `  ${command}`),
  ].join('\n');
}

function deletion(group: string, subscription: string): string {
  return `az group delete --subscription ${subscription} --name ${group}`;
}
