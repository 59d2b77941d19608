import { type DroppedLines, noDroppedLines } from './app-log.ts';
import type { HostLog } from './log.ts';
import type {
  BindingInfo,
  FunctionCallback,
  FunctionMetadata,
  ProgrammingModel,
  RetryOptions,
} from './rpc.ts';

export const HOOK_NAMES = ['preInvocation', 'postInvocation', 'appStart', 'appTerminate', 'log'] as const;
export type HookName = (typeof HOOK_NAMES)[number];
export type HookCallback = (context: object) => unknown;

export interface RegisteredFunction {
  name: string;
  id: string;
  metadata: FunctionMetadata;
  callback: FunctionCallback;
  /** In lower case: `httptrigger`, `queuetrigger`, … */
  triggerType: string;
  /** Binding names end in a hash of the binding, so the trigger is found by its type. */
  triggerName: string;
  trigger: BindingInfo;
  retry?: RetryOptions;
}

/** One loaded app, as the worker represents it. */
export interface FunctionApp {
  directory: string;
  functions: Map<string, RegisteredFunction>;
  hooks: Record<HookName, HookCallback[]>;
  model?: ProgrammingModel;
  hookData: Record<string, unknown>;
  appHookData: Record<string, unknown>;
  /** Functions can be registered during start only. */
  started: boolean;
  /** Contexts of running invocations, for log hooks. */
  contexts: Map<string, unknown>;
  /** Ids of the invocations that have not answered. */
  executing: Set<string>;
  dropped: DroppedLines;
  log: HostLog;
}

export function createFunctionApp(directory: string, log: HostLog): FunctionApp {
  return {
    directory,
    functions: new Map(),
    hooks: { preInvocation: [], postInvocation: [], appStart: [], appTerminate: [], log: [] },
    hookData: {},
    appHookData: {},
    started: false,
    contexts: new Map(),
    executing: new Set(),
    dropped: noDroppedLines(),
    log,
  };
}

/**
 * Runs the hooks of one name in order of registration, each awaited. A hook's error is passed to the caller.
 */
export async function runHooks(app: FunctionApp, name: HookName, context: object): Promise<void> {
  for (const hook of app.hooks[name]) await hook(context);
}

/**
 * Adds a function as the worker's registerFunction does. Throws after start, and on a binding without a
 * trigger.
 */
export function addFunction(
  app: FunctionApp,
  metadata: FunctionMetadata,
  callback: FunctionCallback,
): RegisteredFunction {
  if (app.started) throw new Error('A function can only be registered during app startup.');
  const id = metadata.functionId ?? metadata.name;
  const entry = Object.entries(metadata.bindings).find(([, binding]) => /trigger$/i.test(binding.type ?? ''));
  if (!entry) throw new Error(`Function '${metadata.name}' has no trigger.`);
  if (app.functions.has(id)) throw new Error(`Function '${metadata.name}' is registered twice.`);
  const [triggerName, trigger] = entry;
  const registered: RegisteredFunction = {
    name: metadata.name,
    id,
    metadata: { ...metadata, functionId: id },
    callback,
    triggerType: (trigger.type ?? '').toLowerCase(),
    triggerName,
    trigger,
    ...(metadata.retryOptions ? { retry: metadata.retryOptions } : {}),
  };
  app.functions.set(id, registered);
  return registered;
}
