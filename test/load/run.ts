import { appendFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { NotSeenError, until } from '../../dev/demo/observe.ts';
import { flood, queueBefore } from './flood.ts';
import { boundSeconds, faultsOf, secondsToNotice } from './load-faults.ts';
import { fittedGrowthMB, sampleMemory } from './memory-samples.ts';
import { readOutcome } from './outcome.ts';
import { SIZES } from './sizes.ts';
import { messagesIn, startAroundApp } from './under-load.ts';

const { values } = parseArgs({
  options: {
    directory: { type: 'string' },
    small: { type: 'boolean', default: false },
    perimeter: { type: 'boolean', default: false },
    events: { type: 'string' },
    queued: { type: 'string' },
    log: { type: 'string' },
  },
});
const full = SIZES[values.small ? 'small' : 'whole'];
const events = Number(values.events ?? full.events);
const size = {
  ...full,
  events,
  floodSeconds: Math.ceil((full.floodSeconds * events) / full.events),
  queuedBefore: Number(values.queued ?? full.queuedBefore),
};
const beganAt = Date.now();
const seconds = (since: number) => Math.round((Date.now() - since) / 100) / 10;
const say = (text: string) => console.log(`${String(Math.round(seconds(beganAt))).padStart(5)} s  ${text}`);

const around = await startAroundApp(size, values.directory ?? '');
const { stack, store, signals } = around;
let stop = async () => stack.stop();
let stopMemory = () => {};
try {
  await queueBefore(size, around);
  say(`${size.queuedBefore} messages queued`);
  const startedAt = Date.now();
  const logged = new Map<string, number>();
  const app = await around.startApp((line) => {
    const event = /"event":"([^"]+)"|"what":"([^"]+)"/.exec(line);
    if (event) logged.set(event[1] ?? event[2] ?? '', (logged.get(event[1] ?? event[2] ?? '') ?? 0) + 1);
    if (values.log) void appendFile(values.log, `${new Date().toISOString()} ${line}\n`);
  });
  stop = async () => {
    await app.stop();
    await stack.stop();
  };
  const memory = sampleMemory(app.process.pid ?? 0);
  stopMemory = memory.stop;
  const known = async () => (await store.readReadModel()).filter(({ verdict }) => verdict === 'clear').length;
  const all = size.policies + size.matter;
  let [drainedAt, knownAt] = [0, 0];
  await until('every policy known and the queue drained', 15 * 60_000, async () => {
    const [left, clear] = [await messagesIn(signals), await known()];
    say(`${left} messages queued, ${clear} policies clear`);
    if (left <= 1) drainedAt ||= Date.now();
    if (clear >= all) knownAt ||= Date.now();
    if (drainedAt && knownAt) return true;
    await new Promise((resolve) => setTimeout(resolve, 3000));
    return undefined;
  });
  say(`drained after ${(drainedAt - startedAt) / 1000} s, all known after ${(knownAt - startedAt) / 1000} s`);

  const floodFrom = memory.samples.length;
  const flooded = await flood(size, around, values.perimeter);
  const floodTo = memory.samples.length;
  say(`flood over: ${JSON.stringify({ ...flooded, changes: flooded.changes.length })}`);
  const endedAt = Date.now();
  const wanted = flooded.changes.flatMap(({ policies }) => policies).length;
  await until('every notice sent and the queue drained', 10 * 60_000, async () => {
    const [left, pending] = [await messagesIn(signals), (await store.pendingNotices()).length];
    const open = (await store.listIncidents()).length;
    say(`${left} messages queued, ${pending} notices pending, ${open} of ${wanted} incidents`);
    if (left <= 1 && pending === 0 && open >= wanted) return true;
    await new Promise((resolve) => setTimeout(resolve, 3000));
    return undefined;
  }).catch((error) => {
    if (!(error instanceof NotSeenError)) throw error;
    say(error.message);
  });
  const settledAt = Date.now();
  // Another whole sweep, so that what would be doubled is.
  await new Promise((resolve) => setTimeout(resolve, size.sweepSeconds * 1000 + 3000));
  const outcome = await readOutcome(around);
  const faults = faultsOf(size, flooded.changes, outcome);
  const own = flooded.changes.filter(({ policies }) => policies.length === 1);
  const shared = flooded.changes.filter(({ policies }) => policies.length > 1);
  const bounds = {
    own: boundSeconds(size, size.matter, size.matter),
    shared: boundSeconds(size, size.policies, 1),
  };
  const times = Object.fromEntries(
    ['teams', 'email'].map((channel) => [
      channel,
      {
        own: own.map((change) => secondsToNotice(change, outcome.notices, channel)).sort((a, b) => a - b),
        shared: shared.map((change) => secondsToNotice(change, outcome.notices, channel)),
      },
    ]),
  );
  const steady = memory.samples.slice(Math.round((floodFrom + floodTo) / 2), floodTo);
  console.log(
    JSON.stringify(
      {
        times,
        bounds,
        reasons: Object.fromEntries(
          [
            ...Map.groupBy(outcome.notices, ({ channel, reason, state }) => `${channel} ${reason} ${state}`),
          ].map(([name, rows]) => [
            name,
            `${rows.length} rows, ${new Set(rows.map((r) => r.messageId)).size} messages`,
          ]),
        ),
        incidents: outcome.incidents.length,
        environmentRows: outcome.environmentRows,
        received: outcome.received,
        about: outcome.aboutSharedVault,
        card: outcome.largestCardBytes,
        messages: outcome.messages,
        settledSeconds: (settledAt - endedAt) / 1000,
        peakMB: await memory.peakMB(),
        growthMB: fittedGrowthMB(steady),
        rss: memory.samples.map(({ residentMB }) => Math.round(residentMB)).join(' '),
        logged: Object.fromEntries(logged),
        ended: around.ended,
        faults,
      },
      null,
      1,
    ),
  );
  if (values.log) await writeFile(`${values.log}.json`, JSON.stringify({ outcome, flooded }, null, 1));
} finally {
  stopMemory();
  await stop();
}
