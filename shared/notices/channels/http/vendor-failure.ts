import { nameOfError } from '../../../telemetry/error-name.ts';
import type { SendResult } from '../../notice.ts';
import { answered, failureOf, type HttpPost } from './http-post.ts';
import { withoutToken } from './token.ts';

/**
 * Interprets an error of one of Azure's libraries (`RestError`) like the answer behind it. The error's own
 * text may contain addresses and is not passed on. A library expects one success status; any other 2xx is a
 * success as well.
 */
export function vendorFailure(
  error: unknown,
  about: { host: string; setting: string; meaning?: HttpPost['meaning'] },
): SendResult {
  const statusCode = fieldOf(error, 'statusCode');
  const code = fieldOf(error, 'code');
  const name = fieldOf(error, 'name');
  const response = fieldOf(error, 'response');
  if (typeof statusCode === 'number') {
    const text = fieldOf(response, 'bodyAsText');
    return answered(about, {
      host: about.host,
      status: statusCode,
      contentType: headerOf(response, 'content-type'),
      text: typeof text === 'string' ? text : '',
      code: typeof code === 'string' ? code : undefined,
      retryAfter: headerOf(response, 'retry-after'),
    });
  }
  // The identity library's errors contain no answer of the service, only that there is no token.
  if (typeof name === 'string' && /Authentication|Credential/.test(name))
    return withoutToken(about.host, nameOfError(error, 'no token'));
  return { outcome: 'failed', permanent: false, detail: `${about.host}: ${failureOf(error)}` };
}

function headerOf(response: unknown, name: string): string | undefined {
  const headers = fieldOf(response, 'headers');
  if (typeof headers !== 'object' || headers === null || !('get' in headers)) return undefined;
  const value: unknown = typeof headers.get === 'function' ? headers.get(name) : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** A named field of an unknown value. The libraries make some fields of their errors non-enumerable. */
export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
