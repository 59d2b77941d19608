import { app as functions } from '@azure/functions';
import type { App } from '../shared/compose.ts';
import { everySeconds } from '../shared/settings.ts';
import { onTimer } from '../shared/timer-watch.ts';

/** Truth on a timer, and every notice that is still to be delivered. */
export function registerTimer(app: App): void {
  functions.timer('timer', {
    schedule: everySeconds(app.settings.sweepSeconds),
    runOnStartup: true,
    handler: (_timer, context) =>
      app.run('timer', context, async (ports) => {
        await ports.prepare();
        await onTimer(ports);
      }),
  });
}
