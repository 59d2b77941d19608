import type { Incident } from '../../incidents/incident.ts';
import { ONLY_IF } from '../../triggers/blocked-steps.ts';
import type { RemediationStep } from '../../triggers/finding.ts';

/**
 * The remediation steps of every cause of every incident as one list: the root cause's first, and a shared
 * step once. Steps that only one policy needs (its own grant, for example) keep their place between the
 * shared ones. What is needed only if a step is refused comes after the steps of every cause.
 */
export function mergeSteps(incidents: readonly Incident[]): RemediationStep[] {
  const merged = new Map<string, RemediationStep>();
  let order: string[] = [];
  for (const incident of incidents) {
    for (const { finding } of incident.causes) {
      for (const step of finding.remediation) merged.set(keyOf(step), step);
      order = woven(order, [...new Set(finding.remediation.map(keyOf))]);
    }
  }
  const steps = order.flatMap((key) => merged.get(key) ?? []);
  const [needed, ifRefused] = [false, true].map((is) =>
    steps.filter(({ text }) => text.startsWith(ONLY_IF) === is),
  );
  return [...(needed ?? []), ...(ifRefused ?? [])];
}

/** `added` merged into `order`: a new step goes right before the next one that both have. */
function woven(order: readonly string[], added: readonly string[]): string[] {
  const places = new Map(order.map((key, index) => [key, index]));
  const before = new Map<number, string[]>();
  let waiting: string[] = [];
  for (const key of added) {
    const place = places.get(key);
    if (place === undefined) waiting.push(key);
    else if (waiting.length > 0) {
      before.set(place, [...(before.get(place) ?? []), ...waiting]);
      waiting = [];
    }
  }
  return [...order.flatMap((key, index) => [...(before.get(index) ?? []), key]), ...waiting];
}

function keyOf(step: RemediationStep): string {
  return JSON.stringify([step.text, step.command, step.portal, step.link]);
}
