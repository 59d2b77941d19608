import type { IncomingRequest, SimulatorAnswer } from './serve.ts';

/** One page of a list, with `nextLink` to the next on the same host. */
export function page(items: unknown[], request: IncomingRequest, size: number): SimulatorAnswer {
  const from = Number(request.url.searchParams.get('$skiptoken') ?? 0) || 0;
  const value = items.slice(from, from + size);
  if (from + size >= items.length) return { status: 200, body: { value } };
  const next = new URL(request.url);
  next.searchParams.set('$skiptoken', `${from + size}`);
  return { status: 200, body: { value, nextLink: next.href } };
}
