import type { Incident } from '../../incidents/incident.ts';
import type { NoticeReason } from '../../incidents/notice-reason.ts';
import type { Notice } from '../../notices/notice.ts';
import type { Message } from '../../notices/say/message.ts';
import { say } from '../../notices/say/say.ts';
import { nameInId } from '../../triggers/policy-chain.ts';
import type { incidentEndpoint } from '../status/incident-endpoint.ts';
import type { AnswerOf, CloudLinks, PageContext } from './page.ts';

/** An incident as its endpoint answers it. */
export type ShownIncident = AnswerOf<typeof incidentEndpoint>;

/** The words of the notice that would be sent of this incident now, so that page and notice never differ. Pure. */
export function incidentMessage(answer: ShownIncident, { now, links }: PageContext): Message {
  return say(noticeOfIncident(answer, now), { ...sayOptions(links), maxNamed: 4 });
}

/** Without the addresses of a cloud, `say` makes no link. */
export function sayOptions(links: PageContext['links']): CloudLinks {
  return links ?? { adminCenterUrl: '', portalUrl: '' };
}

const REASONS: Record<Incident['state'], NoticeReason> = {
  suspected: 'suspected',
  revoked: 'opened',
  accessRestored: 'accessRestored',
  closed: 'closed',
  dismissed: 'closed',
};

export function noticeOfIncident(
  answer: ShownIncident,
  now: string,
  environments: readonly ShownIncident['environments'][number][] = answer.environments,
): Notice {
  return {
    messageId: answer.id,
    reason: answer.noEnvironments && answer.state === 'revoked' ? 'keyUnreachable' : REASONS[answer.state],
    // The words of an end are those of its time: "after 3 hours", not "after 40 days".
    at: answer.closedAt ?? now,
    incidents: [
      {
        incident: incidentOf(answer),
        policyName: nameInId(answer.policyId),
        environments: environments.map(
          ({ mayBeDeletedFrom, deletionTermIsPublished, recoverableUntil, ...environment }) => ({
            ...environment,
            deletedAt: mayBeDeletedFrom ?? '',
            deletionIsGuess: !deletionTermIsPublished,
            recoverableUntil: recoverableUntil ?? undefined,
          }),
        ),
      },
    ],
  };
}

function incidentOf(answer: ShownIncident): Incident {
  const { id, policyId, state, openedAt, recoverByBecause, recoverByIsEstimate, environmentCount } = answer;
  return {
    id,
    policyId,
    sequence: 0,
    state,
    openedAt,
    recoverByBecause,
    recoverByIsEstimate,
    environmentCount,
    readAt: answer.asOf ?? openedAt,
    recoverBy: answer.recoverBy ?? '',
    actedAt: answer.actedAt ?? undefined,
    lockedSince: answer.lockedSince ?? undefined,
    accessRestoredAt: answer.accessRestoredAt ?? undefined,
    provisionalUntil: answer.provisionalUntil ?? undefined,
    closedAt: answer.closedAt ?? undefined,
    closedBy: answer.closedBy ?? undefined,
    acknowledged: answer.acknowledged ?? undefined,
    silence: answer.silence ?? undefined,
    supportCase: answer.supportCase ?? undefined,
    askedToCloseAt: answer.askedToCloseAt ?? undefined,
    environmentsAsOf: answer.environmentsAsOf ?? undefined,
    environmentsSource: answer.environmentsSource ?? undefined,
    actor: answer.actor ?? undefined,
    ...(answer.noEnvironments ? { noEnvironments: true } : {}),
    ...(answer.drill ? { drill: true } : {}),
    causes: answer.causes.map(({ trigger, verdict, scope, since, operation, ...finding }) => ({
      trigger,
      verdict,
      scope,
      since,
      ...(operation ? { operation: { at: operation.at, actor: operation.actor ?? undefined } } : {}),
      finding: {
        trigger,
        verdict,
        scope,
        summary: finding.summary,
        inShort: finding.inShort ?? undefined,
        evidence: finding.evidence,
        remediation: finding.remediation,
      },
    })),
  };
}
