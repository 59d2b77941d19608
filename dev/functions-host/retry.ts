import { createBackoff } from './backoff.ts';
import type { RegisteredFunction } from './function-app.ts';
import { messageOf } from './host-error.ts';
import type { InvocationInput, Invoke } from './invoke.ts';
import { type HostLog, systemLog } from './log.ts';
import { pause } from './pause.ts';
import type { InvocationResponse, RetryContext } from './rpc.ts';

/** The triggers of this host whose binding honours a function's retry policy. */
const RETRIED = new Set(['timertrigger', 'eventhubtrigger']);

/**
 * Invokes under the function's retry policy: up to `maxRetryCount` times (−1: without end), with the policy's
 * delay in between, within this process. The first attempt has no retry context. Throws the last attempt's
 * error.
 * Sources: "Azure Functions error handling and retries", section "Retry policies"; azure-webjobs-sdk,
 * ExponentialBackoffRetryAttribute and FunctionExecutorExtensions.
 */
export function withRetries(invoke: Invoke, log: HostLog, signal: AbortSignal): Invoke {
  return async (fn, input) => {
    if (!fn.retry || !RETRIED.has(fn.triggerType)) return invoke(fn, input);
    return retried(invoke, fn, input, log, signal);
  };
}

/** A warning for a policy that the runtime would not honour either. */
export function unsupportedRetry(fn: RegisteredFunction): string | undefined {
  if (!fn.retry || RETRIED.has(fn.triggerType)) return undefined;
  return `The retry policy of '${fn.name}' is ignored: the runtime supports none for ${fn.trigger.type}.`;
}

async function retried(
  invoke: Invoke,
  fn: RegisteredFunction,
  input: InvocationInput,
  log: HostLog,
  signal: AbortSignal,
): Promise<InvocationResponse> {
  const maxRetryCount = fn.retry?.maxRetryCount ?? 0;
  const delay = delays(fn);
  let retry: RetryContext | undefined;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await invoke(fn, { ...input, retry });
    } catch (error) {
      if (signal.aborted || (maxRetryCount !== -1 && attempt > maxRetryCount)) throw error;
      const waitMs = delay();
      systemLog(
        log,
        'warning',
        `Attempt ${attempt} failed; the next follows in ${Math.round(waitMs)} ms.`,
        fn.name,
      );
      retry = {
        retryCount: attempt,
        maxRetryCount,
        exception: {
          message: messageOf(error),
          source: '',
          stackTrace: error instanceof Error ? (error.stack ?? '') : '',
        },
      };
      await pause(waitMs, signal);
    }
  }
}

function delays(fn: RegisteredFunction): () => number {
  const ms = (duration: { seconds?: number | null } | null | undefined) => (duration?.seconds ?? 0) * 1000;
  if (fn.retry?.retryStrategy !== 'exponentialBackoff') return () => ms(fn.retry?.delayInterval);
  const backoff = createBackoff(ms(fn.retry.minimumInterval), ms(fn.retry.maximumInterval));
  return () => backoff.nextMs(false);
}
