import type { Incident, NoticeIntent, PolicyState, TimelineEntry, Transition } from './incident.ts';

/** An action that the incident does not allow. The text says why, and which action to take instead. */
export interface Refusal {
  refused: string;
}

/** A person did something: the state of the incident stays. */
export function acted(
  policyState: PolicyState,
  incident: Incident,
  entry: TimelineEntry,
  notices: NoticeIntent[] = [],
): Transition {
  return {
    kind: 'acted',
    policyState: { ...policyState, incident },
    incident,
    environments: [],
    timeline: [entry],
    notices,
  };
}

/** Somebody has already done the same. */
export function same(policyState: PolicyState, incident: Incident | undefined): Transition {
  return {
    kind: 'none',
    policyState,
    ...(incident ? { incident } : {}),
    environments: [],
    timeline: [],
    notices: [],
  };
}
