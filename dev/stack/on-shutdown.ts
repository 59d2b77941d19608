/** npm signals its child as the terminal does too: Ctrl-C may arrive twice within a moment. */
const ONE_KEY_PRESS_MS = 1000;
const PARENT_CHECK_MS = 1000;

/**
 * Calls `end` once, when this process is asked to end: Ctrl-C, SIGTERM, a closed terminal, or the end of the
 * npm that started it (the shell between the two passes no signal on). A second Ctrl-C doesn't wait: the
 * process exits at once, together with the processes that `startChild` started.
 */
export function onShutdown(end: () => void): void {
  let notifiedAt: number | undefined;
  const requestEnd = () => {
    if (notifiedAt !== undefined) {
      if (Date.now() - notifiedAt > ONE_KEY_PRESS_MS) process.exit(130);
      return;
    }
    notifiedAt = Date.now();
    end();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, requestEnd);
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    if (notifiedAt === undefined) requestEnd();
  }, PARENT_CHECK_MS);
  watch.unref();
}
