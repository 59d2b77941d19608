import {
  createHttpHeaders,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
  RestError,
} from '@azure/core-rest-pipeline';
import type { Clock } from '../../shared/clock.ts';

export interface Answer {
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
  /** On the clock. */
  afterMs?: number;
  /** Breaks the connection instead. */
  breaks?: string;
}
export type Play = Answer | ((request: PipelineRequest, count: number) => Answer);

/** Plays Azure: one answer per path, compared without case; a query is compared only where the path names one. */
export interface FakeAzure extends HttpClient {
  /** Sets what a path answers from now on. */
  on(path: string, play: Play): void;
  /** Path and query of every request, in order, in lower case. */
  asked: string[];
  requests: PipelineRequest[];
  countOf(path: string): number;
}

export const ORIGIN = 'https://management.azure.com';

export function fakeAzure(clock: Clock): FakeAzure {
  const plays = new Map<string, Play>();
  const asked: string[] = [];
  const requests: PipelineRequest[] = [];
  const fake: FakeAzure = {
    asked,
    requests,
    on: (path, play) => plays.set(path.toLowerCase(), play),
    countOf: (path) => asked.filter((one) => one.split('?')[0] === path.toLowerCase()).length,
    async sendRequest(request): Promise<PipelineResponse> {
      const url = new URL(request.url);
      const path = decodeURIComponent(url.pathname).toLowerCase();
      const full = `${path}${decodeURIComponent(url.search)}`.toLowerCase();
      asked.push(full);
      requests.push(request);
      const play = plays.get(full) ?? plays.get(path);
      const count = asked.filter((one) => one === full).length;
      const answer = typeof play === 'function' ? play(request, count) : (play ?? NOTHING);
      if (answer.afterMs !== undefined) await clock.sleep(answer.afterMs);
      if (answer.breaks !== undefined)
        throw new RestError(`secret-token ${answer.breaks}`, { code: answer.breaks });
      const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? {});
      return {
        status: answer.status ?? 200,
        headers: createHttpHeaders(answer.headers ?? {}),
        bodyAsText: text,
        request,
      };
    },
  };
  return fake;
}

export function armError(status: number, code: string, message = 'no matter'): Answer {
  return { status, body: { error: { code, message } } };
}

export function list(...value: unknown[]): Answer {
  return { body: { value } };
}

const NOTHING: Answer = armError(404, 'ResourceNotFound');
