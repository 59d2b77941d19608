import type { Channel, Notice, SendResult } from '../../notice.ts';
import type { Meaning } from '../http/http-post.ts';
import { post } from '../http/http-post.ts';

/** One request of a notice. A preset makes as many as its service needs to distinguish incidents. */
export interface WebhookPart {
  /** Stable and unique within a notice: an accepted part is not sent again by a later try of this process. */
  key: string;
  headers: Record<string, string>;
  body: string;
}

/** The requests for one kind of service. Pure, except for the time of a signature. */
export interface WebhookPreset {
  parts(notice: Notice): WebhookPart[];
  /** Headers that depend on the time of sending. */
  sign?(body: string, nowMs: number): Record<string, string>;
  meaning?(status: number, code: string | undefined): Meaning | undefined;
}

export interface WebhookOptions {
  /** 'webhook', or 'webhook-ops' if there are several. */
  name: string;
  /** May contain a secret: no result contains more of it than the host. */
  url: string;
  /** The setting that holds the address; error messages name it. */
  setting: string;
  preset: WebhookPreset;
  timeoutMs?: number;
  fetch?: typeof fetch;
}

/** Notices of which only some parts were accepted. */
const MAX_NOTICES_KEPT = 100;

/**
 * Posts a notice, one part after the other. A part that is permanently refused does not hold up the others; a
 * temporary failure ends this try, and the next continues from there. Throws at once if the address is
 * invalid; sending never throws.
 */
export function createWebhookChannel(options: WebhookOptions): Channel {
  const { name, url, setting, preset, timeoutMs = 10_000, fetch } = options;
  if (!URL.canParse(url)) throw new Error(`${setting} is not a URL (its value is not shown).`);
  /** Keys of the accepted parts, by message id. */
  const takenOf = new Map<string, Set<string>>();
  return {
    name,
    async send(notice, abort) {
      const parts = preset.parts(notice);
      const taken = takenOf.get(notice.messageId) ?? new Set<string>();
      remember(takenOf, notice.messageId, taken);
      let refusal: SendResult | undefined;
      let last: SendResult | undefined;
      for (const { key, headers, body } of parts) {
        if (taken.has(key)) continue;
        const signed = preset.sign?.(body, Date.now()) ?? {};
        const result = await post({
          url,
          headers: { 'content-type': 'application/json', ...headers, ...signed },
          body,
          abort,
          timeoutMs,
          setting,
          fetch,
          meaning: (status, code) => preset.meaning?.(status, code),
        });
        if (result.outcome === 'sent') taken.add(key);
        else if (result.permanent) refusal = result;
        else return withCount(result, taken.size, parts.length);
        last = result;
      }
      if (refusal) return withCount(refusal, taken.size, parts.length);
      takenOf.delete(notice.messageId);
      return last ?? { outcome: 'sent', detail: 'Accepted by an earlier try.' };
    },
  };
}

function withCount(result: SendResult, taken: number, all: number): SendResult {
  return all === 1 ? result : { ...result, detail: `${taken} of ${all} were taken; ${result.detail}` };
}

/** The oldest is removed first: its parts are then sent once more, with the same ids. */
function remember(takenOf: Map<string, Set<string>>, messageId: string, taken: Set<string>): void {
  takenOf.delete(messageId);
  takenOf.set(messageId, taken);
  const oldest = takenOf.keys().next().value;
  if (takenOf.size > MAX_NOTICES_KEPT && oldest !== undefined) takenOf.delete(oldest);
}
