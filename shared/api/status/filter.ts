import { isUnder, normalId, sameId } from '../../azure/arm-id.ts';

/**
 * True where this ARM id is the wanted one, or contains it (a vault contains its keys), or has the wanted
 * name.
 */
export function isNamed(id: string, wanted: string): boolean {
  if (wanted.includes('/')) return sameId(id, wanted) || isUnder(wanted, id);
  return normalId(id).split('/').at(-1) === wanted.toLowerCase();
}
