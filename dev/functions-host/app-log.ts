import type { FunctionApp } from './function-app.ts';
import type { LogEntry } from './log.ts';

/** Log lines of the app that were dropped since the start of the host. */
export interface DroppedLines {
  count: number;
  /** The newest of them, at most `MAX_KEPT`. */
  lines: LogEntry[];
}

const MAX_KEPT = 100;

export function noDroppedLines(): DroppedLines {
  return { count: 0, lines: [] };
}

/**
 * Logs through the app's log hooks, which may change level and message of the app's lines, not of system
 * lines. They run in the worker, so they see dropped lines as well.
 * Source: azure-functions-nodejs-worker, hooks/LogHookContext.ts.
 */
export function logThroughHooks(app: FunctionApp, entry: LogEntry): void {
  const context = {
    hookData: app.hookData,
    appHookData: app.appHookData,
    level: entry.level,
    message: entry.message,
    category: entry.category,
    invocationContext: app.contexts.get(entry.invocationId ?? ''),
  };
  for (const hook of app.hooks.log) hook(context);
  const { level, message } = context;
  receiveLine(app, entry.category === 'user' ? { ...entry, level, message } : entry);
}

/**
 * The runtime ignores log lines for an invocation that has answered, or for none. System lines always pass.
 * Source: azure-functions-host, src/WebJobs.Script.Grpc/Channel/GrpcWorkerChannel.cs (ProcessItem, Log,
 * InvokeResponse) and GrpcWorkerChannel.Log.cs (event 822), the origin of this sentence.
 */
function receiveLine(app: FunctionApp, entry: LogEntry): void {
  if (entry.category === 'system' || app.executing.has(entry.invocationId ?? '')) {
    app.log(entry);
    return;
  }
  app.dropped.count += 1;
  app.dropped.lines = [...app.dropped.lines, entry].slice(-MAX_KEPT);
  app.log({
    level: 'debug',
    category: 'system',
    message: `Ignoring RpcLog from invocation '${entry.invocationId ?? ''}' because there is no matching ScriptInvocationContext.`,
    ...(entry.functionName === undefined ? {} : { functionName: entry.functionName }),
  });
}
