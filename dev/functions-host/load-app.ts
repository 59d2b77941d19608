import { glob, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { withCoreModule } from './core-module.ts';
import { createFunctionApp, type FunctionApp, runHooks } from './function-app.ts';
import { HostError, messageOf } from './host-error.ts';
import type { HostLog } from './log.ts';

/** Node caches a loaded module, so an app's functions would not register a second time. */
const loadedDirectories = new Set<string>();

/**
 * Loads a built app as the worker does: package.json `main` (a path or a pattern), each file imported, then
 * the appStart hooks. Throws HostError, in one line, where the worker would continue without functions: a
 * missing package.json or build, a file that throws while it loads, nothing registered.
 * Source: azure-functions-nodejs-worker, startApp.ts and loadScriptFile.ts.
 */
export async function loadFunctionApp(directory: string, log: HostLog): Promise<FunctionApp> {
  const root = resolve(directory);
  if (loadedDirectories.has(root))
    throw new HostError(`${root} is already loaded in this process, and Node loads a module only once.`);
  const { main, type } = await readPackage(root);
  const files: string[] = [];
  for await (const file of glob(main, { cwd: root })) files.push(file);
  files.sort();
  if (files.length === 0)
    throw new HostError(`${join(root, main)} does not exist: the app is not built. Run: npm run build`);
  loadedDirectories.add(root);
  const app = createFunctionApp(root, log);
  await withCoreModule(app, async () => {
    for (const file of files) await loadFile(join(root, file), type);
  });
  if (!app.model || app.functions.size === 0)
    throw new HostError(
      `${join(root, main)} registers no function. Is @azure/functions-core external in the bundle?`,
    );
  await app.model.getCapabilities?.({});
  await runHooks(app, 'appStart', {
    hookData: app.hookData,
    appHookData: app.appHookData,
    functionAppDirectory: root,
  });
  app.started = true;
  return app;
}

async function readPackage(root: string): Promise<{ main: string; type: string }> {
  const file = join(root, 'package.json');
  let json: { main?: unknown; type?: unknown };
  try {
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new HostError(`${file} can't be read: ${messageOf(cause)}`, { cause });
  }
  if (typeof json.main !== 'string' || json.main === '')
    throw new HostError(`${file} has no "main", so there is nothing to load.`);
  return { main: json.main, type: json.type === 'module' ? 'module' : 'commonjs' };
}

async function loadFile(file: string, type: string): Promise<void> {
  try {
    const isEsModule = file.endsWith('.mjs') || (!file.endsWith('.cjs') && type === 'module');
    if (isEsModule) await import(pathToFileURL(file).href);
    else createRequire(import.meta.url)(file);
  } catch (cause) {
    throw new HostError(
      `${file} failed while it was loaded: ${cause instanceof Error ? cause.message : cause}`,
      {
        cause,
      },
    );
  }
}
