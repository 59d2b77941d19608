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
  return combined.sort(
    (one, other) =>
      HOW_HELD.indexOf(one.how) - HOW_HELD.indexOf(other.how) ||
      one.principalId.localeCompare(other.principalId),
  );
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
