import type { RegisteredFunction } from './function-app.ts';
import { messageOf } from './host-error.ts';
import type { Invoke } from './invoke.ts';
import { type HostLog, systemLog } from './log.ts';
import { pause } from './pause.ts';
import type { Listener } from './queue-listener.ts';
import type { TypedData } from './rpc.ts';
import { isSubMinute, type Schedule } from './schedule.ts';
import { checkPastDue, type ScheduleStatus, type StatusStore } from './schedule-status.ts';
import { systemMetadata } from './trigger-metadata.ts';

export interface TimerOptions {
  fn: RegisteredFunction;
  schedule: Schedule;
  store: StatusStore;
  invoke: Invoke;
  log: HostLog;
  now: () => Date;
}

/** .NET's DateTime.MinValue, which means "never" in a timer's status. */
const NEVER = '0001-01-01T00:00:00+00:00';

/**
 * Runs a timer as the runtime does: past due at start where its stored status shows a missed occurrence, at
 * start where runOnStartup is set, then at every occurrence. One run ends before the next begins; an
 * occurrence that passed meanwhile runs at once. A failed run doesn't stop the schedule.
 * Source: azure-webjobs-sdk-extensions, Extensions/Timers/Listener/TimerListener.cs.
 */
export function startTimer(options: TimerOptions): Listener {
  const stopping = new AbortController();
  const loop = runLoop(options, stopping.signal).catch((error) =>
    systemLog(options.log, 'error', `The timer has stopped: ${messageOf(error)}`, options.fn.name),
  );
  return {
    async stop() {
      stopping.abort();
      await loop;
    },
  };
}

async function runLoop(options: TimerOptions, signal: AbortSignal): Promise<void> {
  const { fn, schedule, now } = options;
  const isMonitored = fn.trigger.useMonitor !== false && !isSubMinute(schedule, now());
  const started = now();
  const kept = isMonitored ? await readStatus(options) : undefined;
  let { status, isPastDue } = checkPastDue(kept, started, schedule);
  if (isMonitored) await keepStatus(options, status);

  const fire = async (at: Date, why: 'due' | 'pastDue' | 'startup') => {
    await run(options, isMonitored ? status : undefined, why === 'pastDue');
    // A Node timer may fire slightly early; without this the same occurrence would run twice.
    const occurrence = why === 'due' && status.next > at ? status.next : at;
    status = { last: occurrence, next: schedule.next(occurrence), lastUpdated: occurrence };
    if (isMonitored) await keepStatus(options, status);
  };
  if (isPastDue) await fire(started, 'pastDue');
  else if (fn.trigger.runOnStartup === true) await fire(started, 'startup');
  while (!signal.aborted) {
    await pause(Math.max(1, status.next.getTime() - now().getTime()), signal);
    if (!signal.aborted) await fire(now(), 'due');
  }
}

/** The timer object. Its names begin with a capital here; the programming model converts them. */
export function timerData(
  schedule: Schedule,
  status: ScheduleStatus | undefined,
  isPastDue: boolean,
): TypedData {
  const kept = status && {
    Last: status.last?.toISOString() ?? NEVER,
    Next: status.next.toISOString(),
    LastUpdated: status.lastUpdated.toISOString(),
  };
  return {
    json: JSON.stringify({
      Schedule: { AdjustForDST: schedule.adjustForDst },
      ScheduleStatus: kept ?? null,
      IsPastDue: isPastDue,
    }),
  };
}

async function run(
  options: TimerOptions,
  status: ScheduleStatus | undefined,
  isPastDue: boolean,
): Promise<void> {
  const { fn, invoke, schedule, log, now } = options;
  try {
    await invoke(fn, {
      data: timerData(schedule, status, isPastDue),
      triggerMetadata: { TimerTrigger: { string: now().toISOString() }, ...systemMetadata(fn.name, now()) },
    });
  } catch (error) {
    systemLog(log, 'error', `Executing failed: ${messageOf(error)}`, fn.name);
  }
}

async function readStatus({ fn, store, log }: TimerOptions): Promise<ScheduleStatus | undefined> {
  try {
    return await store.read(fn.name);
  } catch (error) {
    systemLog(log, 'warning', `The timer's status can't be read: ${messageOf(error)}`, fn.name);
    return undefined;
  }
}

async function keepStatus({ fn, store, log }: TimerOptions, status: ScheduleStatus): Promise<void> {
  try {
    await store.write(fn.name, status);
  } catch (error) {
    systemLog(log, 'warning', `The timer's status can't be kept: ${messageOf(error)}`, fn.name);
  }
}
