import { before, deadlineIn } from '../azure/deadline.ts';
import type { PolicyState } from '../incidents/incident.ts';
import type { NoticeReason } from '../incidents/notice-reason.ts';
import { deliver } from '../notices/deliver.ts';
import type { OutboxRow } from '../storage/incident-store.ts';
import { entryOf, isInReadModel } from '../storage/read-model.ts';
import { errorFields } from '../telemetry/log.ts';
import type { CommittedTransition } from './decide-and-commit.ts';
import type { Ports, Watched } from './ports.ts';

/**
 * Sends the notices of these transitions, all of them together, and writes the rows that need not be in their
 * transactions. Throws the first storage error after everything has been tried.
 */
export async function afterCommit(
  done: readonly CommittedTransition[],
  watched: Watched,
  ports: Ports,
): Promise<void> {
  const spoken = done.filter(({ rows }) => rows.length > 0);
  // A person's action changes no environment; the list is then read from the store.
  const atHand = spoken.filter(({ transition }) => transition.environments.length > 0);
  const known = new Map(
    atHand.map(({ policyId, policyName, transition }) => [
      policyId,
      { policyName, environments: transition.environments },
    ]),
  );
  const rows = spoken.flatMap(({ rows: own }) => own);
  const isLong = done.reduce((sum, { transition }) => sum + transition.environments.length, 0) > LONG_LIST;
  const sending = deliver({ rows, known, sharing: sharingIn(watched) }, ports);
  const after = await Promise.allSettled([
    sending,
    ...done.map(async (one) => {
      if (isLong) await before(deadlineIn(REST_WAITS_MS, ports.clock), () => Promise.allSettled([sending]));
      await writeTheRest(one, ports);
    }),
  ]);
  for (const result of after) if (result.status === 'rejected') throw result.reason;
}

/** Good news, and who it was: a message about hundreds of policies may wait until all of them were read. */
const MAY_WAIT: ReadonlySet<NoticeReason> = new Set(['eased', 'accessRestored', 'closed', 'actorLearnt']);

export function mayWait({ rows }: CommittedTransition): boolean {
  return rows.length > 0 && rows.every(({ reason }) => MAY_WAIT.has(reason));
}

/** The policies that may share a message with a row: those that share the scope of its group. */
export function sharingIn({ list }: Watched): (row: OutboxRow) => readonly string[] {
  return ({ group }) => list.sharing(group.split('|')[2] ?? '');
}

/** This many rows, of all policies together, take enough time to delay the notice. */
const LONG_LIST = 100;
/** The longest that they wait for a channel. */
const REST_WAITS_MS = 1000;

/**
 * The rows that need not be in the transaction: the rest of a long list, and the read model if its entry
 * changed.
 */
async function writeTheRest({ transition, before }: CommittedTransition, ports: Ports): Promise<void> {
  const { policyState, incident, environments } = transition;
  const isNews = policyState !== before && !isInReadModel(policyState, before && entryOf(before));
  await Promise.all([
    incident && environments.length > 0 ? ports.store.writeEnvironments(incident, environments) : undefined,
    isNews ? refreshReadModel(policyState, ports) : undefined,
  ]);
}

/**
 * The read model may be out of date until the sweep repairs it. A failure here must not return the message to
 * the queue.
 */
async function refreshReadModel(
  policyState: PolicyState,
  ports: Pick<Ports, 'readModel' | 'clock' | 'log'>,
): Promise<void> {
  try {
    await ports.readModel.write(policyState, ports.clock.now());
  } catch (error) {
    ports.log.warn('read-model-behind', { policyId: policyState.policyId, ...errorFields(error) });
  }
}
