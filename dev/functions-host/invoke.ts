import { randomBytes, randomUUID } from 'node:crypto';
import { logThroughHooks } from './app-log.ts';
import { type FunctionApp, type RegisteredFunction, runHooks } from './function-app.ts';
import type { InvocationRequest, InvocationResponse, RetryContext, TypedData } from './rpc.ts';

export interface InvocationInput {
  /** The trigger's value. */
  data: TypedData;
  triggerMetadata: Record<string, TypedData>;
  /** W3C trace context of the caller, where there is one. */
  traceParent?: string | undefined;
  traceState?: string | undefined;
  retry?: RetryContext | undefined;
}

/**
 * Runs one invocation of a function and returns its response. Throws the error of the function or of a hook.
 */
export type Invoke = (fn: RegisteredFunction, input: InvocationInput) => Promise<InvocationResponse>;

export interface Invoker {
  invoke: Invoke;
  running(): number;
  /** Resolves when nothing runs any more, or after `patienceMs`; false in that case. */
  drained(patienceMs: number): Promise<boolean>;
}

class FunctionTimeoutError extends Error {
  override name = 'FunctionTimeoutError';
}

/**
 * Invokes as the worker's InvocationHandler does: arguments by the programming model, preInvocation hooks,
 * the function, postInvocation hooks (which see and may change result and error), then the response, all
 * awaited before the answer.
 * Source: azure-functions-nodejs-worker, eventHandlers/InvocationHandler.ts.
 */
export function createInvoker(app: FunctionApp, timeoutMs: number): Invoker {
  const running = new Set<Promise<unknown>>();
  return {
    async invoke(fn, input) {
      const request = toRequest(fn, input);
      app.executing.add(request.invocationId);
      const work = withTimeout(invokeOnce(app, fn, request), fn.name, timeoutMs);
      running.add(work);
      try {
        return await work;
      } catch (error) {
        if (error instanceof Error && error.stack)
          logThroughHooks(app, {
            level: 'debug',
            category: 'system',
            message: error.stack,
            functionName: fn.name,
          });
        throw error;
      } finally {
        app.executing.delete(request.invocationId);
        running.delete(work);
      }
    },
    running: () => running.size,
    async drained(patienceMs) {
      const all = Promise.allSettled([...running]).then(() => true);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<boolean>((resolve) => {
        timer = setTimeout(() => resolve(false), patienceMs);
      });
      const done = await Promise.race([all, late]);
      clearTimeout(timer);
      return done;
    },
  };
}

async function invokeOnce(
  app: FunctionApp,
  fn: RegisteredFunction,
  request: InvocationRequest,
): Promise<InvocationResponse> {
  if (!app.model) throw new Error('The app has set no programming model.');
  const { invocationId } = request;
  const core = {
    invocationId,
    request,
    metadata: fn.metadata,
    state: undefined as 'preInvocationHooks' | 'invocation' | 'postInvocationHooks' | undefined,
    log: (
      level: Parameters<typeof logThroughHooks>[1]['level'],
      category: 'user' | 'system' | 'customMetric',
      message: string,
    ) => logThroughHooks(app, { level, category, message, functionName: fn.name, invocationId }),
  };
  const model = await app.model.getInvocationModel(core);
  const { context, inputs } = await model.getArguments();
  app.contexts.set(invocationId, context);
  try {
    const shared = { hookData: {}, appHookData: app.appHookData, invocationContext: context };
    const before = { ...shared, inputs, functionCallback: fn.callback };
    core.state = 'preInvocationHooks';
    await runHooks(app, 'preInvocation', before);

    const after: { inputs: unknown[]; result: unknown; error: unknown } & typeof shared = {
      ...shared,
      inputs: before.inputs,
      result: null,
      error: null,
    };
    core.state = 'invocation';
    try {
      after.result = await model.invokeFunction(context, before.inputs, before.functionCallback);
    } catch (error) {
      after.error = error;
    }
    core.state = 'postInvocationHooks';
    await runHooks(app, 'postInvocation', after);
    core.state = undefined;
    if (after.error !== null && after.error !== undefined) throw after.error;
    return await model.getResponse(context, after.result);
  } finally {
    app.contexts.delete(invocationId);
  }
}

function toRequest(fn: RegisteredFunction, input: InvocationInput): InvocationRequest {
  return {
    invocationId: randomUUID(),
    functionId: fn.id,
    inputData: [{ name: fn.triggerName, data: input.data }],
    triggerMetadata: input.triggerMetadata,
    traceContext: {
      traceParent:
        input.traceParent ?? `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`,
      traceState: input.traceState ?? '',
      attributes: {},
    },
    ...(input.retry ? { retryContext: input.retry } : {}),
  };
}

/**
 * functionTimeout of host.json. In Azure the worker process is ended as well; here the function, if it still
 * runs, continues after its invocation has failed.
 */
async function withTimeout<T>(work: Promise<T>, name: string, timeoutMs: number): Promise<T> {
  // A Node timer holds at most 2^31-1 ms.
  if (timeoutMs >= 2 ** 31) return work;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () =>
        reject(new FunctionTimeoutError(`Timeout value of ${timeoutMs} ms exceeded by function '${name}'.`)),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
