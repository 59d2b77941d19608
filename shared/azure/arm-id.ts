/** ARM ids compare case-insensitively, and a trailing slash is ignored (DOMAIN: ARM). */
export function normalId(id: string): string {
  return withoutEndSlashes(id.trim().toLowerCase());
}

/** A pattern for slashes at the end would look at each run of slashes once for every slash in it. */
export function withoutEndSlashes(text: string): string {
  let end = text.length;
  while (text[end - 1] === '/') end -= 1;
  return text.slice(0, end);
}

export function sameId(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return a === b || normalId(a) === normalId(b);
}

/** True where `inner` is `outer` itself or below it. */
export function isUnder(inner: string, outer: string): boolean {
  const child = normalId(inner);
  const parent = normalId(outer);
  return child === parent || child.startsWith(`${parent}/`);
}

/** The parts of an ARM id that the product needs, as spelled in the id. */
export interface ArmIdParts {
  subscriptionId?: string;
  resourceGroup?: string;
  /** The last resource name in the id. */
  name: string;
}

export function armIdParts(id: string): ArmIdParts {
  const segments = withoutEndSlashes(id).split('/');
  const first = segments[0] === '' ? 1 : 0;
  const isIn = segments[first]?.toLowerCase() === 'subscriptions';
  const group = segments.findIndex((one, n) => n > 0 && one.toLowerCase() === 'resourcegroups');
  return {
    subscriptionId: (isIn && segments[first + 1]) || undefined,
    resourceGroup: (group > 0 && segments[group + 1]) || undefined,
    name: segments.at(-1) ?? '',
  };
}

/**
 * The path of an ARM id. Undefined where it is not one: ids are untrusted, and must not lead to another
 * address or another resource ('..', '?', '//').
 */
export function armPath(id: string): string | undefined {
  const segments = withoutEndSlashes(id.trim()).split('/');
  if (segments.shift() !== '' || segments.length === 0 || id.length > 2048) return undefined;
  const isName = (segment: string) =>
    segment !== '' &&
    segment !== '.' &&
    segment !== '..' &&
    segment.isWellFormed() &&
    !FORBIDDEN.test(segment);
  return segments.every(isName) ? `/${segments.map(encodeURIComponent).join('/')}` : undefined;
}

/** Azure docs, "Naming rules": no resource name holds any of these. */
const FORBIDDEN = /[\p{Cc}\\?#%&<>]/u;
