import { armIdParts } from '../../azure/arm-id.ts';
import type { PolicyRights } from '../../facts/rights.ts';
import { policyKey } from '../../incidents/ids.ts';
import { cannotSee } from '../../preview/who-can/cannot-see.ts';
import type { Holder } from '../../preview/who-can/holders.ts';
import { whoCan } from '../../preview/who-can/who-can.ts';
import { whoCanHelp } from '../../preview/who-can/who-can-help.ts';
import type { TriggerId } from '../../triggers/finding.ts';
import type { ReadPorts } from '../endpoint.ts';

export async function whoCanAnswer(
  rights: readonly PolicyRights[],
  triggers: readonly TriggerId[] | undefined,
  { clock, actorNames }: Pick<ReadPorts, 'clock' | 'actorNames'>,
) {
  const operations = whoCan(rights);
  const help = triggers === undefined ? null : rights.flatMap((one) => whoCanHelp(one, triggers));
  const holders = [...operations, ...(help ?? [])].flatMap((one) => one.holders);
  const types = typesOf(holders);
  const unnamed = [...types].flatMap(([id, type]) => (isGroup(type) ? [] : [id]));
  await actorNames?.ask(unnamed);
  return {
    answeredAt: clock.now(),
    asOf: rights.map(({ facts }) => facts.readAt).sort()[0] ?? null,
    policies: rights.map(({ facts: { policyId } }) => ({
      id: policyId,
      key: policyKey(policyId),
      name: armIdParts(policyId).name,
    })),
    operations: operations.map(withoutType),
    help: help?.map(withoutType) ?? null,
    principals: [...types].map(([id, type]) => {
      const found = actorNames?.known(id) ?? identityName(rights, id);
      return { id, type: type ?? typeOf(found?.kind), isGroup: isGroup(type), name: found?.name ?? null };
    }),
    cannotSee: cannotSee(rights),
  };
}

/** By object id. A principal's type is known where a role assignment names it. */
function typesOf(holders: readonly Holder[]): Map<string, string | undefined> {
  const types = new Map<string, string | undefined>();
  for (const { principalId, principalType } of holders)
    types.set(principalId, types.get(principalId) ?? principalType);
  return types;
}

function isGroup(type: string | undefined): boolean {
  return type?.toLowerCase() === 'group';
}

function typeOf(kind: 'user' | 'application' | undefined): string | null {
  if (kind === undefined) return null;
  return kind === 'user' ? 'User' : 'ServicePrincipal';
}

/** The policies' own identities are known without a directory. */
function identityName(rights: readonly PolicyRights[], id: string) {
  const own = rights.find(
    ({ facts: { policy } }) => policy.state === 'known' && policy.value.principalId?.toLowerCase() === id,
  );
  return own && { name: `identity of ${armIdParts(own.facts.policyId).name}`, kind: 'application' as const };
}

function withoutType<T extends { holders: Holder[] }>({ holders, ...rest }: T) {
  return { ...rest, holders: holders.map(({ principalType: _, ...holder }) => holder) };
}
