import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { type GrantedRate, grantedRate } from './granted-rate.ts';
import { failure, type IncomingRequest, type Reply } from './serve.ts';

/**
 * A fault of a service, as data. `path`: text that the address must contain, case-insensitive; `*` matches
 * anything.
 */
export const faultRequest = z.strictObject({
  service: z.enum(['arm', 'powerPlatform', 'graph', 'identity']),
  path: z.string().default('*'),
  kind: z.enum(['throttle', 'error', 'hang', 'reset']),
  /** Of `error`; 500 where not set. */
  status: z.int().min(400).max(599).default(500),
  /** Of `throttle`, in seconds. */
  retryAfter: z.number().min(0).default(1),
  /** The number of requests that it affects; without it, all. */
  times: z.int().min(1).optional(),
  /** Of `throttle`: this rate is granted, and only requests beyond it are refused. */
  granted: z.strictObject({ capacity: z.number().min(1), perSecond: z.number().positive() }).optional(),
});
export type Fault = z.output<typeof faultRequest> & {
  id: string;
  /** The number of requests that it has affected. */
  met: number;
};

export interface Faults {
  add(fault: z.output<typeof faultRequest>): Fault;
  clear(): void;
  list(): Fault[];
  /** The reply of the fault that applies, if any, in place of the real one. */
  meet(service: Fault['service'], request: IncomingRequest): Reply | undefined;
}

export function createFaults(now: () => number): Faults {
  let faults: Fault[] = [];
  const rates = new Map<string, GrantedRate>();
  return {
    add(request) {
      const fault = { ...request, id: randomUUID(), met: 0 };
      faults.push(fault);
      if (fault.granted) rates.set(fault.id, grantedRate({ ...fault.granted, now }));
      return fault;
    },
    clear() {
      faults = [];
      rates.clear();
    },
    list: () => faults,
    meet(service, request) {
      const address = `${request.url.pathname}${request.url.search}`;
      const fault = faults.find(
        (candidate) => candidate.service === service && contains(address, candidate.path),
      );
      if (!fault) return undefined;
      const rate = rates.get(fault.id);
      if (rate && rate.take() === undefined) return undefined;
      fault.met += 1;
      if (fault.times !== undefined) fault.times -= 1;
      faults = faults.filter((candidate) => candidate.times !== 0);
      return replyOf(fault);
    },
  };
}

function replyOf(fault: Fault): Reply {
  switch (fault.kind) {
    case 'throttle':
      return failure(429, 'TooManyRequests', 'The request was throttled.', {
        'retry-after': `${fault.retryAfter}`,
      });
    case 'error':
      return failure(fault.status, 'InternalServerError', 'The server encountered an error.');
    default:
      return fault.kind;
  }
}

function contains(address: string, pattern: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(parts.join('.*'), 'i').test(decodeURIComponentSafely(address));
}

function decodeURIComponentSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A stray % is legal in a request's address; the pattern is then compared with the raw address.
    return text;
  }
}
