import { join, resolve } from 'node:path';
import type { DroppedLines } from './app-log.ts';
import { type AppSettings, readLocalSettings, resolveSettings } from './app-settings.ts';
import { type FunctionApp, type RegisteredFunction, runHooks } from './function-app.ts';
import { HostError } from './host-error.ts';
import { type HostConfig, readHostJson } from './host-json.ts';
import { httpFunctions } from './http-trigger.ts';
import { createInvoker } from './invoke.ts';
import { createKeys } from './keys.ts';
import { loadFunctionApp } from './load-app.ts';
import { type HostLog, systemLog } from './log.ts';
import { connectionAddress, createQueueOpener } from './queue-connection.ts';
import { type Listener, listenToQueue } from './queue-listener.ts';
import type { QueueTask } from './queue-message.ts';
import { unsupportedRetry, withRetries } from './retry.ts';
import { parseSchedule, type Schedule } from './schedule.ts';
import { createStatusStore } from './schedule-status.ts';
import { listen } from './server.ts';
import { startTimer } from './timer-trigger.ts';

export interface HostOptions {
  /** The folder of the built app: host.json, package.json and the files that its `main` names. */
  directory: string;
  /** Port on 127.0.0.1; 0 takes a free one. Default: that of local.settings.json, else 7071. */
  port?: number;
  /**
   * App settings in addition to local.settings.json, with precedence. Default: the environment of this
   * process.
   */
  env?: AppSettings;
  /** Only these functions run here; others are known and left to other processes. */
  only?: string[];
  /** Requires keys as Azure does. Off, as in Core Tools, where keys are not required locally. */
  auth?: boolean;
  log: HostLog;
  /**
   * How long a message is hidden while its function runs, in whole seconds. The runtime's ten minutes by
   * default.
   */
  queueLeaseMs?: number;
}

export interface RunningHost {
  url: string;
  port: number;
  /** Names of the functions that run here. */
  functions: string[];
  /** Log lines of the app for invocations that had answered. */
  dropped(): DroppedLines;
  /**
   * Resolves, with a sentence, at the first fault that the runtime leaves unhandled and that ends its
   * process. The host keeps running until it is stopped: its starter decides.
   * Source: azure-functions-host, src/WebJobs.Script.WebHost/WebScriptHostExceptionHandler.cs.
   */
  unhandledFault: Promise<string>;
  /** Accepts nothing more, waits up to `patienceMs` (an hour by default) for running work, then ends. */
  stop(patienceMs?: number): Promise<void>;
}

/** The trigger types that this host can start. */
const TRIGGERS = ['httptrigger', 'queuetrigger', 'timertrigger', 'eventgridtrigger', 'eventhubtrigger'];
/** azure-sdk-for-net, QueueListener: the visibility timeout of a received message. */
const QUEUE_LEASE_MS = 10 * 60_000;
/**
 * "Event-driven scaling in Azure Functions", section "Scale-in behaviors": running executions get up to 60
 * minutes in the plan Flex Consumption.
 */
const STOP_PATIENCE_MS = 60 * 60_000;

/**
 * Starts a built function app as the Functions runtime would. The app runs in this process and reads this
 * process's environment, so the settings are written there, and one app can be started once per process.
 * Throws HostError, in one line, for faults that a person can correct: a missing build, a bad host.json, a
 * port in use.
 */
export async function startHost(options: HostOptions): Promise<RunningHost> {
  const directory = resolve(options.directory);
  const config = await readHostJson(directory);
  const local = await readLocalSettings(directory);
  const settings: AppSettings = {
    AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
    FUNCTIONS_WORKER_RUNTIME: 'node',
    ...local.values,
    ...defined(options.env ?? process.env),
  };
  Object.assign(process.env, settings);
  const keys = createKeys(settings, options.auth === true);
  const app = await loadFunctionApp(directory, options.log);
  const all = [...app.functions.values()];
  const here = chooseFunctions(all, options.only, settings);
  const isHere = (fn: RegisteredFunction) => here.includes(fn);
  for (const warning of here.flatMap((fn) => unsupportedRetry(fn) ?? []))
    systemLog(options.log, 'warning', warning);

  const stopping = new AbortController();
  const invoker = createInvoker(app, config.functionTimeoutMs);
  const invoke = withRetries(invoker.invoke, options.log, stopping.signal);
  const schedules = readSchedules(here, settings);
  const { promise: unhandledFault, resolve: reportFault } = Promise.withResolvers<string>();
  const onUnhandled = (fault: string) => {
    systemLog(options.log, 'error', `An unhandled exception has occurred. Host is shutting down. ${fault}`);
    reportFault(fault);
  };
  const queues = await openQueues(here, settings, config, { ...options, invoke, onUnhandled });
  const server = await listen(
    {
      functions: all,
      isHere,
      http: httpFunctions(here, config.routePrefix, settings),
      schedules,
      keys,
      invoke,
      dropped: () => app.dropped,
      hasHomepage: settings.AzureWebJobsDisableHomepage?.toLowerCase() !== 'true',
      stopping: stopping.signal,
      log: options.log,
    },
    options.port ?? local.port ?? 7071,
  );
  const store = createStatusStore(
    join(directory, '.lockwatch/timers'),
    connectionAddress('AzureWebJobsStorage', settings) ?? '',
  );
  const listeners: Listener[] = [
    ...queues.map(listenToQueue),
    ...here.flatMap((fn) => {
      const schedule = schedules.get(fn.name);
      return schedule
        ? [startTimer({ fn, schedule, store, invoke, log: options.log, now: () => new Date() })]
        : [];
    }),
  ];
  const { port } = server;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    functions: here.map(({ name }) => name),
    dropped: () => app.dropped,
    unhandledFault,
    async stop(patienceMs = STOP_PATIENCE_MS) {
      stopping.abort();
      const stopped = Promise.all([server, ...listeners].map((one) => one.stop()));
      // A run by hand is nobody's request any more.
      const quiet = stopped.then(() => invoker.drained(patienceMs));
      if (!(await within(quiet, patienceMs)))
        systemLog(options.log, 'warning', `Stopped with ${invoker.running()} invocation(s) still running.`);
      server.closeAllConnections();
      await terminate(app);
    },
  };
}

function chooseFunctions(
  all: RegisteredFunction[],
  only: string[] | undefined,
  settings: AppSettings,
): RegisteredFunction[] {
  const names = all.map(({ name }) => name).join(', ');
  const wanted = only && only.length > 0 ? only.map((name) => name.toLowerCase()) : undefined;
  const unknown =
    only?.filter((name) => !all.some((fn) => fn.name.toLowerCase() === name.toLowerCase())) ?? [];
  if (unknown.length > 0)
    throw new HostError(`There is no function '${unknown.join("', '")}'. There are: ${names}.`);
  const here = all.filter(
    (fn) => (!wanted || wanted.includes(fn.name.toLowerCase())) && !isDisabled(fn.name, settings),
  );
  for (const fn of here)
    if (!TRIGGERS.includes(fn.triggerType))
      throw new HostError(`Function '${fn.name}' has a ${fn.trigger.type}, which this host does not have.`);
  return here;
}

/** "How to disable functions in Azure Functions": the setting `AzureWebJobs.<name>.Disabled`. */
function isDisabled(name: string, settings: AppSettings): boolean {
  const value = settings[`AzureWebJobs.${name}.Disabled`] ?? settings[`AzureWebJobs_${name}_Disabled`] ?? '';
  return ['true', '1'].includes(value.toLowerCase());
}

function readSchedules(functions: RegisteredFunction[], settings: AppSettings): Map<string, Schedule> {
  // Azure uses UTC unless this setting says otherwise; so does this host, in any local time zone.
  const timeZone = settings.WEBSITE_TIME_ZONE ?? 'UTC';
  const timers = functions.filter(({ triggerType }) => triggerType === 'timertrigger');
  return new Map(
    timers.map((fn) => {
      const text = resolveSettings(String(fn.trigger.schedule ?? ''), settings, fn.name);
      return [fn.name, parseSchedule(text, timeZone, fn.name)];
    }),
  );
}

async function openQueues(
  functions: RegisteredFunction[],
  settings: AppSettings,
  config: HostConfig,
  options: HostOptions & Pick<QueueTask, 'invoke' | 'onUnhandled'>,
): Promise<QueueTask[]> {
  const opener = createQueueOpener(settings);
  const triggered = functions.filter(({ triggerType }) => triggerType === 'queuetrigger');
  return Promise.all(
    triggered.map(async (fn) => {
      const name = resolveSettings(String(fn.trigger.queueName ?? ''), settings, fn.name).toLowerCase();
      const open = (queueName: string) =>
        opener.open(String(fn.trigger.connection ?? ''), queueName, fn.name);
      // QueueListenerFactory: a poison queue has no poison queue of its own, nor has a queue whose name would
      // get too long.
      const hasPoison = !name.endsWith('-poison') && `${name}-poison`.length <= 63;
      return {
        fn,
        queue: await open(name),
        poison: hasPoison ? await open(`${name}-poison`) : undefined,
        options: config.queues,
        leaseMs: options.queueLeaseMs ?? QUEUE_LEASE_MS,
        invoke: options.invoke,
        onUnhandled: options.onUnhandled,
        log: options.log,
      };
    }),
  );
}

async function terminate(app: FunctionApp): Promise<void> {
  await runHooks(app, 'appTerminate', { hookData: app.hookData, appHookData: app.appHookData });
}

async function within(work: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((done) => {
    timer = setTimeout(() => done(false), ms);
  });
  const inTime = await Promise.race([work.then(() => true), late]);
  clearTimeout(timer);
  return inTime;
}

function defined(settings: AppSettings): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
