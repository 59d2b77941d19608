import type { Incident, PolicyState, Transition } from '../incidents/incident.ts';
import { deliver } from '../notices/deliver.ts';
import type { DeliveryBatch } from '../notices/deliver-ports.ts';
import type { Channel, SendResult } from '../notices/notice.ts';
import { later } from '../notices/outbox.ts';
import { DRILL_POLICY } from '../storage/drill-partition.ts';
import { type CommittedTransition, decideAndCommit } from './decide-and-commit.ts';
import { decideOnReading } from './decide-on-reading.ts';
import { drillFacts } from './drill-facts.ts';
import type { Ports } from './ports.ts';

/** The result of the drill on one channel. */
export interface DrillOutcome {
  channel: string;
  sent: boolean;
  /** The channel's answer, without secrets; or why it was not sent. */
  detail: string;
  /** How long the channel took; null if it was not tried. */
  milliseconds: number | null;
}

export interface Drill {
  incidentId: string;
  channels: DrillOutcome[];
}

/** Another drill is running. Two drills at a time would send people two different messages. */
export class DrillRunningError extends Error {
  override readonly name = 'DrillRunningError';
}

/**
 * No drill takes longer, since every channel has a timeout. If its process died, a new drill may start after
 * this.
 */
const MAX_MS = 120_000;
const GROUP = 'drill';

/**
 * Runs an invented incident through the whole pipeline: a reading that shows the key of an invented policy
 * disabled is judged, decided, committed and sent on these channels, with the reason `drill`; then a healthy
 * reading closes it. It leaves a closed incident in a partition that no list shows. Throws
 * `DrillRunningError`.
 */
export async function drill(ports: Ports, channels: readonly Channel[], by: string): Promise<Drill> {
  const now = ports.clock.now();
  const stage = await ports.store.leaseGroup(GROUP, GROUP, now, later(now, MAX_MS));
  if (!stage) throw new DrillRunningError('A drill is being played just now.');
  try {
    // If an earlier drill died before its end, it is finished first.
    await backToWell(ports);
    return await play(ports, channels, `${by} asked for this drill.`);
  } finally {
    await ports.store.releaseGroup(stage);
  }
}

async function play(ports: Ports, channels: readonly Channel[], because: string): Promise<Drill> {
  const tries = new Map<string, Tried>();
  const timed = { ...ports, channels: channels.map((channel) => watched(channel, tries, ports)), routes: {} };
  try {
    const { transition, rows, policyName } = await step('keyDisabled', timed, because);
    const { incident, environments } = transition;
    if (!incident) throw new TypeError('The drill opened no incident.');
    const known = new Map([[DRILL_POLICY, { policyName, environments }]]);
    await deliver({ rows, known }, timed);
    await untilFinal(incident, known, timed);
    return { incidentId: incident.id, channels: await outcomes(incident, channels, tries, ports) };
  } finally {
    await backToWell(ports);
  }
}

/** A mail on its way is asked about a few times: nothing comes back to the rows of a drill later. */
async function untilFinal(incident: Incident, known: DeliveryBatch['known'], ports: Ports): Promise<void> {
  for (let n = 0; n < MAX_QUESTIONS; n += 1) {
    const rows = (await ports.store.listNotices(incident)).filter(
      ({ state, progress }) => state === 'pending' && (progress?.underway.length ?? 0) > 0,
    );
    if (rows.length === 0) return;
    await ports.clock.sleep(QUESTION_EVERY_MS);
    await deliver({ rows, known }, ports);
  }
}
const MAX_QUESTIONS = 5;
const QUESTION_EVERY_MS = 5_000;

interface Tried {
  milliseconds: number;
  result?: SendResult;
}

/** The same channel, with its duration measured. */
function watched(channel: Channel, tries: Map<string, Tried>, { clock }: Ports): Channel {
  return {
    name: channel.name,
    async send(notice, abort) {
      const began = clock.nowMs();
      try {
        const result = await channel.send(notice, abort);
        if (notice.reason === 'drill')
          tries.set(channel.name, { milliseconds: clock.nowMs() - began, result });
        return result;
      } finally {
        // A channel that throws or exceeds its timeout was tried, too.
        if (notice.reason === 'drill' && !tries.has(channel.name))
          tries.set(channel.name, { milliseconds: clock.nowMs() - began });
      }
    },
  };
}

/**
 * The rows show which channels received the drill. The others are given up: a drill must not arrive an hour
 * later.
 */
async function outcomes(
  incident: Incident,
  channels: readonly Channel[],
  tries: ReadonlyMap<string, Tried>,
  ports: Ports,
): Promise<DrillOutcome[]> {
  const rows = await ports.store.listNotices(incident);
  await Promise.all(
    rows
      .filter(({ state }) => state === 'pending')
      .map((row) => ports.store.updateNotice({ ...row, state: 'givenUp', lastError: row.lastError ?? OVER })),
  );
  return channels.map(({ name }) => {
    const row = rows.find(({ channel, reason }) => channel === name && reason === 'drill');
    const tried = tries.get(name);
    const sent = row?.state === 'sent';
    const why = sent ? tried?.result?.detail : (row?.lastError ?? tried?.result?.detail);
    const wasTried = tried !== undefined || (row?.attempts ?? 0) > 0;
    return {
      channel: name,
      sent,
      detail: why ?? (wasTried ? 'It gave no answer.' : LEFT_ALONE),
      milliseconds: tried?.milliseconds ?? null,
    };
  });
}

const OVER = 'The drill was over before it could go.';
const LEFT_ALONE =
  'It was not tried: it failed a moment ago, and is left alone for half a minute. Try again after that.';

/**
 * Healthy readings until no incident is open: the first restores access, and a later one closes the incident.
 */
async function backToWell(ports: Ports): Promise<void> {
  for (let n = 0; n < STEPS_TO_WELL; n += 1) {
    const { transition } = await step('well', ports);
    if (!transition.policyState.incident) return;
  }
  throw new TypeError('The incident of a drill does not close.');
}
const STEPS_TO_WELL = 4;

/**
 * One reading of the invented chain, judged, decided and committed. Sends a notice only if `because` is
 * given.
 */
function step(state: 'well' | 'keyDisabled', ports: Ports, because?: string): Promise<CommittedTransition> {
  const { networkReading } = ports.config;
  return decideAndCommit(
    DRILL_POLICY,
    (before, now) => {
      const reading = { facts: drillFacts(state, now), signals: [] };
      const options = { now, networkReading, closeAfterMs: 0 };
      return {
        transition: asDrill(decideOnReading(before && withoutPast(before), reading, options), now, because),
      };
    },
    ports,
  );
}

/** Each drill is independent: notices or silences of earlier drills must not suppress this one. */
function withoutPast({
  silences: _,
  recentTransitions: __,
  mutedCauses: ___,
  closedIncident: ____,
  closedStanding: _____,
  silenceRows: ______,
  ...policyState
}: PolicyState): PolicyState {
  return policyState;
}

function asDrill(transition: Transition, at: string, because: string | undefined): Transition {
  const { incident, policyState } = transition;
  if (!incident) return { ...transition, notices: [] };
  const marked: Incident = { ...incident, drill: true };
  return {
    ...transition,
    incident: marked,
    policyState: policyState.incident ? { ...policyState, incident: marked } : policyState,
    notices:
      because === undefined ? [] : [{ reason: 'drill', group: `${GROUP}|${incident.id}|`, because, at }],
  };
}
