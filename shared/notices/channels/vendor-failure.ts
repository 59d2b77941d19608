import type { SendResult } from '../notice.ts';
import { failureOf, type HttpPost, refusalOf } from './http-post.ts';

/**
 * What an error of one of Azure's libraries (`RestError`) means for a notice: the same as the answer behind it. The
 * error's own text may hold addresses and is not passed on.
 */
export function vendorFailure(
  error: unknown,
  about: { host: string; setting: string; meaning?: HttpPost['meaning'] },
): SendResult {
  const statusCode = fieldOf(error, 'statusCode');
  const code = fieldOf(error, 'code');
  const name = fieldOf(error, 'name');
  // A library knows one status of success; any other 2xx is one as well.
  if (typeof statusCode === 'number' && statusCode >= 200 && statusCode < 300)
    return { outcome: 'sent', detail: `Accepted by ${about.host} (${statusCode}).` };
  if (typeof statusCode === 'number')
    return refusalOf({
      ...about,
      status: statusCode,
      code: typeof code === 'string' ? code : undefined,
      retryAfter: headerOf(fieldOf(error, 'response'), 'retry-after'),
    });
  // The identity library's errors carry no answer of the service; all that is known is that there is no token.
  if (typeof name === 'string' && /Authentication|Credential/.test(name))
    return {
      outcome: 'failed',
      permanent: false,
      detail: `No token of the app's identity for ${about.host} (${name}). Check that the app has its managed identity.`,
    };
  return { outcome: 'failed', permanent: false, detail: `${about.host}: ${failureOf(error)}` };
}

function headerOf(response: unknown, name: string): string | undefined {
  const headers = fieldOf(response, 'headers');
  if (typeof headers !== 'object' || headers === null || !('get' in headers)) return undefined;
  const value: unknown = typeof headers.get === 'function' ? headers.get(name) : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** A named part of what may be anything; the libraries hide some of their errors' parts from enumeration. */
export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
