/** A short description of a storage error, without its request: an address may carry a signature. */
export function describeFault(error: unknown): string {
  const { code, statusCode } = parts(error);
  if (isSignInFault(error)) return error.name;
  if (statusCode !== undefined) return code ? `${statusCode} ${code}` : `${statusCode}`;
  return code ?? (error instanceof Error ? error.name : 'an unknown error');
}

/** The message or its queue is gone, or another consumer has the message: nothing is left to do. */
export function isTakenOrGone(error: unknown): boolean {
  if (isSignInFault(error)) return false;
  const { code, statusCode } = parts(error);
  if (statusCode === 404) return true;
  if (statusCode === 400) return code === 'PopReceiptMismatch';
  return statusCode === 409 && (code === 'QueueBeingDeleted' || code === 'QueueDisabled');
}

export function isQueueMissing(error: unknown): boolean {
  return parts(error).statusCode === 404;
}

/**
 * Whether the listener waits and polls again. On any other error, refused connections and 401 or 403
 * included, the runtime ends its process: refused connections are no RequestFailedException (after its
 * retries the SDK throws an AggregateException), and only these are caught. A time-out counts as a
 * cancellation, which is ignored.
 * Sources: azure-sdk-for-net, Microsoft.Azure.WebJobs.Extensions.Storage.Common, QueueListener.ExecuteAsync,
 * TaskSeriesTimer.RunAsync and RequestFailedExceptionExtensions; Azure.Core, RetryPolicy.
 */
export function isPassingFault(error: unknown): boolean {
  if (isSignInFault(error)) return false;
  if (error instanceof Error && error.name === 'AbortError') return true;
  const { code, statusCode } = parts(error);
  if (statusCode === undefined) return false;
  if (statusCode >= 500 && statusCode < 600) return true;
  return statusCode === 404 || (statusCode === 409 && code === 'QueueBeingDeleted');
}

/**
 * No token was available. Such an error of @azure/identity has the status code of the sign-in, not of
 * storage.
 */
function isSignInFault(error: unknown): error is Error {
  return (
    error instanceof Error &&
    /^(Aggregate)?AuthenticationError$|^CredentialUnavailableError$/.test(error.name)
  );
}

function parts(error: unknown): { code?: string | undefined; statusCode?: number | undefined } {
  if (typeof error !== 'object' || error === null) return {};
  // An answer without a body has its code only in a header, which the SDK puts into the details.
  const { details } = error as { details?: { errorCode?: unknown } | null };
  const code = [(error as { code?: unknown }).code, details?.errorCode].find(
    (one): one is string => typeof one === 'string',
  );
  const statusCode =
    'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : undefined;
  return { code, statusCode };
}
