import type { Progress } from '../../../storage/incident-store.ts';
import type { SendFailure, SendResult } from '../../notice.ts';
import { refusedFor } from '../../outbox.ts';
import { openParts } from '../../progress.ts';

/**
 * The result of a mail by its recipients. One that was refused costs the others nothing, and is named; for one
 * that failed for now, only that one is tried again.
 * `by`: who took it; `failure`: what happened to those that are still open.
 */
export function mailResult(
  to: readonly string[],
  progress: Progress,
  by: string,
  { failure, answer, askAgainMs }: { failure?: SendFailure; answer?: string; askAgainMs?: number } = {},
): SendResult {
  const { taken, refused, underway } = progress;
  const open = openParts(to, progress);
  const refusal = refused.length > 0 ? ` ${refusedFor(progress)}` : '';
  if (open.length > 0) {
    const failed = failure ?? { outcome: 'failed', permanent: false, detail: `${by}: it was cut off.` };
    if (open.length === to.length) return failed;
    return {
      ...failed,
      detail: `Taken for ${taken.length + underway.length} of ${to.length}, not for ${open.slice(0, 10).join(', ')}: ${failed.detail}${refusal}`,
    };
  }
  if (underway.length > 0)
    return {
      outcome: 'accepted',
      detail: `Accepted by ${by}, which has not finished yet.${refusal}`,
      askAgainMs,
      answer,
    };
  if (taken.length > 0)
    return { outcome: 'sent', detail: `Accepted by ${by} for ${taken.length}.${refusal}`, answer };
  return {
    outcome: 'failed',
    permanent: true,
    detail: `${by} refuses every recipient.${refusal}`,
    answer,
  };
}

/**
 * One mail to all recipients who are still open; one for each where the service refuses an address without
 * saying which. Each that is accepted counts at once, so that a try that is cut off repeats none.
 */
export async function sendToEach(
  to: readonly string[],
  progress: Progress,
  by: string,
  how: { sendTo(to: string[]): Promise<SendResult>; isAddressRefused(detail: string): boolean },
): Promise<SendResult> {
  const open = openParts(to, progress);
  const note = (addresses: string[], result: SendResult): boolean => {
    if (result.outcome !== 'failed') progress.taken.push(...addresses);
    else if (addresses.length === 1 && how.isAddressRefused(result.detail))
      progress.refused.push(...addresses.map((address) => ({ to: address, why: whyOf(result) })));
    else return false;
    return true;
  };
  const answerOf = ({ answer }: SendResult, failure?: SendFailure) =>
    mailResult(to, progress, by, { answer, failure });
  if (open.length === 0) return mailResult(to, progress, by);
  const whole = await how.sendTo(open);
  if (note(open, whole)) return answerOf(whole);
  if (whole.outcome !== 'failed') return whole;
  if (open.length === 1 || !how.isAddressRefused(whole.detail)) return answerOf(whole, whole);
  let last: SendResult = whole;
  for (const address of open) {
    last = await how.sendTo([address]);
    if (!note([address], last) && last.outcome === 'failed') return answerOf(last, last);
  }
  return answerOf(last);
}

/** The receiver's words about one recipient, or its status. */
export function whyOf({ answer, detail }: SendFailure): string {
  return (answer ?? detail).slice(0, 200);
}
