/** The destination of the vaults' audit records, through their diagnostic settings. */
export interface AuditLog {
  /** Accepts records; they arrive later, those of the same moment as one message. */
  send(records: readonly Record<string, unknown>[]): void;
  stop(): void;
}

const TIMEOUT_MS = 30_000;

/**
 * Delivers audit records as a diagnostic setting does: `{"records":[…]}` as one message of an event hub,
 * minutes late in Azure and `delayMs` here ("Azure Key Vault logging"). `url`: where the local host receives
 * the hub's messages. A rejected message is sent again until it is accepted: an event hub keeps its messages.
 */
export function createAuditLog(options: {
  url: string | undefined;
  delayMs: number;
  retryDelaysMs: readonly number[];
}): AuditLog {
  const { url, delayMs, retryDelaysMs } = options;
  const timers = new Set<NodeJS.Timeout>();
  const abort = new AbortController();

  const after = (ms: number, work: () => void) => {
    if (abort.signal.aborted) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      work();
    }, ms);
    timers.add(timer);
  };
  const deliver = async (to: string, records: readonly Record<string, unknown>[], attempt: number) => {
    const again = () => {
      const delay = retryDelaysMs[Math.min(attempt, retryDelaysMs.length) - 1] ?? 0;
      after(delay, () => void deliver(to, records, attempt + 1));
    };
    try {
      const answer = await fetch(to, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify([{ body: { records } }]),
        signal: AbortSignal.any([abort.signal, AbortSignal.timeout(TIMEOUT_MS)]),
      });
      await answer.arrayBuffer();
      if (answer.status !== 202) again();
    } catch {
      // No listener is there now: the message waits in its hub.
      again();
    }
  };

  return {
    send(records) {
      if (url !== undefined && records.length > 0) after(delayMs, () => void deliver(url, records, 1));
    },
    stop() {
      abort.abort();
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
