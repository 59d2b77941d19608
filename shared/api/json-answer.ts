import { createHash } from 'node:crypto';
import type { Answer } from './problem.ts';

/**
 * The answer as JSON with its ETag. The time of the answer is no part of the tag: the same content always has
 * the same one.
 */
export function jsonAnswer(body: unknown): Answer {
  const { text, sent } = serialized(body);
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-cache', etag: tagOf(text) };
  return { status: 200, headers, body: sent };
}

/** The answer, or a 304 without a body where the caller has the same version. */
export function unlessKnown(answer: Answer, ifNoneMatch: string | null): Answer {
  const { etag } = answer.headers;
  if (answer.status !== 200 || etag === undefined || ifNoneMatch === null || !namesTag(ifNoneMatch, etag))
    return answer;
  return { status: 304, headers: answer.headers, body: '' };
}

/** The same for an answer that is not a state that could be requested again: it has no ETag. */
export function passingAnswer(body: unknown): Answer {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
  return { status: 200, headers, body: serialized(body).sent };
}

export function answerEtag(body: unknown): string {
  return tagOf(serialized(body).text);
}

/**
 * The answer for a large tenant is megabytes of text: it is serialized once, for the tag and for the body.
 */
function serialized(body: unknown): { text: string; sent: string } {
  if (typeof body !== 'object' || body === null || !('answeredAt' in body)) {
    const text = JSON.stringify(body);
    return { text, sent: text };
  }
  const { answeredAt, ...content } = body;
  const text = JSON.stringify(content);
  return { text, sent: `{"answeredAt":${JSON.stringify(answeredAt)},${text.slice(1)}` };
}

function tagOf(text: string): string {
  return `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"`;
}

/** Whether a list of tags (`If-None-Match`, `If-Match`) names this one. RFC 9110, section 13.1. */
export function namesTag(list: string, etag: string): boolean {
  return list.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag || tag.trim() === '*');
}
