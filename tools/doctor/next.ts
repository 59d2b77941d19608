import type { Check, CheckSubject, Remediation } from './report.ts';

const MAX_STEPS = 3;
/** The largest loss of visibility comes first. */
const ORDER: readonly CheckSubject[] = [
  'subscription',
  'policies',
  'policy',
  'appRights',
  'vault',
  'deletedVault',
  'key',
  'permission',
  'storage',
  'environments',
  'registrations',
  'eventGrid',
  'auditLog',
  'locks',
  'rotation',
  'grantEnds',
  'keyHolders',
  'vaultGuards',
  'channels',
  'actorNames',
];
const AGAIN: Remediation = {
  what: 'Something could not be read, which is neither well nor missing: run the doctor again in some minutes.',
  command: 'npm run doctor -- --seconds 120',
};
const WELL: readonly Remediation[] = [
  { what: 'See that every channel delivers.', command: 'npm run notify:test' },
  { what: 'Rehearse an incident (docs/operations.md, "Drill").', command: 'POST /api/drill' },
];

/**
 * The next steps: the missing parts, largest loss of visibility first, each command once; then the drills.
 * Pure.
 */
export function nextSteps(checks: readonly Check[]): Remediation[] {
  const missing = checks
    .filter(({ state, remediation }) => state === 'missing' && remediation !== undefined)
    .sort((a, b) => ORDER.indexOf(a.about) - ORDER.indexOf(b.about));
  const byCommand = new Map<string, Remediation>();
  for (const { remediation } of missing) {
    const key = remediation?.command ?? remediation?.portal ?? remediation?.what;
    if (remediation && key !== undefined && !byCommand.has(key)) byCommand.set(key, remediation);
  }
  const steps = [...byCommand.values()];
  if (checks.some(({ state }) => state === 'unknown'))
    steps.splice(Math.min(steps.length, MAX_STEPS - 1), 0, AGAIN);
  return [...steps, ...WELL].slice(0, MAX_STEPS);
}
