/**
 * Distributes `places` over groups of these sizes: every group gets the same number, up to its size. So a
 * large policy does not displace a small one from a message.
 */
export function share(places: number, sizes: readonly number[]): number[] {
  const shares = sizes.map(() => 0);
  let left = places;
  let hungry = sizes.map((_, index) => index).filter((index) => (sizes[index] ?? 0) > 0);
  while (left > 0 && hungry.length > 0) {
    const each = Math.max(1, Math.floor(left / hungry.length));
    for (const index of hungry) {
      const more = Math.min(each, left, (sizes[index] ?? 0) - (shares[index] ?? 0));
      shares[index] = (shares[index] ?? 0) + more;
      left -= more;
    }
    hungry = hungry.filter((index) => (shares[index] ?? 0) < (sizes[index] ?? 0));
  }
  return shares;
}
