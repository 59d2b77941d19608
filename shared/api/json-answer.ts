import { createHash } from 'node:crypto';
import type { Answer } from './problem.ts';

/** What every answer tells of its age. */
export interface Dated {
  asOf: string | null;
  answeredAt: string;
}

/** The answer as JSON with its ETag; 304 without a body where the asker has this very one. */
export function jsonAnswer<T extends Dated>(body: T, ifNoneMatch: string | null = null): Answer {
  const { answeredAt, ...content } = body;
  // The whole of a large tenant is megabytes of text: made once, for the tag and for the answer.
  const text = JSON.stringify(content);
  const etag = tagOf(text);
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-cache', etag };
  if (ifNoneMatch !== null && namesTag(ifNoneMatch, etag)) return { status: 304, headers, body: '' };
  return { status: 200, headers, body: `{"answeredAt":${JSON.stringify(answeredAt)},${text.slice(1)}` };
}

/** The same for what is no state that one could ask for again: it has no ETag. */
export function passingAnswer<T extends Dated>({ answeredAt, ...content }: T): Answer {
  return {
    status: 200,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
    body: JSON.stringify({ answeredAt, ...content }),
  };
}

/** Of all but the time at which it was answered: the same content has the same tag, whenever it is asked for. */
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
