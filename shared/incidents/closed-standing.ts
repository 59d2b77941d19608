import type { Incident, PolicyState, Transition } from './incident.ts';
import { decideNotify } from './notification-policy.ts';
import { deadlineRequest } from './reminder-schedule.ts';

/**
 * The deadlines of an incident that a person closed while its causes were present: closing gives no environment
 * its access back, so they are notified as long as a muted cause is present. Pure. Undefined: none is due.
 */
export function deadlineOnceClosed(policyState: PolicyState, now: string): Transition | undefined {
  const { closedStanding } = policyState;
  if (!closedStanding || policyState.incident) return undefined;
  const asOpen: Incident = {
    ...closedStanding,
    state: closedStanding.confirmedAt === undefined ? 'suspected' : 'revoked',
  };
  const request = deadlineRequest(policyState, asOpen, now);
  if (!request) return undefined;
  const because = `${request.because} ${closedStanding.closedBy?.by.name ?? 'Somebody'} closed the incident, and access has not come back.`;
  const decision = decideNotify(
    { ...request, because },
    {
      incident: closedStanding,
      silences: policyState.silences,
      recentTransitions: policyState.recentTransitions,
      now,
    },
  );
  const incident: Incident = { ...closedStanding, notification: decision.notification };
  const { notice, suppressed } = decision;
  return {
    kind: 'reminded',
    policyState: { ...policyState, closedStanding: incident },
    incident,
    environments: [],
    timeline: [
      ...(notice ? [{ at: now, what: 'deadline' as const, text: because }] : []),
      ...(suppressed ? [{ at: now, what: 'suppressed' as const, text: suppressed.text }] : []),
    ],
    notices: notice ? [notice] : [],
  };
}
