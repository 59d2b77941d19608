import { createHash } from 'node:crypto';
import type { Answer } from './problem.ts';

/** The age fields of every answer. */
export interface Dated {
  asOf: string | null;
  answeredAt: string;
}

/** The answer as JSON with its ETag. */
export function jsonAnswer<T extends Dated>(body: T): Answer {
  const { answeredAt, ...content } = body;
  // The answer for a large tenant is megabytes of text: it is serialized once, for the tag and for the body.
  const text = JSON.stringify(content);
  const etag = tagOf(text);
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-cache', etag };
  return { status: 200, headers, body: `{"answeredAt":${JSON.stringify(answeredAt)},${text.slice(1)}` };
}

/** The answer, or a 304 without a body where the caller has the same version. */
export function unlessKnown(answer: Answer, ifNoneMatch: string | null): Answer {
  const { etag } = answer.headers;
  if (answer.status !== 200 || etag === undefined || ifNoneMatch === null || !namesTag(ifNoneMatch, etag))
    return answer;
  return { status: 304, headers: answer.headers, body: '' };
}

/** The same for an answer that is not a state that could be requested again: it has no ETag. */
export function passingAnswer<T extends Dated>({ answeredAt, ...content }: T): Answer {
  return {
    status: 200,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify({ answeredAt, ...content }),
  };
}

/** Computed from everything but the time of the answer: the same content always has the same tag. */
export function answerEtag({ answeredAt: _, ...content }: Dated): string {
  return tagOf(JSON.stringify(content));
}

function tagOf(text: string): string {
  return `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"`;
}

/** Whether a list of tags (`If-None-Match`, `If-Match`) names this one. RFC 9110, section 13.1. */
export function namesTag(list: string, etag: string): boolean {
  return list.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag || tag.trim() === '*');
}
