/** ARM ids compare case-insensitively, and a trailing slash is ignored (DOMAIN: ARM). */
export function normalId(id: string): string {
  return id.trim().toLowerCase().replace(/\/+$/, '');
}

export function sameId(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && normalId(a) === normalId(b);
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
  const subscriptionId = /^\/?subscriptions\/([^/]+)/i.exec(id)?.[1];
  const resourceGroup = /\/resourceGroups\/([^/]+)/i.exec(id)?.[1];
  const name = id.replace(/\/+$/, '').split('/').at(-1) ?? '';
  return { subscriptionId, resourceGroup, name };
}
