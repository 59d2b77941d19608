import type { PolicyState } from '../../incidents/incident.ts';
import type { Heartbeat } from '../../visibility/heartbeat.ts';
import type { SweepIntervals } from '../../visibility/slowed-subscriptions.ts';
import { partsOf } from './slow-list.ts';

/** `unknown`: it has not been called yet, or there is no evidence. */
export type DependencyState = 'ok' | 'partly' | 'failing' | 'unknown';

export interface Dependency {
  name:
    | 'resourceManager'
    | 'powerPlatform'
    | 'inventory'
    | 'tableStorage'
    | 'queueStorage'
    | 'eventGrid'
    | 'auditLog';
  state: DependencyState;
  /** When it last succeeded; null: never, or not known. */
  lastSuccessAt: string | null;
  ageSeconds: number | null;
  /** The remediation, where it fails for a reason of its own. */
  detail?: string;
}

/**
 * The services that Lockwatch depends on, as the last readings and signals of all policies show them. Pure.
 */
export function dependencies(
  known: {
    policyStates: readonly PolicyState[];
    /** Undefined: the heartbeat's row can't be read. */
    heartbeat: Pick<Heartbeat, 'queueFault'> | undefined;
    unreadable?: number;
    /** The reason why the queue could not be counted. */
    queueFault?: string;
    /** The reason why the table of the history can't be read. */
    historyFault?: string | undefined;
  },
  context: { now: string } & SweepIntervals,
): Dependency[] {
  const policyStates = known.policyStates.filter(({ supported }) => supported);
  const isInventory = policyStates.some(({ history }) => history.environments?.source === 'inventory');
  const last = (of: 'event' | 'audit') =>
    latest(known.policyStates.flatMap(({ lastSignals }) => Object.values(lastSignals?.[of] ?? {})));
  const one = (name: Dependency['name'], state: DependencyState, at: string | undefined): Dependency => ({
    name,
    state,
    lastSuccessAt: at ?? null,
    ageSeconds: at === undefined ? null : Math.round((Date.parse(context.now) - Date.parse(at)) / 1000),
  });
  // This answer itself was read from the tables; those it can do without are the heartbeat's and the history's.
  const { historyFault } = known;
  const isWhole = known.heartbeat !== undefined && historyFault === undefined;
  const tables = one('tableStorage', isWhole ? 'ok' : 'partly', context.now);
  if (historyFault !== undefined) tables.detail = `Table history: ${historyFault}`;
  const queue = one('queueStorage', ...queues(known, context.now));
  const queueFault = known.heartbeat?.queueFault ?? known.queueFault;
  if (queueFault !== undefined) queue.detail = queueFault;
  const event = last('event');
  const audit = last('audit');
  return [
    one('resourceManager', ...reading(policyStates, ['policy', 'vault', 'key', 'permission'], context)),
    one(isInventory ? 'inventory' : 'powerPlatform', ...reading(policyStates, ['environments'], context)),
    tables,
    queue,
    one('eventGrid', event === undefined ? 'unknown' : 'ok', event),
    one('auditLog', audit === undefined ? 'unknown' : 'ok', audit),
  ];
}

/** As this answer's own count found it, and as the timer's process, which uses all queues, last found it. */
function queues(
  { unreadable, queueFault, heartbeat }: Parameters<typeof dependencies>[0],
  now: string,
): [DependencyState, string | undefined] {
  if (queueFault !== undefined) return ['failing', undefined];
  if (heartbeat?.queueFault !== undefined)
    return unreadable === undefined ? ['failing', undefined] : ['partly', now];
  return unreadable === undefined ? ['unknown', undefined] : ['ok', now];
}

function reading(
  policyStates: readonly PolicyState[],
  parts: readonly string[],
  context: { now: string } & SweepIntervals,
): [DependencyState, string | undefined] {
  const asked = policyStates
    .flatMap((policyState) => parts.map((part) => partsOf(policyState, context)[part]))
    .filter((part) => part !== undefined)
    .filter(
      ({ state, reason }) => state !== 'unknown' || (reason !== 'follows' && reason !== 'notSupported'),
    );
  const answered = asked.filter(({ state }) => state !== 'unknown');
  const at = latest(answered.map(({ readAt }) => readAt));
  if (asked.length === 0) return ['unknown', undefined];
  if (answered.length === asked.length) return ['ok', at];
  return [answered.length === 0 ? 'failing' : 'partly', at];
}

function latest(times: readonly string[]): string | undefined {
  return [...times].sort().at(-1);
}
