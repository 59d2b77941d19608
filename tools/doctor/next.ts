import type { About, Check, Remedy } from './report.ts';

const MOST = 3;
/** What blinds most comes first. */
const ORDER: readonly About[] = [
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
  'eventGrid',
  'auditLog',
  'locks',
  'rotation',
  'grantEnds',
  'keyHolders',
  'channels',
  'actorNames',
];
const AGAIN: Remedy = {
  what: 'Something could not be told, which is neither well nor missing: look again in some minutes.',
  command: 'npm run doctor -- --seconds 120',
};
const WELL: readonly Remedy[] = [
  { what: 'See that every channel delivers.', command: 'npm run notify:test' },
  { what: 'Rehearse an incident (docs/operations.md, "Drill").', command: 'POST /api/drill' },
];

/** What to do next: what is missing, the most blinding first, each command once; then what rehearses. Pure. */
export function nextSteps(checks: readonly Check[]): Remedy[] {
  const missing = checks
    .filter(({ state, remedy }) => state === 'missing' && remedy !== undefined)
    .sort((a, b) => ORDER.indexOf(a.about) - ORDER.indexOf(b.about));
  const byCommand = new Map<string, Remedy>();
  for (const { remedy } of missing) {
    const key = remedy?.command ?? remedy?.portal ?? remedy?.what;
    if (remedy && key !== undefined && !byCommand.has(key)) byCommand.set(key, remedy);
  }
  const steps = [...byCommand.values()];
  if (checks.some(({ state }) => state === 'unknown'))
    steps.splice(Math.min(steps.length, MOST - 1), 0, AGAIN);
  return [...steps, ...WELL].slice(0, MOST);
}
