import type { IncomingRequest, SimulatorAnswer } from './serve.ts';

/**
 * One page of a list, with the address of the next: on the same host, or on that of a region of the service
 * (one label before its own).
 */
export function page(
  items: unknown[],
  request: IncomingRequest,
  size: number,
  { linkName = 'nextLink', region }: { linkName?: string; region?: string } = {},
): SimulatorAnswer {
  const from = Number(request.url.searchParams.get('$skiptoken') ?? 0) || 0;
  const value = items.slice(from, from + size);
  if (from + size >= items.length) return { status: 200, body: { value } };
  const next = new URL(request.url);
  next.searchParams.set('$skiptoken', `${from + size}`);
  if (region !== undefined && !next.hostname.startsWith(`${region}.`))
    next.hostname = `${region}.${next.hostname}`;
  return { status: 200, body: { value, [linkName]: next.href } };
}
