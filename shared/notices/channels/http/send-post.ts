import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import { defaultClient } from '../../../azure/azure-get.ts';

/** Sends one request; `fetch` is one of these. */
export type SendPost = (
  url: string,
  request: {
    method: 'POST';
    headers: Record<string, string>;
    body: string;
    redirect: 'manual';
    signal: AbortSignal;
  },
) => Promise<ReceivedAnswer>;

export interface ReceivedAnswer {
  status: number;
  headers: { get(name: string): string | null | undefined };
  body?: AsyncIterable<Uint8Array> | null;
}

/**
 * By the client of the Azure SDKs, which the reading has loaded already: the first `fetch` of a process loads undici, and
 * the first notice waits for that. It follows no redirect by itself. Throws what `fetch` throws, as far as names and
 * codes go.
 */
export const sendPost: SendPost = async (url, { method, headers, body, signal }) => {
  const request = createPipelineRequest({
    url,
    method,
    body,
    headers: createHttpHeaders({ accept: '*/*', 'user-agent': 'lockwatch', ...headers }),
    abortSignal: signal,
    // Settings decide whether an address may be without TLS.
    allowInsecureConnection: true,
    // Node's own agent drops an idle connection after 5 s: between two notices a receiver has closed it.
    disableKeepAlive: true,
    // Any status (core-rest-pipeline docs: `streamResponseStatusCodes`).
    streamResponseStatusCodes: new Set([Number.POSITIVE_INFINITY]),
  });
  try {
    const { status, headers, readableStreamBody } = await defaultClient().sendRequest(request);
    return { status, headers, body: readableStreamBody as AsyncIterable<Buffer> | undefined };
  } catch (error) {
    // The client says of a timeout only that it was aborted.
    signal.throwIfAborted();
    throw error;
  }
};
