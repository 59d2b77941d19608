import { armIdIn } from './json-values.ts';

/**
 * The resource at which a change that nothing here judges could matter: a subscription, a resource group, a management
 * group, a key vault or an enterprise policy, or one that such a resource is extended by (an Azure Policy assignment, a template deployment).
 * Undefined for every other one, whose id then leaves the machine neither.
 */
export function watchedScope(value: unknown): string | undefined {
  const id = armIdIn(value);
  if (id === undefined) return undefined;
  const extended = EXTENDING.exec(id)?.[1];
  // A subscription that is moved to another management group inherits other grants and policies.
  const moved = /^\/providers\/Microsoft\.Management\/managementGroups\/[^/]+(\/subscriptions\/[^/]+)$/i.exec(
    id,
  )?.[1];
  const scope = extended ?? moved ?? id;
  return SCOPES.some((pattern) => pattern.test(scope)) ? scope : undefined;
}

/** Resources that act at the scope before their provider. A deleted vault or HSM can still be purged, which is final. */
const EXTENDING =
  /^(.*?)\/providers\/(?:Microsoft\.Authorization\/[^/]+|Microsoft\.Resources\/(?:deployments|deploymentStacks)|Microsoft\.KeyVault\/locations\/[^/]+\/deleted(?:Vaults|ManagedHSMs))\/[^/]+$/i;

const GROUP = `^/subscriptions/[^/]+/resourceGroups/[^/]+`;
const SCOPES: readonly RegExp[] = [
  /^\/subscriptions\/[^/]+$/i,
  new RegExp(`${GROUP}$`, 'i'),
  /^\/providers\/Microsoft\.Management\/managementGroups\/[^/]+$/i,
  new RegExp(`${GROUP}/providers/Microsoft\\.KeyVault/(?:vaults|managedHSMs)/[^/]+$`, 'i'),
  new RegExp(`${GROUP}/providers/Microsoft\\.PowerPlatform/enterprisePolicies/[^/]+$`, 'i'),
];

export function vaultIdIn(value: unknown): string | undefined {
  const id = armIdIn(value);
  return id !== undefined && VAULT.test(id) ? id : undefined;
}
const VAULT = new RegExp(`${GROUP}/providers/Microsoft\\.KeyVault/vaults/[^/]+$`, 'i');
