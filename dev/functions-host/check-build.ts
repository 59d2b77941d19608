import { loadFunctionApp } from './load-app.ts';

export interface LoadedFunction {
  name: string;
  /** As registered: `httpTrigger`, `queueTrigger`, … */
  triggerType: string;
  /** The trigger's binding, with its options. */
  trigger: Record<string, unknown>;
}

/**
 * Loads the built app of a directory and lists the functions that it registers, sorted by name, without
 * starting any. A directory can be loaded once per process. Throws HostError where nothing can be loaded.
 */
export async function loadApp(directory: string): Promise<LoadedFunction[]> {
  const app = await loadFunctionApp(directory, () => {});
  return [...app.functions.values()]
    .map(({ name, trigger }) => ({ name, triggerType: trigger.type ?? '', trigger: { ...trigger } }))
    .sort((a, b) => a.name.localeCompare(b.name));
}
