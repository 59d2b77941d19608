import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import { MAX_CHARACTERS_READ } from './http-post.ts';

/**
 * For the client libraries, which read an answer to its end whatever its length: they get its beginning. In
 * position `perRetry`.
 */
export function boundedAnswerPolicy(): PipelinePolicy {
  return {
    name: 'lockwatchBoundedAnswer',
    async sendRequest(request, next) {
      // Any status (core-rest-pipeline docs: `streamResponseStatusCodes`).
      request.streamResponseStatusCodes = new Set([Number.POSITIVE_INFINITY]);
      const answer = await next(request);
      const stream = answer.readableStreamBody;
      if (!stream) return answer;
      let text = '';
      for await (const chunk of stream) {
        text += String(chunk);
        if (text.length >= MAX_CHARACTERS_READ) break;
      }
      return { ...answer, readableStreamBody: undefined, bodyAsText: text.slice(0, MAX_CHARACTERS_READ) };
    },
  };
}
