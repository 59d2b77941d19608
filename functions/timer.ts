import { app as functions } from '@azure/functions';
import type { App } from '../shared/compose.ts';
import { onTimer } from '../shared/pipeline/watchdog.ts';
import { everySeconds } from '../shared/settings/settings.ts';

/** Reads the observed state on a timer, and delivers all waiting notices. */
export function registerTimer(app: App): void {
  functions.timer('timer', {
    schedule: everySeconds(app.settings.sweepSeconds),
    runOnStartup: true,
    handler: (_timer, context) => app.run('timer', context, runTimer),
  });
}

/** Separately: no queue is needed to sweep, and a queue that hangs must not delay the tables. */
export async function runTimer(ports: App): Promise<void> {
  const both = await Promise.allSettled([
    ports.prepareTables(ports.log).then(() => onTimer(ports)),
    ports.prepareQueues(ports.log),
  ]);
  for (const one of both) if (one.status === 'rejected') throw one.reason;
}
