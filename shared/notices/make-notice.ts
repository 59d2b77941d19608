import { before, type Deadline, deadlineIn, LATE } from '../azure/deadline.ts';
import type { AffectedEnvironment, Incident } from '../incidents/incident.ts';
import { msSince } from '../incidents/stored-time.ts';
import type { OutboxRow } from '../storage/incident-store.ts';
import { errorFields } from '../telemetry/log.ts';
import type { DeliverPorts, Delivery } from './deliver-ports.ts';
import type { Notice } from './notice.ts';

/** A notice after this long in one group is a new message of its own; before, it is a latecomer (`worsened`). */
const SAME_GROUP_MS = 15 * 60_000;

/** A message waits no longer than this for what it would be the fuller for. */
export const PREPARE_MS = 2_000;

/** The environments of each incident, by its id. */
export type EnvironmentLists = ReadonlyMap<string, AffectedEnvironment[]>;

/**
 * What one message is to say: the rows of one group and channel. `groupSentAt`: when the group's last message went out.
 * Pure.
 */
export function makeNotice(
  rows: readonly OutboxRow[],
  environments: EnvironmentLists,
  { known }: Pick<Delivery, 'known'>,
  more: { messageId: string; groupSentAt: string | undefined; now: string; publicUrl: string | undefined },
): Notice {
  const { messageId, groupSentAt, now, publicUrl } = more;
  const reason = rows[0]?.reason ?? 'opened';
  const isLate = msSince(groupSentAt, now) < SAME_GROUP_MS && (reason === 'opened' || reason === 'suspected');
  const notice: Notice = {
    messageId,
    reason: isLate ? 'worsened' : reason,
    at: now,
    incidents: latestOfEach(rows).flatMap(({ incident, policyId, because }) => {
      if (!incident) return [];
      const policyName = known?.get(policyId)?.policyName ?? (policyId.split('/').at(-1) || policyId);
      return [{ incident, because, policyName, environments: environments.get(incident.id) ?? [] }];
    }),
    visibility: rows[0]?.visibility,
    publicUrl,
  };
  const oldest = rows.toSorted((a, b) => sinceOf(a).localeCompare(sinceOf(b)))[0]?.undelivered;
  if (oldest) notice.undelivered = oldest;
  return notice;
}

/**
 * Reads the environments that the rows are about, where they are not at hand. A notice goes out even where a list can't
 * be read now, or not soon: the count stands in the incident.
 */
export async function environmentsOf(
  rows: readonly OutboxRow[],
  { known }: Pick<Delivery, 'known'>,
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

/** Where several notices of one incident go out in one message, it is told as it was at the last of them. */
function latestOfEach(rows: readonly OutboxRow[]): OutboxRow[] {
  const byIncident = Map.groupBy(rows, ({ incidentId }) => incidentId);
  return [...byIncident.values()].flatMap((same) =>
    same.toSorted((a, b) => (a.incident?.readAt ?? '').localeCompare(b.incident?.readAt ?? '')).slice(-1),
  );
}

function sinceOf(row: OutboxRow): string {
  return row.undelivered?.since ?? row.createdAt;
}
