import type { Clock } from '../clock.ts';
import { isOnlyWarning } from '../incidents/causes.ts';
import { withEndedIncidents } from '../incidents/ended-incidents.ts';
import type { PolicyState, Transition } from '../incidents/incident.ts';
import { outboxRows } from '../notices/outbox.ts';
import type { OutboxRow, StoredPolicyState } from '../storage/incident-store.ts';
import { policyNameOf } from '../triggers/policy-chain.ts';
import type { Ports } from './ports.ts';

type CommitPorts = Pick<Ports, 'store' | 'channels' | 'routes' | 'clock' | 'log'>;

/** How often a decision is made anew because another writer was first. */
const COMMIT_TRIES = 6;

/** Other processes kept writing the same state; the caller must try again. */
export class CommitConflictError extends Error {
  override readonly name = 'CommitConflictError';
  constructor(what: string) {
    super(`The state of ${what} changed ${COMMIT_TRIES} times while something was to be committed.`);
  }
}

export interface CommittedTransition {
  policyId: string;
  policyName: string;
  transition: Transition;
  /** The notices that it requested; none if nothing was written. */
  rows: OutboxRow[];
  /** The policy state before the transition. */
  before?: PolicyState;
}

/** `unchanged`: the transition is no news, so nothing is written. */
export interface PolicyDecision {
  transition: Transition;
  unchanged?: boolean;
}

/**
 * The only way to change a policy's state: reads it, decides (`decide` is pure), and commits the transition
 * with the notices that it requests under the state's ETag. If another writer was first, it reads and decides
 * again. `read`: for a caller that has the state already, or that checks something at every read. Throws
 * `CommitConflictError`.
 * @example
 * const done = await decideAndCommit(policyId, (state, now) => ({ transition: decideOn(state, now) }), ports);
 * await afterCommit([done], await ports.watched(), ports);
 */
export function decideAndCommit(
  policyId: string,
  decide: (policyState: PolicyState | undefined, now: string) => PolicyDecision,
  ports: CommitPorts,
  read = () => ports.store.readPolicyState(policyId),
): Promise<CommittedTransition & PolicyDecision> {
  return commitUnderEtag(policyId, ports.clock, read, async (stored, now) => {
    const before = stored?.policyState;
    const decision = decide(before, now);
    const { unchanged } = decision;
    const policyState = withEndedIncidents(before, decision.transition, now);
    const transition = unchanged ? decision.transition : { ...decision.transition, policyState };
    const rows = unchanged ? [] : await commitTransition(transition, stored, now, ports);
    const policyName = policyNameOf(transition.policyState.history);
    return rows === 'conflict' ? rows : { ...decision, transition, policyId, policyName, rows, before };
  });
}

/**
 * Reads a state and commits a decision on it; both again where another writer was first (`conflict`). Throws
 * `CommitConflictError` where others keep writing.
 */
export async function commitUnderEtag<Stored, Done extends object>(
  what: string,
  clock: Clock,
  read: () => Promise<Stored>,
  commit: (stored: Stored, now: string) => Promise<Done | 'conflict'>,
): Promise<Done> {
  for (let attempt = 0; attempt < COMMIT_TRIES; attempt += 1) {
    const done = await commit(await read(), clock.now());
    if (done !== 'conflict') return done;
  }
  throw new CommitConflictError(what);
}

async function commitTransition(
  transition: Transition,
  before: StoredPolicyState | undefined,
  now: string,
  ports: CommitPorts,
): Promise<OutboxRow[] | 'conflict'> {
  const channels = ports.channels.map(({ name }) => name);
  const rows = outboxRows(transition, channels, now, ports.routes);
  const result = await ports.store.commit(transition, before?.etag, rows);
  if (result.outcome === 'conflict') return 'conflict';
  if (transition.kind !== 'none')
    ports.log.info('transition', {
      policyId: transition.policyState.policyId,
      // The alert `incident-opened` pages people for the kinds of a lock.
      kind: isQuiet(transition) ? 'warned' : transition.kind,
      incident: transition.incident?.id,
      detectSeconds: transition.kind === 'opened' ? detectSeconds(transition) : undefined,
    });
  return result.rows;
}

function isQuiet({ kind, incident }: Transition): boolean {
  return (kind === 'opened' || kind === 'worsened') && incident !== undefined && isOnlyWarning(incident);
}

/** From the operation, if a signal gave its time, to the reading that showed its effect. */
function detectSeconds({ incident }: Transition): number | undefined {
  if (incident?.actedAt === undefined) return undefined;
  const seconds = (Date.parse(incident.openedAt) - Date.parse(incident.actedAt)) / 1000;
  return seconds >= 0 ? seconds : undefined;
}
