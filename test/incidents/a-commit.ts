import { randomBytes } from 'node:crypto';
import type { EnvironmentFact } from '../../shared/facts/facts.ts';
import { decide } from '../../shared/incidents/decide.ts';
import type { PolicyState, Transition } from '../../shared/incidents/incident.ts';
import type { OutboxRow } from '../../shared/storage/incident-store.ts';
import { anEnvironment, aReading, at, POLICY, type ReadingOptions } from './a-reading.ts';

/** A policy that no other test uses: the stores of one run may share their tables. */
export function aPolicyId(): string {
  return `${POLICY}-${randomBytes(6).toString('hex')}`;
}

/** What a reading of that policy makes of its head. */
export function aTransition(
  policyId: string,
  policyState: PolicyState | undefined,
  options: ReadingOptions,
): Transition {
  const reading = aReading(options);
  return decide(policyState, {
    ...reading,
    facts: { ...reading.facts, policyId },
    history: { ...reading.history, policyId },
  });
}

export function someRows(transition: Transition, channels = ['teams', 'email']): OutboxRow[] {
  const { incident } = transition;
  if (!incident) return [];
  return transition.notices.flatMap(({ reason, group, because }) =>
    channels.map((channel) => ({
      policyId: incident.policyId,
      incidentId: incident.id,
      noticeId: `${incident.id}-${reason}-${Date.parse(incident.readAt)}`,
      channel,
      reason,
      group,
      because,
      createdAt: at(0),
      state: 'pending' as const,
      attempts: 0,
      nextTryAt: at(60),
      incident,
    })),
  );
}

/** Environments whose names nothing can compress. */
export function manyEnvironments(count: number, nameLength = 200): EnvironmentFact[] {
  return Array.from({ length: count }, (_, n) =>
    anEnvironment(n, {
      id: `${randomBytes(4).toString('hex')}-0000-4000-8000-${String(n).padStart(12, '0')}`,
      displayName: randomBytes(nameLength).toString('base64').slice(0, nameLength),
      url: `https://org${n}.crm4.dynamics.com/`,
    }),
  );
}
