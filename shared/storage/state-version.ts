/**
 * The place and version of a policy's stored state, in one text that a reader passes back with the commit.
 * Most states are in the first place, and the text is their ETag. No ETag: nothing is stored yet.
 */
export function versionOf({ place, etag = '' }: { place: number; etag?: string }): string {
  return place === 0 ? etag : `${place}|${etag}`;
}

export function fromVersion(version: string | undefined): { place: number; etag?: string } {
  const [, place, etag] = /^(\d+)\|(.*)$/s.exec(version ?? '') ?? [];
  if (place === undefined) return version === undefined ? { place: 0 } : { place: 0, etag: version };
  return etag ? { place: Number(place), etag } : { place: Number(place) };
}
