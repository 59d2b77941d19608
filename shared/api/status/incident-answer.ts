import type { AffectedEnvironment, Cause, Incident, TimelineEntry } from '../../incidents/incident.ts';
import type { OutboxRow } from '../../storage/incident-store.ts';
import type { UnreadableRow } from '../../visibility/unreadable-row.ts';
import { actorIn } from './actor-in.ts';

/**
 * One complete incident: causes with evidence and remediation steps, environments, timeline, and each
 * notice's delivery.
 */
export function incidentAnswer(
  parts: {
    incident: Incident;
    environments: AffectedEnvironment[];
    timeline: TimelineEntry[];
    notices: OutboxRow[];
    unreadable: UnreadableRow[];
  },
  now: string,
) {
  const { incident } = parts;
  return {
    answeredAt: now,
    asOf: incident.readAt,
    id: incident.id,
    policyId: incident.policyId,
    state: incident.state,
    openedAt: incident.openedAt,
    actedAt: incident.actedAt ?? null,
    /** When the current lock began, if access was back and lost again. */
    lockedSince: incident.lockedSince ?? null,
    accessRestoredAt: incident.accessRestoredAt ?? null,
    provisionalUntil: incident.provisionalUntil ?? null,
    closedAt: incident.closedAt ?? null,
    /** Null: it closed by itself, or is open. */
    closedBy: incident.closedBy ?? null,
    acknowledged: incident.acknowledged ?? null,
    silence: incident.silence ?? null,
    supportCase: incident.supportCase ?? null,
    drill: incident.drill ?? false,
    actor: actorIn(incident),
    /** True: no environment is known to be affected, and people got one warning. */
    noEnvironments: incident.noEnvironments ?? false,
    /** Not null: its environments left the lists, and whether they are still linked is unknown. */
    askedToCloseAt: incident.askedToCloseAt ?? null,
    /** Null: it has no deadline. */
    recoverBy: incident.recoverBy === '' ? null : incident.recoverBy,
    recoverByBecause: incident.recoverByBecause,
    recoverByIsEstimate: incident.recoverByIsEstimate,
    causes: incident.causes.map(causeAnswer),
    environmentCount: incident.environmentCount,
    environmentsAsOf: incident.environmentsAsOf ?? null,
    environmentsSource: incident.environmentsSource ?? null,
    environments: parts.environments.map(
      ({ deletedAt, deletionIsGuess, recoverableUntil, ...environment }) => ({
        ...environment,
        /** Null: it is not deleted. By the general rule; for one that was locked it is not published. */
        recoverableUntil: recoverableUntil ?? null,
        /** An estimate on the safe side; the SKU's own term is used where it is published. */
        mayBeDeletedFrom: environment.state === 'deleted' ? null : deletedAt,
        deletionTermIsPublished: !deletionIsGuess,
      }),
    ),
    timeline: parts.timeline,
    notices: parts.notices.map((row) => ({
      noticeId: row.noticeId,
      channel: row.channel,
      reason: row.reason,
      because: row.because,
      state: row.state,
      attempts: row.attempts,
      createdAt: row.createdAt,
      sentAt: row.sentAt ?? null,
      nextTryAt: row.state === 'pending' ? row.nextTryAt : null,
      lastError: row.lastError ?? null,
      messageId: row.messageId ?? null,
    })),
    /** Rows of this incident that can't be read: their content is missing above. */
    unreadableRows: parts.unreadable,
  };
}

export function causeAnswer({ trigger, verdict, scope, since, operation, finding }: Cause) {
  return {
    trigger,
    verdict,
    scope,
    since,
    operation: operation ? { at: operation.at, actor: actorIn(operation) } : null,
    /** The affected items within its scope; empty: the whole scope. */
    subject: finding.subject ?? [],
    /** In a few words, where the trigger's name would mislead; null: it would not. */
    inShort: finding.inShort ?? null,
    summary: finding.summary,
    evidence: finding.evidence,
    remediation: finding.remediation,
  };
}
