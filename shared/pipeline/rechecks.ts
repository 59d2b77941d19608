import type { SecondLook } from '../signals/recheck.ts';
import type { Signal } from '../signals/signal.ts';
import { errorFields } from '../telemetry/log.ts';
import type { Ports } from './ports.ts';
import type { CommittedReading } from './read-and-commit.ts';

/**
 * Azure propagates late: a signal that concerned a policy, and changed nothing yet, is looked at again through the
 * queue's own delay. Returns how many looks were sent.
 */
export async function lookAgain(
  committed: readonly CommittedReading[],
  signals: readonly Signal[],
  looks: readonly SecondLook[],
  ports: Ports,
): Promise<number> {
  const quiet = new Set(
    committed.filter(({ transition }) => transition.kind === 'none').map(({ policyId }) => policyId),
  );
  const wanted: { signal: Signal; policyIds: string[]; look: number }[] = [
    ...signals.map((signal) => ({ signal, policyIds: policiesOf(signal, committed), look: 1 })),
    ...looks.map(({ signal, policyIds, look }) => ({ signal, policyIds, look: look + 1 })),
  ];
  const due = wanted
    .map((look) => ({ ...look, policyIds: look.policyIds.filter((id) => quiet.has(id)) }))
    .filter(({ policyIds, look }) => policyIds.length > 0 && look <= ports.secondLooks.length);
  const sent = await Promise.all(
    due.map(({ signal, policyIds, look }) => {
      const delay = (ports.secondLooks[look - 1] ?? 10) - (ports.secondLooks[look - 2] ?? 0);
      const dueAt = new Date(ports.clock.nowMs() + delay * 1000).toISOString();
      return sendOrLog({ signal, policyIds, look, dueAt }, delay, ports);
    }),
  );
  return sent.filter(Boolean).length;
}

/** The sweep reads the truth in any case: a queue that refuses must not make the signal fail, and come again. */
async function sendOrLog(look: SecondLook, delaySeconds: number, ports: Ports): Promise<boolean> {
  try {
    await ports.looks.send(look, delaySeconds);
    return true;
  } catch (error) {
    ports.log.error('second-look-not-sent', errorFields(error));
    return false;
  }
}

function policiesOf(signal: Signal, committed: readonly CommittedReading[]): string[] {
  return committed
    .filter(({ signals }) => signals.some((one) => one.id === signal.id))
    .map(({ policyId }) => policyId);
}
