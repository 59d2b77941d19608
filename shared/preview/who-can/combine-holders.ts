import { compareText } from '../../compare-text.ts';
import { HOW_HELD, type Holder, type Holders, type RightSource } from './holders.ts';

/**
 * Who holds all of these rights. Somebody who holds one directly and another through a group is under neither: whose
 * member they are is not known here.
 */
export function holdersOfAll(each: readonly Holders[]): Holder[] {
  const [first, ...others] = each;
  const combined = [...(first?.values() ?? [])].flatMap((holder): Holder[] => {
    const rest = others.map((one) => one.get(holder.principalId));
    const all = [holder, ...rest.flatMap((one) => (one ? [one] : []))];
    return all.length === each.length ? [together(holder, all)] : [];
  });
  return combined.sort(byHow);
}

function byHow(one: Holder, other: Holder): number {
  const rank = HOW_HELD.indexOf(one.how) - HOW_HELD.indexOf(other.how);
  return rank || compareText(one.principalId, other.principalId);
}

/** Who is on any of these lists, as they hold it most freely. */
export function holdersOfAny(lists: readonly (readonly Holder[])[]): Holder[] {
  if (lists.length === 1) return [...(lists[0] ?? [])];
  const found = new Map<string, Holder>();
  for (const holder of lists.flat().sort(byHow))
    if (!found.has(holder.principalId)) found.set(holder.principalId, holder);
  return [...found.values()];
}

function together(holder: Holder, all: readonly Holder[]): Holder {
  const how = HOW_HELD.findLast((one) => all.some((each) => each.how === one)) ?? holder.how;
  const through = new Map<string, RightSource>();
  for (const source of all.flatMap((one) => one.through)) through.set(`${source.by} ${source.id}`, source);
  return {
    ...holder,
    how,
    through: [...through.values()],
    perhapsDenied: [...new Set(all.flatMap((one) => one.perhapsDenied))],
  };
}
