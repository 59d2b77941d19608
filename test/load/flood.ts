import { setTimeout as sleep } from 'node:timers/promises';
import { SHARED_VAULT } from '../../dev/azure-simulator/world/seed-more.ts';
import { observer, type ScenarioResult } from '../../dev/demo/observe.ts';
import { eventOfNobody, perimeterWrite, unreadableText } from './load-events.ts';
import type { LoadSize } from './sizes.ts';
import { type AroundApp, severalAtOnce } from './under-load.ts';

/** Operations that raise an ARM event, and after which the policy is offline. */
const SCENARIOS = ['permissions-revoked', 'public-access-disabled', 'vault-deleted', 'network-restricted'];

/** One change that takes policies offline, as the simulator made it. */
export interface Change {
  policies: string[];
  at: string;
  scenario: string;
}
export interface Flood {
  changes: Change[];
  pushesRefused: number;
  perimeterWrites: number;
  seconds: number;
}

/** Fills the queue before the app's first start. */
export async function queueBefore(size: LoadSize, { signals, stack }: AroundApp): Promise<void> {
  const { subscriptions } = stack.simulator;
  const texts = Array.from({ length: size.queuedBefore }, (_, n) =>
    n < size.unreadable ? unreadableText(n) : toQueue(eventOfNobody(n, subscriptions)),
  );
  await severalAtOnce(texts, 8, (text) => signals.sendMessage(text, FOREVER));
}

/**
 * Brings the events second by second, whether or not the app keeps up: those that concern nobody, those that
 * matter evenly among them, the deletion of the shared vault half-way, and the perimeter's writes.
 */
export async function flood(size: LoadSize, around: AroundApp): Promise<Flood> {
  const { stack, signals } = around;
  const { subscriptions } = stack.simulator;
  const seen = observer(stack);
  const result: Flood = { changes: [], pushesRefused: 0, perimeterWrites: 0, seconds: 0 };
  const act = async (scenario: string, target: Record<string, string>, policies: string[]) => {
    const { at, events }: ScenarioResult = await seen.scenario(scenario, target);
    // `waiting`: the queue did not take it, and it comes again after 10 s, as from Event Grid.
    if (!events.some(({ delivered }) => delivered === 'queue' || delivered === 'waiting'))
      throw new Error(`The event of ${scenario} is delivered nowhere: ${JSON.stringify(events)}`);
    result.changes.push({ policies, at, scenario });
  };
  const beganAt = Date.now();
  const working: Promise<void>[] = [];
  let [sent, queued, changed] = [0, 0, 0];
  for (let second = 1; second <= size.floodSeconds; second += 1) {
    const part = second / size.floodSeconds;
    const upTo = Math.round(size.events * part);
    const inQueueUpTo = Math.round(size.events * size.queueShare * part);
    const texts = Array.from({ length: upTo - sent }, (_, n) => eventOfNobody(sent + n, subscriptions));
    const forQueue = texts.splice(0, inQueueUpTo - queued);
    [sent, queued] = [upTo, inQueueUpTo];
    working.push(
      severalAtOnce(forQueue, 4, (text) => signals.sendMessage(toQueue(text), FOREVER)),
      push(texts, stack.url, result),
    );
    while (changed < Math.floor(size.matter * part)) {
      changed += 1;
      const policy = `ep-asia-${changed}`;
      working.push(act(SCENARIOS[changed % SCENARIOS.length] ?? '', { policy }, [policy]));
    }
    if (second === Math.ceil(size.floodSeconds / 2))
      working.push(act('vault-deleted', { vault: SHARED_VAULT }, sharedPolicies(size)));
    if (second % size.perimeterEverySeconds === 0) {
      result.perimeterWrites += 1;
      const write = perimeterWrite(second, subscriptions[second % subscriptions.length] ?? '');
      working.push(signals.sendMessage(toQueue(write), FOREVER).then(() => undefined));
    }
    // What is done by then need not be kept; a fault ends the run.
    await Promise.all([sleep(Math.max(0, beganAt + second * 1000 - Date.now())), ...working.splice(0)]);
  }
  result.seconds = (Date.now() - beganAt) / 1000;
  return result;
}

export function sharedPolicies({ policies }: LoadSize): string[] {
  return Array.from({ length: policies }, (_, n) => `ep-shared-${n + 1}`);
}

const FOREVER = { messageTimeToLive: -1 };

/** As Event Grid delivers into a storage queue. */
function toQueue(event: string): string {
  return Buffer.from(event).toString('base64');
}

const EVENTS_A_PUSH = 50;

/** As Event Grid pushes; what is refused comes again, as from Event Grid. */
async function push(texts: readonly string[], url: string, counts: Pick<Flood, 'pushesRefused'>) {
  const bodies: string[] = [];
  for (let n = 0; n < texts.length; n += EVENTS_A_PUSH)
    bodies.push(`[${texts.slice(n, n + EVENTS_A_PUSH).join()}]`);
  await severalAtOnce(bodies, 4, async (body) => {
    const post = () =>
      fetch(`${url}/runtime/webhooks/EventGrid?functionName=eventGrid`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'aeg-event-type': 'Notification' },
        body,
        signal: AbortSignal.timeout(30_000),
      });
    for (let tries = 1; ; tries += 1) {
      const status = await post().then(
        ({ status }) => status,
        () => 0,
      );
      if (status === 202) return;
      counts.pushesRefused += 1;
      if (tries === 5) throw new Error(`A push was refused five times; the last answer was ${status}.`);
      await sleep(1_000);
    }
  });
}
