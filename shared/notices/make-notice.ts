import { before, type Deadline, deadlineIn, LATE } from '../azure/deadline.ts';
import { compareText } from '../compare-text.ts';
import type { AffectedEnvironment, Incident } from '../incidents/incident.ts';
import { msSince } from '../incidents/stored-time.ts';
import type { OutboxRow, Progress } from '../storage/incident-store.ts';
import { errorFields } from '../telemetry/log.ts';
import { nameInId } from '../triggers/policy-chain.ts';
import type { DeliverPorts, DeliveryBatch } from './deliver-ports.ts';
import type { Notice } from './notice.ts';
import { messageIdOf } from './outbox.ts';

/**
 * After this long, a notice of the same group is a new message of its own; before, it is an addition
 * (`worsened`).
 */
const SAME_GROUP_MS = 15 * 60_000;

/** The longest that a message waits for additional details. */
export const PREPARE_MS = 2_000;

/** The environments of each incident, by its id. */
export type EnvironmentLists = ReadonlyMap<string, AffectedEnvironment[]>;

/**
 * Makes one message from the rows of one group and channel. `groupSentAt`: when the group's last message was
 * sent. Pure.
 */
export function makeNotice(
  rows: readonly OutboxRow[],
  environments: EnvironmentLists,
  { known }: Pick<DeliveryBatch, 'known'>,
  more: { groupSentAt: string | undefined; now: string; publicUrl: string | undefined },
): Notice {
  const { groupSentAt, now, publicUrl } = more;
  const reason = rows[0]?.reason ?? 'opened';
  const isLate = msSince(groupSentAt, now) < SAME_GROUP_MS && (reason === 'opened' || reason === 'suspected');
  const notice: Notice = {
    messageId: messageIdOf(rows),
    progress: progressIn(rows),
    reason: isLate ? 'worsened' : reason,
    at: now,
    incidents: latestOfEach(rows).flatMap(({ incident, policyId, because }) => {
      if (!incident) return [];
      const policyName = known?.get(policyId)?.policyName ?? nameInId(policyId);
      return [{ incident, because, policyName, environments: environments.get(incident.id) ?? [] }];
    }),
    visibility: rows[0]?.visibility,
    publicUrl,
  };
  const silences = rows.flatMap(({ silence, policyId }) =>
    silence ? [{ ...silence, policyName: known?.get(policyId)?.policyName ?? nameInId(policyId) }] : [],
  );
  if (silences.length > 0) notice.silences = silences;
  const oldest = rows.toSorted((a, b) => compareText(sinceOf(a), sinceOf(b)))[0]?.undelivered;
  if (oldest) notice.undelivered = { ...oldest, ...recipientsIn(rows) };
  return notice;
}

/** A copy, which the channel adds to. */
function progressIn([row]: readonly OutboxRow[]): Progress {
  const { taken = [], refused = [], underway = [] } = row?.progress ?? {};
  return { taken: [...taken], refused: [...refused], underway: [...underway] };
}

/** All who did not get it, unless nobody got one of the notices. */
function recipientsIn(rows: readonly OutboxRow[]): { recipients?: string[] } {
  const lists = rows.map(({ undelivered }) => undelivered?.recipients);
  if (lists.includes(undefined)) return {};
  return { recipients: [...new Set(lists.flatMap((list) => list ?? []))] };
}

/**
 * Reads the environments of the rows, if they are not loaded yet. A notice goes out even if a list can't be
 * read, or not soon: the incident contains the count.
 */
export async function environmentsOf(
  rows: readonly OutboxRow[],
  { known }: Pick<DeliveryBatch, 'known'>,
  ports: Pick<DeliverPorts, 'store' | 'clock' | 'log'>,
): Promise<EnvironmentLists> {
  const deadline = deadlineIn(PREPARE_MS, ports.clock);
  const lists = latestOfEach(rows).map(async ({ incident, policyId }) => {
    if (!incident) return undefined;
    const atHand = known?.get(policyId)?.environments;
    return [incident.id, atHand ?? (await listOf(incident, deadline, ports))] as const;
  });
  return new Map((await Promise.all(lists)).filter((list) => list !== undefined));
}

async function listOf(
  incident: Incident,
  deadline: Deadline,
  { store, log }: Pick<DeliverPorts, 'store' | 'log'>,
): Promise<AffectedEnvironment[]> {
  try {
    const list = await before(deadline, () => store.listEnvironments(incident));
    if (list !== LATE) return list;
    log.warn('environments-unreadable', { incident: incident.id, because: 'no answer in time' });
  } catch (error) {
    log.warn('environments-unreadable', { incident: incident.id, ...errorFields(error) });
  }
  return [];
}

/** If several notices of one incident go out in one message, it shows the incident as of the last of them. */
function latestOfEach(rows: readonly OutboxRow[]): OutboxRow[] {
  const byIncident = Map.groupBy(rows, ({ incidentId }) => incidentId);
  return [...byIncident.values()].flatMap((same) =>
    same.toSorted((a, b) => compareText(a.incident?.readAt ?? '', b.incident?.readAt ?? '')).slice(-1),
  );
}

function sinceOf(row: OutboxRow): string {
  return row.undelivered?.since ?? row.createdAt;
}
