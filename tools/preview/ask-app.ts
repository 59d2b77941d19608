import * as z from 'zod';
import type { ReducedPlan } from '../../shared/preview/change.ts';
import { NotAnsweredError, UnusableInputError } from './preview-errors.ts';
import type { PreviewAnswer } from './preview-offline.ts';

/** A reading of every policy takes up to 20 seconds, after a start of the app. */
const TIMEOUT_MS = 120_000;

const answerShape = z.looseObject({
  outcome: z.enum(['goesDown', 'mayGoDown', 'unknown', 'refused', 'fine']),
  policies: z.array(z.looseObject({ name: z.string(), outcome: z.string() })),
  cannotJudge: z.array(z.looseObject({ because: z.string() })),
});

/**
 * Asks a deployed app. Throws `NotAnsweredError` where nobody answers, and `UnusableInputError` where the address or the
 * plan is refused.
 */
export async function askApp(
  address: string,
  plan: ReducedPlan,
  environment: Record<string, string | undefined>,
): Promise<PreviewAnswer> {
  const url = urlOf(address);
  const key = environment.LOCKWATCH_PREVIEW_KEY;
  const token = environment.LOCKWATCH_PREVIEW_TOKEN;
  const answered = await send(url, {
    method: 'POST',
    // A redirect would carry the key to another place.
    redirect: 'error',
    headers: {
      'content-type': 'application/json',
      ...(key ? { 'x-functions-key': key } : {}),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    },
    body: JSON.stringify(plan),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const read = answerShape.safeParse(answered.body);
  if (answered.status === 200 && read.success) return answered.body as PreviewAnswer;
  const detail = z.looseObject({ detail: z.string() }).safeParse(answered.body).data?.detail.slice(0, 1000);
  const said = `${url.host} answered ${answered.status}${detail === undefined ? '' : `: ${detail}`}`;
  if ([400, 413].includes(answered.status)) throw new UnusableInputError(said);
  const hint =
    answered.status === 401 || answered.status === 403
      ? ' Set LOCKWATCH_PREVIEW_KEY or LOCKWATCH_PREVIEW_TOKEN.'
      : '';
  throw new NotAnsweredError(`${said}${hint}`);
}

function urlOf(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isLocal = url !== undefined && /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
  if (url === undefined || !(url.protocol === 'https:' || (isLocal && url.protocol === 'http:')))
    throw new UnusableInputError('--url must be the https address of the app.');
  return new URL('/api/preview', url);
}

async function send(url: URL, init: RequestInit): Promise<{ status: number; body: unknown }> {
  try {
    const response = await fetch(url, init);
    const text = await response.text();
    return { status: response.status, body: jsonOf(text) };
  } catch (error) {
    const reason = error instanceof Error ? error.name : 'unknown';
    throw new NotAnsweredError(`${url.host} did not answer (${reason}). Nothing is known of the change.`, {
      cause: error,
    });
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
