import type { Change } from '../change.ts';
import { type ArmChange, armChanges } from './arm-changes.ts';

/**
 * The changes of a resource whose id is known only after the plan is applied. What matters at no watched resource of
 * its type matters nowhere; what a body names itself is known. The rest may be about any chain.
 */
export function armChangesAtUnknown(type: unknown, change: Omit<ArmChange, 'id'>): Change[] {
  const { address } = change;
  const because = `${address} changes a resource whose id is known only after the plan is applied.`;
  const id = placeholderId(type);
  if (id === undefined) return [{ what: 'unjudged', address, because }];
  const found = armChanges({ ...change, id });
  const kept = found.flatMap((one): Change[] => {
    if (one.what === 'perimeterSet' || (one.what === 'unjudged' && one.network !== undefined)) return [one];
    if (one.what !== 'roleAssignmentAdded') return [];
    const { scope: _, ...rest } = one;
    return [rest];
  });
  return kept.length === found.length ? kept : [...kept, { what: 'unjudged', address, because }];
}

const NAME = '00000000-0000-0000-0000-000000000000';
const GROUP = `/subscriptions/${NAME}/resourceGroups/${NAME}`;

/** An id that a resource of this type could have. Undefined: the type is not known either. */
function placeholderId(type: unknown): string | undefined {
  if (typeof type !== 'string') return undefined;
  const [provider, ...names] = (type.split('@')[0] ?? '').split('/');
  if (provider === undefined || provider === '' || names.length === 0) return undefined;
  if (/^Microsoft\.Resources\/resourceGroups$/i.test(`${provider}/${names.join('/')}`)) return GROUP;
  const isOfTenant = /^Microsoft\.Management$/i.test(provider);
  return `${isOfTenant ? '' : GROUP}/providers/${provider}/${names.map((one) => `${one}/${NAME}`).join('/')}`;
}
