import type { Recheck } from '../signals/recheck.ts';
import type { Signal } from '../signals/signal.ts';
import { errorFields } from '../telemetry/log.ts';
import { intervalsInForce } from '../visibility/interval-in-force.ts';
import { policyInterval } from '../visibility/slowed-subscriptions.ts';
import type { Ports } from './ports.ts';
import type { CommittedReading } from './read-and-commit.ts';

type RecheckPorts = Pick<Ports, 'rechecks' | 'config' | 'clock' | 'log' | 'heartbeat'>;

/**
 * Azure propagates changes late: a policy that a signal concerned, and that has not changed yet, is read
 * again after a queue delay. Returns how many rechecks were sent.
 */
export async function scheduleRechecks(
  committed: readonly CommittedReading[],
  signals: readonly Signal[],
  rechecks: readonly Recheck[],
  ports: RecheckPorts,
): Promise<number> {
  const quiet = new Set(
    committed.filter(({ transition }) => transition.kind === 'none').map(({ policyId }) => policyId),
  );
  const wanted: Omit<Recheck, 'dueAt'>[] = [
    ...signals.map((signal) => ({
      signalId: signal.id,
      policyIds: policiesOf(signal, committed),
      recheck: 1,
    })),
    ...rechecks.map(({ signalId, policyIds, recheck }) => ({ signalId, policyIds, recheck: recheck + 1 })),
  ];
  const count = wanted.some(({ recheck }) => recheck > 1) ? await useful(committed, ports) : 1;
  const due = wanted
    .map((recheck) => ({ ...recheck, policyIds: recheck.policyIds.filter((id) => quiet.has(id)) }))
    .filter(({ policyIds, recheck }) => policyIds.length > 0 && recheck <= count);
  const sent = await Promise.all(
    due.map(({ signalId, policyIds, recheck }) => {
      const delay =
        (ports.config.recheckSeconds[recheck - 1] ?? 10) - (ports.config.recheckSeconds[recheck - 2] ?? 0);
      const dueAt = new Date(ports.clock.nowMs() + delay * 1000).toISOString();
      return sendOrLog({ signalId, policyIds, recheck, dueAt }, delay, ports);
    }),
  );
  return sent.filter(Boolean).length;
}

/**
 * How many rechecks are of use: all but the first only where the sweep comes later. Asked after a recheck only,
 * so that no signal pays for it.
 */
async function useful(
  committed: readonly CommittedReading[],
  { config, heartbeat, log }: RecheckPorts,
): Promise<number> {
  const read = await heartbeat.read().catch((error: unknown) => {
    log.warn('heartbeat-unreadable', errorFields(error));
    return undefined;
  });
  const intervals = intervalsInForce(read, config.sweepBounds);
  const intervalMs = Math.max(
    intervals.sweepIntervalMs,
    ...committed.map(({ transition }) => policyInterval(transition.policyState, intervals)),
  );
  const [, ...later] = config.recheckSeconds;
  return 1 + later.filter((seconds) => seconds * 1000 < intervalMs).length;
}

/**
 * The sweep reads every policy in any case, so a queue that refuses must not make the signal fail and return.
 */
async function sendOrLog(recheck: Recheck, delaySeconds: number, ports: RecheckPorts): Promise<boolean> {
  try {
    await ports.rechecks.send(recheck, delaySeconds);
    return true;
  } catch (error) {
    ports.log.error('recheck-not-sent', errorFields(error));
    return false;
  }
}

function policiesOf(signal: Signal, committed: readonly CommittedReading[]): string[] {
  return committed
    .filter(({ signals }) => signals.some((one) => one.id === signal.id))
    .map(({ policyId }) => policyId);
}
