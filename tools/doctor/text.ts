import { armIdParts } from '../../shared/azure/arm-id.ts';
import type { Check, Remediation, Report, State } from './report.ts';
import { wrap } from './wrap.ts';

const MARK: Readonly<Record<State, string>> = {
  ok: 'ok    ',
  missing: 'MISS  ',
  unknown: '?     ',
  note: 'note  ',
};
const INDENT = ' '.repeat(8);
const WORDS: Readonly<Record<Check['about'], string>> = {
  subscription: 'subscription',
  policies: 'list of policies',
  policy: 'policy',
  vault: 'vault',
  deletedVault: 'deleted vault',
  key: 'key and versions',
  permission: 'who may use the key',
  environments: 'environments',
  actorNames: 'names of actors',
  locks: 'delete locks',
  rotation: 'rotation of the key',
  grantEnds: 'ends of grants',
  keyHolders: 'who can take keys away',
  vaultGuards: 'what can refuse a remediation',
  appRights: 'rights of the app',
  registrations: 'registered providers',
  eventGrid: 'events',
  auditLog: 'audit log',
  storage: 'storage',
  channels: 'channels',
};
/** Beyond this number, items without faults are counted and no longer listed. */
const MAX_LISTED = 60;

/**
 * The report for a terminal of 80 columns. Only commands may be longer, where a line break would end them.
 * Pure.
 */
export function toText(report: Report): string {
  const { signedIn: who, settings } = report;
  const name = who.name === undefined ? '' : `${who.name}, `;
  return [
    `Lockwatch doctor  ${report.at}  cloud ${report.cloud}`,
    ...wrap(`Asked as ${who.kind} ${name}${who.objectId}, tenant ${who.tenantId}.`, ''),
    ...wrap(
      settings.firstLook
        ? 'Settings: a first look; only the subscriptions were given.'
        : 'Settings: no fault.',
      '',
    ),
    ...section('What can be read', report.facts),
    ...section('What signals come in by, and what stands around', report.wiring),
    ...assumptionLines(report),
    ...coverageLines(report),
    '',
    'Next',
    ...report.next.flatMap((step, index) => remediationLines(step, `  ${index + 1}. `)),
    '',
    ...wrap(OUTCOME[report.outcome], ''),
    '',
  ].join('\n');
}

const OUTCOME: Readonly<Record<Report['outcome'], string>> = {
  well: 'All that was looked at is well.',
  missing: 'Something is missing (MISS).',
  couldNotTell:
    'Nothing is known to be missing, but something could not be read (?): that is not well either.',
};

function section(title: string, checks: readonly Check[]): string[] {
  const well = checks.filter(({ state }) => state === 'ok');
  const others = checks.filter(({ state }) => state !== 'ok');
  const lines =
    well.length > MAX_LISTED
      ? [`  ${MARK.ok}${well.length} things are well`]
      : grouped(well).flatMap(wellLines);
  return ['', title, ...lines, ...grouped(others).flatMap(unexpectedLines)];
}

interface Group extends Check {
  ids: string[];
}

/** Items that are the same for several resources are printed once. */
function grouped(checks: readonly Check[]): Group[] {
  const groups = new Map<string, Group>();
  for (const check of checks) {
    const key = `${check.about} ${check.state} ${check.says} ${check.remediation?.command ?? ''}`;
    const group = groups.get(key);
    if (group) group.ids.push(check.id);
    else groups.set(key, { ...check, ids: [check.id] });
  }
  return [...groups.values()];
}

function wellLines(group: Group): string[] {
  const says = group.says === 'read' ? '' : ` ${group.says}`;
  return wrap(`${WORDS[group.about]}: ${named(group)}.${says}`, `  ${MARK.ok}`);
}

function unexpectedLines(group: Group): string[] {
  return [
    ...wrap(`${WORDS[group.about]}: ${named(group)}`, `  ${MARK[group.state]}`),
    ...wrap(group.says, INDENT),
    ...(group.rights === undefined ? [] : wrap(`Missing: ${group.rights.join(', ')}`, INDENT)),
    ...(group.remediation === undefined ? [] : remediationLines(group.remediation, `${INDENT}→ `)),
    ...(group.docs === undefined ? [] : [`${INDENT}${group.docs}`]),
  ];
}

function named({ ids, about }: Group): string {
  const names = [...new Set(ids.map((id) => shortName(id, about)))];
  return names.length > 12
    ? `${names.slice(0, 12).join(', ')} and ${names.length - 12} more`
    : names.join(', ');
}

/** A key is named with its vault; everything else by its own name. */
function shortName(id: string, about: Check['about']): string {
  if (about !== 'key' && about !== 'permission') return armIdParts(id).name;
  return id
    .split('/')
    .slice(-3)
    .filter((part) => part !== 'keys')
    .join('/');
}

function remediationLines({ what, command, portal, link }: Remediation, lead: string): string[] {
  const inner = ' '.repeat(lead.length);
  return [
    ...wrap(what, lead),
    ...(command === undefined ? [] : [`${inner}${command}`]),
    ...(portal === undefined ? [] : wrap(`Portal: ${portal}`, inner)),
    ...(link === undefined ? [] : [`${inner}${link}`]),
  ];
}

function assumptionLines({ unverified, docs }: Report): string[] {
  return [
    '',
    'What nobody has published, and what this tenant says',
    `  ${docs}/unverified.md`,
    ...unverified.flatMap(({ point, found, outcome }) => [
      ...wrap(`${outcome}: ${point}`, outcome === 'otherwise' ? '  !!    ' : '  ·     '),
      ...wrap(`here: ${found}`, INDENT),
    ]),
  ];
}

function coverageLines({ coverage }: Report): string[] {
  const cell = ({ shows, policies, couldNotTell }: Report['coverage'][number]['event']) =>
    shows ? `${policies}${couldNotTell > 0 ? ` (? ${couldNotTell})` : ''}` : '–';
  return [
    '',
    'What would be seen: of how many policies, by which way',
    `  ${'trigger'.padEnd(26)}${'sweep'.padEnd(12)}${'event'.padEnd(12)}audit log`,
    ...coverage.map(
      ({ trigger, sweep, event, audit }) =>
        `  ${trigger.padEnd(26)}${cell(sweep).padEnd(12)}${cell(event).padEnd(12)}${cell(audit)}`,
    ),
    '  – Azure does not show it by that source.  (? n) not known for n.',
  ];
}
