/** A storage error in a few words, without its request: an address may carry a signature. */
export function describeFault(error: unknown): string {
  const { code, statusCode } = parts(error);
  if (statusCode !== undefined) return code ? `${statusCode} ${code}` : `${statusCode}`;
  return code ?? (error instanceof Error ? error.name : 'an unknown error');
}

/** The message or its queue is gone, or someone else has the message: nothing is left to do for us. */
export function isTakenOrGone(error: unknown): boolean {
  const { code, statusCode } = parts(error);
  if (statusCode === 404) return true;
  if (statusCode === 400) return code === 'PopReceiptMismatch';
  return statusCode === 409 && (code === 'QueueBeingDeleted' || code === 'QueueDisabled');
}

export function isQueueMissing(error: unknown): boolean {
  return parts(error).statusCode === 404;
}

function parts(error: unknown): { code?: string | undefined; statusCode?: number | undefined } {
  if (typeof error !== 'object' || error === null) return {};
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const statusCode =
    'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : undefined;
  return { code, statusCode };
}
