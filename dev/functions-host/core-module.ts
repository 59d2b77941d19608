import Module from 'node:module';
import { logThroughHooks } from './app-log.ts';
import {
  addFunction,
  type FunctionApp,
  HOOK_NAMES,
  type HookCallback,
  type HookName,
} from './function-app.ts';
import type { FunctionCallback, FunctionMetadata, LogCategory, LogLevel, ProgrammingModel } from './rpc.ts';

/** Apps may parse these versions: the oldest of the major versions that this host emulates. */
const WORKER_VERSION = '3.0.0';
const HOST_VERSION = '4.28.0';

let loading: FunctionApp | undefined;
/** A bundle usually requires it while loading; a chunk that loads later gets the app that was loaded last. */
let latest: FunctionApp | undefined;
let installed = false;

/**
 * Runs `load` while `require('@azure/functions-core')` returns the core API of `app`. Like the worker, it
 * provides that module only through Module.prototype.require: an `import` of it fails here as it does in
 * Azure.
 * Source: azure-functions-nodejs-worker, setupCoreModule.ts. One app loads at a time.
 */
export async function withCoreModule<T>(app: FunctionApp, load: () => Promise<T>): Promise<T> {
  installHook();
  while (loading) await new Promise((resolve) => setImmediate(resolve));
  loading = app;
  latest = app;
  try {
    return await load();
  } finally {
    loading = undefined;
  }
}

function installHook(): void {
  if (installed) return;
  installed = true;
  const original = Module.prototype.require;
  const apis = new WeakMap<FunctionApp, object>();
  Module.prototype.require = new Proxy(original, {
    apply(target, self, args: [string]) {
      const app = loading ?? latest;
      if (args[0] !== '@azure/functions-core' || !app) return Reflect.apply(target, self, args);
      const api = apis.get(app) ?? coreApi(app);
      apis.set(app, api);
      return api;
    },
  });
}

function coreApi(app: FunctionApp): object {
  return {
    version: WORKER_VERSION,
    hostVersion: HOST_VERSION,
    Disposable,
    registerFunction(metadata: FunctionMetadata, callback: FunctionCallback) {
      const { id } = addFunction(app, metadata, callback);
      return new Disposable(() => {
        if (app.started) throw new Error('A function can only be disposed during app startup.');
        app.functions.delete(id);
      });
    },
    registerHook(name: string, callback: HookCallback) {
      if (!isHookName(name)) {
        throw Object.assign(new RangeError(`Unrecognized hook "${name}"`), {
          isAzureFunctionsSystemError: true,
        });
      }
      const hooks = app.hooks[name];
      hooks.push(callback);
      return new Disposable(() => {
        const index = hooks.indexOf(callback);
        if (index >= 0) hooks.splice(index, 1);
      });
    },
    setProgrammingModel(model: ProgrammingModel) {
      app.model = model;
    },
    getProgrammingModel: () => app.model,
    log(level: LogLevel, category: LogCategory, message: string) {
      logThroughHooks(app, { level, category, message });
    },
  };
}

function isHookName(name: string): name is HookName {
  return HOOK_NAMES.some((known) => known === name);
}

/** A class, because the core module publishes one. */
class Disposable {
  #callOnDispose: (() => unknown) | undefined;

  constructor(callOnDispose: () => unknown) {
    this.#callOnDispose = callOnDispose;
  }

  static from(...parts: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => {
      for (const part of parts) part.dispose();
    });
  }

  dispose(): unknown {
    const call = this.#callOnDispose;
    this.#callOnDispose = undefined;
    return call?.();
  }
}
