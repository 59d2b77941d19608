import { armIdParts, normalId, sameId } from '../../azure/arm-id.ts';
import { policyKey } from '../../incidents/ids.ts';
import type { Ports, Watched } from '../../pipeline/ports.ts';
import { ProblemError } from '../problem.ts';

type WatchedPort = Pick<Ports, 'watched'>;

/**
 * The policy that an address names: by its key, its ARM id, or its name where that is unique. Throws
 * `ProblemError`.
 */
export async function findPolicy(named: string, ports: WatchedPort): Promise<string> {
  return onlyPolicy(
    await lookTwice(ports, ({ policies }) => policies.filter((id) => isPolicy(id, named))),
    named,
  );
}

/** The one policy that was found by this name. Throws `ProblemError` where there is none, or more than one. */
export function onlyPolicy(found: readonly string[], named: string): string {
  const [policyId, ...others] = found;
  if (policyId === undefined)
    throw new ProblemError(
      'not-found',
      `There is no policy '${named.slice(0, 200)}'. /api/status lists those that are watched, each with its key.`,
    );
  if (others.length > 0)
    throw new ProblemError(
      'not-possible-now',
      `${found.length} policies bear the name '${named.slice(0, 100)}'. Use the key of the one you mean: ${listed(found)}.`,
    );
  return policyId;
}

/**
 * The policies whose key is in the vault, and the vault's spelling. Throws `ProblemError` where there is none.
 */
export async function policiesOfVault(
  named: string,
  ports: WatchedPort,
): Promise<{ vaultId: string; policyIds: string[] }> {
  const found = await lookTwice(ports, ({ policies, hints }) =>
    policies.flatMap((policyId) => {
      const vaultId = hints.get(normalId(policyId))?.vaultId;
      return vaultId !== undefined && isVault(vaultId, named) ? [{ policyId, vaultId }] : [];
    }),
  );
  const [first] = found;
  if (!first) throw noSuchVault(named);
  return { vaultId: first.vaultId, policyIds: found.map(({ policyId }) => policyId) };
}

export function noSuchVault(named: string): ProblemError {
  return new ProblemError(
    'not-found',
    `No watched policy has its key in a vault '${named.slice(0, 200)}'. /api/status names the vault of each.`,
  );
}

/** The cached list may be half a minute old: a policy that is not in it is looked up again. */
async function lookTwice<T>(ports: WatchedPort, look: (watched: Watched) => T[]): Promise<T[]> {
  const found = look(await ports.watched());
  return found.length > 0 ? found : look(await ports.watched(true));
}

/** By its key, its ARM id or its name. */
export function isPolicy(policyId: string, named: string): boolean {
  if (named.includes('/')) return sameId(policyId, asId(named));
  const wanted = named.toLowerCase();
  return policyKey(policyId) === wanted || armIdParts(policyId).name.toLowerCase() === wanted;
}

/** Names of vaults are unique in all of Azure. */
export function isVault(vaultId: string, named: string): boolean {
  if (named.includes('/')) return sameId(vaultId, asId(named));
  return armIdParts(vaultId).name.toLowerCase() === named.toLowerCase();
}

/** An id loses its first slash where an address contains it unencoded. */
function asId(named: string): string {
  return `/${named.replace(/^\/+/, '')}`;
}

function listed(policyIds: readonly string[]): string {
  const shown = policyIds.slice(0, 5).map((id) => `${policyKey(id)} (${id})`);
  return policyIds.length > 5 ? `${shown.join(', ')} and ${policyIds.length - 5} more` : shown.join(', ');
}
