import type { AffectedEnvironment, Incident } from '../incidents/incident.ts';
import type { OutboxRow } from '../incidents/store.ts';
import { errorFields } from '../telemetry.ts';
import type { DeliverPorts, Delivery } from './deliver-ports.ts';
import type { Notice } from './notice.ts';

/** A notice after this long in one group is a new message of its own; before, it is a latecomer (`worsened`). */
const SAME_GROUP_MS = 15 * 60_000;

/** What one message is to say: the rows of one group and channel. `groupSentAt`: when the group's last message went out. */
export async function makeNotice(
  rows: readonly OutboxRow[],
  messageId: string,
  groupSentAt: string | undefined,
  delivery: Delivery,
  ports: DeliverPorts,
): Promise<Notice> {
  const now = ports.clock.now();
  const reason = rows[0]?.reason ?? 'opened';
  const isLate =
    groupSentAt !== undefined &&
    Date.parse(now) - Date.parse(groupSentAt) < SAME_GROUP_MS &&
    (reason === 'opened' || reason === 'suspected');
  const incidents = await Promise.all(
    latestOfEach(rows).map(async ({ incident, ...row }) => {
      if (!incident) return undefined;
      const known = delivery.known?.get(row.policyId);
      return {
        incident,
        because: row.because,
        policyName: known?.policyName ?? (row.policyId.split('/').at(-1) || row.policyId),
        environments: known?.environments ?? (await environmentsOf(incident, ports)),
      };
    }),
  );
  const notice: Notice = {
    messageId,
    reason: isLate ? 'worsened' : reason,
    at: now,
    incidents: incidents.filter((one) => one !== undefined),
    sight: rows[0]?.sight,
    publicUrl: ports.publicUrl,
  };
  const oldest = rows.toSorted((a, b) => sinceOf(a).localeCompare(sinceOf(b)))[0]?.undelivered;
  if (oldest) notice.undelivered = oldest;
  return notice;
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

/** A notice goes out even where the list can't be read just now: the count stands in the incident. */
async function environmentsOf(incident: Incident, ports: DeliverPorts): Promise<AffectedEnvironment[]> {
  try {
    return await ports.store.listEnvironments(incident);
  } catch (error) {
    ports.log.warn('environments-unreadable', { incident: incident.id, ...errorFields(error) });
    return [];
  }
}
