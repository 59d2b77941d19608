import type { Incident, TimelineEntry } from '../../incidents/incident.ts';
import type { OutboxRow } from '../../storage/incident-store.ts';

/** One thing that happened, or one notice on one channel, in the same words for all of them. */
export type ActivityEntry = ReturnType<typeof noticeEntry> | ReturnType<typeof timelineEntry>;

export function timelineEntry(entry: TimelineEntry, incident: Pick<Incident, 'id' | 'policyId'>) {
  return {
    kind: 'change' as const,
    at: entry.at,
    what: entry.what,
    text: entry.text,
    policyId: incident.policyId,
    incidentId: incident.id,
    actor: entry.actor ?? null,
    by: entry.by ?? null,
  };
}

/** `about`: the incident; null where the notice is about a policy's silence, or Lockwatch itself. */
export function noticeEntry(row: OutboxRow, about: Pick<Incident, 'id' | 'policyId'> | null) {
  return {
    kind: 'notice' as const,
    at: row.createdAt,
    what: row.reason,
    text: row.because,
    policyId: about?.policyId ?? (row.silence ? row.policyId : null),
    incidentId: about?.id ?? null,
    channel: row.channel,
    state: row.state,
    attempts: row.attempts,
    sentAt: row.sentAt ?? null,
    lastError: row.lastError ?? null,
    messageId: row.messageId ?? null,
  };
}
