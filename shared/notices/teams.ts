import { teamsBody } from './card.ts';
import type { Channel, SendResult } from './notice.ts';
import { retryAfterMs } from './retry-after.ts';
import { type SayOptions, say } from './say.ts';

export interface TeamsOptions {
  /** The Workflows webhook. Its query holds a signature: no result ever holds more of it than the host. */
  url: string;
  say: SayOptions;
  /** How long one try may take, milliseconds. */
  timeoutMs?: number;
  fetch?: typeof fetch;
}

/** Posts a card to a Teams Workflows webhook. Throws at once where the address is none; sending never throws. */
export function createTeamsChannel({
  url,
  say: options,
  timeoutMs = 10_000,
  fetch: send = fetch,
}: TeamsOptions): Channel {
  if (!URL.canParse(url)) throw new Error('The Teams webhook is not a URL (its value is not shown).');
  const { host } = new URL(url);
  return {
    name: 'teams',
    async send(notice, abort) {
      try {
        const response = await send(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(teamsBody(say(notice, options))),
          // A redirect would carry the card to a place that nobody set.
          redirect: 'manual',
          signal: AbortSignal.any([abort, AbortSignal.timeout(timeoutMs)]),
        });
        return await readAnswer(response, host);
      } catch (error) {
        return { outcome: 'failed', permanent: false, detail: `${host}: ${reasonOf(error)}` };
      }
    },
  };
}

async function readAnswer(response: Response, host: string): Promise<SendResult> {
  const { status } = response;
  if (response.ok) {
    await response.body?.cancel();
    return { outcome: 'sent', detail: `Accepted (${status}); Workflows does not confirm delivery.` };
  }
  const code = await errorCode(response);
  const failed = (permanent: boolean, why: string): SendResult => ({
    outcome: 'failed',
    permanent,
    detail: `${host} answered ${status}${code ? ` ${code}` : ''}: ${why}`,
    retryAfterMs: retryAfterMs(response.headers.get('retry-after'), Date.now()),
  });
  // A workflow that is off or suspended answers 400 as well, and can be turned on again.
  if (status === 400 && code !== undefined && /NotEnabled|Disabled|Suspended/i.test(code))
    return failed(false, 'the workflow is turned off. Turn it on in Power Automate.');
  if (status === 400 || status === 413)
    return failed(true, 'it refuses this card, and would refuse it again.');
  if (status === 401 || status === 403 || status === 404 || status === 410)
    return failed(
      false,
      'the webhook is wrong, was made anew or was deleted. Check LOCKWATCH_TEAMS_WEBHOOK_URL.',
    );
  if (status >= 300 && status < 400)
    return failed(false, 'it redirects, which is not followed. Check LOCKWATCH_TEAMS_WEBHOOK_URL.');
  if (status === 408 || status === 429 || status >= 500) return failed(false, 'it is busy or down for now.');
  return failed(false, 'it does not take the card.');
}

/** The code in the error body of Workflows ("WorkflowTriggerIsNotEnabled"); the rest of the body is not to be trusted in a log. */
async function errorCode(response: Response): Promise<string | undefined> {
  try {
    const start = await firstBytes(response);
    return /"code"\s*:\s*"([A-Za-z]{1,60})"/.exec(start)?.[1];
  } catch {
    return undefined; // the status says enough; a connection that broke after it adds nothing
  }
}

async function firstBytes(response: Response): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length >= MOST_READ) break;
  }
  return text.slice(0, MOST_READ);
}

const MOST_READ = 4096;

/** The error's own text may hold the address; its name and code don't. */
function reasonOf(error: unknown): string {
  const name = error instanceof Error ? error.name : 'unknown';
  if (name === 'TimeoutError') return 'no answer in time.';
  if (name === 'AbortError') return 'given up before an answer came.';
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined;
  const code = cause && 'code' in cause ? String(cause.code) : '';
  return `the request failed (${/^[A-Z][A-Z0-9_]{1,40}$/.test(code) ? code : name}).`;
}
