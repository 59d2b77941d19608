/**
 * Where a policy's head is stored and as which version, in one text that whoever read it gives back with the commit.
 * Most heads are in the first place, and the text is their ETag. No ETag: nothing is there yet.
 */
export function versionOf({ place, etag = '' }: { place: number; etag?: string }): string {
  return place === 0 ? etag : `${place}|${etag}`;
}

export function fromVersion(version: string | undefined): { place: number; etag?: string } {
  const [, place, etag] = /^(\d+)\|(.*)$/s.exec(version ?? '') ?? [];
  if (place === undefined) return version === undefined ? { place: 0 } : { place: 0, etag: version };
  return etag ? { place: Number(place), etag } : { place: Number(place) };
}
