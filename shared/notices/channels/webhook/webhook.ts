import type { Channel, Notice, SendFailure, SendResult } from '../../notice.ts';
import { openParts, progressOf } from '../../progress.ts';
import { type HttpPost, post } from '../http/http-post.ts';
import { retiredAddress } from '../http/retired-host.ts';
import type { SendPost } from '../http/send-post.ts';

/** One request of a notice. A preset makes as many as its service needs to distinguish incidents. */
export interface WebhookPart {
  /** Stable and unique within a notice: an accepted part is not sent again by a later try. */
  key: string;
  headers: Record<string, string>;
  body: string;
}

/** The requests for one kind of service. Pure, except for the time of a signature. */
export interface WebhookPreset extends Pick<HttpPost, 'meaning' | 'refusal' | 'secrets'> {
  /** The service keeps an alert open until it is resolved. */
  keepsAlerts?: boolean;
  /** None: this service has no use for the notice. */
  parts(notice: Notice): WebhookPart[];
  /** Headers that depend on the time of sending. */
  sign?(body: string, nowMs: number): Record<string, string>;
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
  fetch?: SendPost;
}

/**
 * Posts a notice, one part after the other. A part that is permanently refused does not hold up the others; a
 * temporary failure ends this try, and the next continues from there. Throws at once if the address is
 * invalid; sending never throws.
 */
export function createWebhookChannel(options: WebhookOptions): Channel {
  const { name, url, setting, preset, timeoutMs = 10_000, fetch } = options;
  if (!URL.canParse(url)) throw new Error(`${setting} is not a URL (its value is not shown).`);
  return {
    name,
    warning: retiredAddress(url, setting, false),
    keepsAlerts: preset.keepsAlerts,
    async send(notice, abort) {
      const parts = preset.parts(notice);
      const progress = progressOf(notice);
      const { meaning, refusal, secrets } = preset;
      const open = new Set(
        openParts(
          parts.map(({ key }) => key),
          progress,
        ),
      );
      let refused: SendFailure | undefined;
      let last: SendResult | undefined;
      for (const { key, headers, body } of parts) {
        if (!open.has(key)) continue;
        const signed = preset.sign?.(body, Date.now()) ?? {};
        const result = await post({
          url,
          headers: { 'content-type': 'application/json', ...headers, ...signed },
          body,
          abort,
          timeoutMs,
          setting,
          fetch,
          meaning,
          refusal,
          secrets,
        });
        last = result;
        if (result.outcome !== 'failed') progress.taken.push(key);
        else if (result.permanent) refused = result;
        else return withCount(result, progress.taken.length, parts.length);
      }
      if (refused) return withCount(refused, progress.taken.length, parts.length);
      return last ?? { outcome: 'sent', detail: parts.length > 0 ? 'Accepted by an earlier try.' : UNNEEDED };
    },
  };
}

const UNNEEDED = 'Nothing was sent: this service has no use for such a notice.';

function withCount(result: SendFailure, taken: number, all: number): SendResult {
  return all === 1 ? result : { ...result, detail: `${taken} of ${all} were taken; ${result.detail}` };
}
