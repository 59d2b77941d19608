import { KEY_VAULT_API } from '../../shared/azure/key-vault.ts';
import type { Facts } from '../../shared/facts/facts.ts';
import { verifiedByPowerPlatform } from './assumptions-power-platform.ts';
import type { AzureReader } from './azure-reader.ts';
import { type Readable, vaultIdOf } from './readable.ts';
import type { VerifiedAssumption } from './report.ts';
import { evidenceAt, verified } from './verified-assumption.ts';

/** The only published version ("PowerPlatform-EnterprisePolicies" scripts). */
const POLICY_API = 'api-version=2020-10-30-preview';
/** Unpublished behaviour is the same for all policies; this many suffice to show it. */
const SAMPLES = 20;
/** No key has this name: the request is for the answer about a missing key. */
const NO_SUCH_KEY = 'lockwatch-doctor-asks-for-a-key-that-is-not-there';

/**
 * The rows of docs/unverified.md that reading a tenant can verify: the assumption, and this tenant's result.
 * It reads the raw answers, since the product's reader tolerates differences.
 */
export async function verifyAssumptions(
  azure: AzureReader,
  readable: Readable,
): Promise<VerifiedAssumption[]> {
  const chains = readable.chains.slice(0, SAMPLES);
  const [policies, keys, versions, vaults, missingKey, powerPlatform] = await Promise.all([
    bodies(
      azure,
      chains.map(({ policyId }) => policyId),
      POLICY_API,
    ),
    bodies(azure, chains.flatMap(keyIdOf), KEY_VAULT_API),
    Promise.all(chains.flatMap(keyIdOf).map((id) => azure.arm.list(`${id}/versions`, KEY_VAULT_API))),
    bodies(azure, readable.vaultIds.slice(0, SAMPLES), KEY_VAULT_API),
    Promise.all(
      readable.vaultIds.slice(0, 1).map((id) => azure.arm.get(`${id}/keys/${NO_SUCH_KEY}`, KEY_VAULT_API)),
    ),
    verifiedByPowerPlatform(azure, chains),
  ]);
  const listedVersions = versions.flatMap((outcome) => (outcome.kind === 'answered' ? outcome.value : []));
  return [
    principalId(policies),
    healthStatus(policies),
    disabledKey(chains, keys),
    versionList(listedVersions),
    missingKeyCode(missingKey[0]),
    softDelete(vaults),
    rotationPolicy(keys),
    locksBelow(chains),
    groupGrants(chains),
    ...powerPlatform,
  ];
}

function keyIdOf(chain: Facts): string[] {
  const keyName = chain.policy.state === 'known' ? chain.policy.value.keyName : undefined;
  return vaultIdOf(chain).flatMap((id) => (keyName === undefined ? [] : [`${id}/keys/${keyName}`]));
}

async function bodies(azure: AzureReader, ids: readonly string[], api: string): Promise<unknown[]> {
  const outcomes = await Promise.all(ids.map((id) => azure.arm.get(id, api)));
  return outcomes.flatMap((outcome) => (outcome.kind === 'answered' ? [outcome.value] : []));
}

function principalId(policies: readonly unknown[]): VerifiedAssumption {
  const isAt = (field: string) =>
    policies.filter((policy) => typeof evidenceAt(policy, 'identity', field) === 'string');
  const usual = isAt('principalId').length;
  const published = isAt('systemAssignedIdentityPrincipalId').length;
  return verified(
    'Where the policy’s principal id stands',
    'identity.principalId, or identity.systemAssignedIdentityPrincipalId',
    policies.length === 0 ? undefined : usual + published > 0,
    `of ${policies.length} policies, ${usual} have principalId and ${published} systemAssignedIdentityPrincipalId`,
  );
}

function healthStatus(policies: readonly unknown[]): VerifiedAssumption {
  const given = policies.map((policy) => evidenceAt(policy, 'properties', 'healthStatus'));
  const values = [...new Set(given.filter((one) => typeof one === 'string'))].sort();
  const documented = ['Undetermined', 'Healthy', 'Warning', 'Unhealthy'];
  return verified(
    '`healthStatus` on the wire',
    'one of the documented values, or absent, which is not healthy',
    policies.length === 0 ? undefined : values.every((value) => documented.includes(value)),
    `of ${given.length} policies, ${given.filter((one) => one !== undefined).length} have it${values.length > 0 ? `: ${values.join(', ')}` : ''}`,
  );
}

function disabledKey(chains: readonly Facts[], keys: readonly unknown[]): VerifiedAssumption {
  const disabled = keys.filter(
    (key) => evidenceAt(key, 'properties', 'attributes', 'enabled') === false,
  ).length;
  const offline = chains.filter(
    ({ key }) => key.state === 'known' && key.value.versions.every(({ enabled }) => !enabled),
  ).length;
  return verified(
    'GET of a disabled key',
    'answered like that of an enabled one; a 403 that says KeyDisabled is understood too',
    offline === 0 ? undefined : true,
    offline === 0
      ? 'no watched key is disabled'
      : disabled > 0
        ? `${disabled} disabled key(s) answered as others do`
        : 'a disabled key is refused, and read by its versions',
  );
}

function versionList(versions: readonly unknown[]): VerifiedAssumption {
  const detailed = versions.filter(
    (version) => evidenceAt(version, 'properties', 'keyOps') !== undefined,
  ).length;
  return verified(
    'List of key versions: type and operations',
    'not in the list, so the version in use is read besides',
    versions.length === 0 ? undefined : detailed === 0,
    `of ${versions.length} listed versions, ${detailed} have their operations`,
  );
}

function missingKeyCode(
  outcome: Awaited<ReturnType<AzureReader['arm']['get']>> | undefined,
): VerifiedAssumption {
  const refused = outcome?.kind === 'refused' ? outcome : undefined;
  const isTold = refused !== undefined && refused.status !== 401 && refused.status !== 403;
  return verified(
    'Error codes of a missing key and deleted vault (`KeyNotFound`, `DeletedVaultNotFound`)',
    'status 404; the code is not judged',
    isTold ? refused.status === 404 : undefined,
    refused ? `a key that is not there: ${refused.status} ${refused.code}`.trim() : 'no vault answered',
  );
}

function softDelete(vaults: readonly unknown[]): VerifiedAssumption {
  const given = vaults.filter(
    (vault) => typeof evidenceAt(vault, 'properties', 'enableSoftDelete') === 'boolean',
  ).length;
  return verified(
    '`enableSoftDelete` left out',
    'present; where it is left out, unknown',
    vaults.length === 0 ? undefined : given === vaults.length,
    `${given} of ${vaults.length} vaults have it`,
  );
}

function rotationPolicy(keys: readonly unknown[]): VerifiedAssumption {
  const given = keys.map((key) => evidenceAt(key, 'properties', 'rotationPolicy'));
  const isEmpty = (policy: unknown) => {
    const actions = evidenceAt(policy, 'lifetimeActions');
    return policy !== undefined && (!Array.isArray(actions) || actions.length === 0);
  };
  const present = given.filter((policy) => policy !== undefined && policy !== null).length;
  return verified(
    '`rotationPolicy` of a key',
    'absent where nothing rotates the key',
    present === 0 ? undefined : !given.some((policy) => policy !== null && isEmpty(policy)),
    `${present} of ${given.length} keys have one`,
  );
}

function locksBelow(chains: readonly Facts[]): VerifiedAssumption {
  const locks = chains.flatMap(({ protection }) =>
    [protection?.policyLocks, protection?.vaultLocks].flatMap((part) =>
      part?.state === 'known' ? part.value : [],
    ),
  );
  const below = locks.filter(({ scope }) => /\/resourcegroups\//i.test(scope)).length;
  return verified(
    'Locks listed for a subscription',
    'the list of a subscription holds the locks of its groups and resources',
    below === 0 ? undefined : true,
    below === 0
      ? 'no lock on a group or a resource was listed'
      : `${below} lock(s) of groups or resources are in it`,
  );
}

function groupGrants(chains: readonly Facts[]): VerifiedAssumption {
  const through = chains.filter(
    ({ permission }) =>
      permission.state === 'known' && permission.value.grants.some(({ viaGroup }) => viaGroup),
  ).length;
  return verified(
    '`assignedTo()` for a managed identity’s groups',
    'grants to a group of the identity’s are in the list',
    through === 0 ? undefined : true,
    through === 0 ? 'no grant through a group was listed' : `${through} policies are granted through a group`,
  );
}
