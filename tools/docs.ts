import { existsSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROBLEMS, type ProblemKind } from '../shared/api/problem.ts';
import { PROBLEM_HELP } from '../shared/api/problem-help.ts';
import { fieldsOf } from '../shared/api/read-query.ts';
import { ENDPOINTS } from '../shared/api/register.ts';
import { NOTICE_REASONS } from '../shared/incidents/notice-reason.ts';
import { NOTICE_HELP } from '../shared/notices/notice-help.ts';
import { noticeAnchor } from '../shared/notices/say/page-links.ts';
import { SETTINGS, type SettingDescription } from '../shared/settings/settings.ts';
import { ADVISORIES } from '../shared/triggers/advisories/register.ts';
import { DELAY_SOURCES, type DetectionSource, expectedDelay } from '../shared/triggers/detection-sources.ts';
import { TRIGGERS } from '../shared/triggers/register.ts';
import { benchTable } from './bench-table.ts';
import { scaleCostsTable, scaleIntervalTable, scaleLimitsTable } from './costs/scale.ts';
import { costsTable, intervalTable, pricesTable } from './costs/table.ts';
import { loadTable } from './load-table.ts';

/** The documentation tables that are generated from the code, by the name of their block. */
export const TABLES: Record<string, () => string> = {
  settings: settingsTable,
  triggers: triggersTable,
  detectionSources: detectionTable,
  advisories: advisoriesTable,
  endpoints: endpointsTable,
  problems: problemsTable,
  notices: noticesTable,
  costs: () => costsTable(),
  prices: pricesTable,
  scaleInterval: scaleIntervalTable,
  scaleLimits: scaleLimitsTable,
  scaleCosts: scaleCostsTable,
  interval: intervalTable,
  load: () => recorded('test/load/figures.json', loadTable),
  bench: () => recorded('test/bench/figures.json', benchTable),
};
export const DOCUMENTS = [
  'docs/settings.md',
  'docs/detection.md',
  'docs/api.md',
  'docs/notices.md',
  'docs/costs.md',
  'docs/reliability.md',
  'docs/performance.md',
  'docs/scale.md',
];

/** Writes each generated table between its two markers. Throws where a block has no table. */
export function withTables(text: string): string {
  return text.replace(/(<!-- table: (\w+) -->\n)[\s\S]*?(<!-- end -->)/g, (_all, start, name, end) => {
    const table = TABLES[name];
    if (!table) throw new Error(`There is no table '${name}'; there are ${Object.keys(TABLES).join(', ')}.`);
    return `${start}${table()}\n${end}`;
  });
}

function settingsTable(): string {
  const rows = Object.values<SettingDescription>(SETTINGS).map(
    ({ name, meaning, required, secret, many, example, ...more }) => {
      const fallback = required ? '**required**' : more.default ? `\`${more.default}\`` : '–';
      return `| \`${name}\` | ${meaning}${secret ? ' *Secret.*' : ''}${many ? ' *Several.*' : ''} | ${fallback} | \`${example}\` |`;
    },
  );
  return ['| setting | meaning | default | example |', '|---|---|---|---|', ...rows].join('\n');
}

function triggersTable(): string {
  const rows = TRIGGERS.map(({ id, words, link }) => `| \`${id}\` | [${words}](${link}) |`);
  return ['| trigger | what happened |', '|---|---|', ...rows].join('\n');
}

/** The detection sources of each trigger, followed by the documents that confirm them. */
function detectionTable(): string {
  const sweep = Number(SETTINGS.sweepSeconds.default);
  const [event, audit] = [expectedDelay('event', sweep), expectedDelay('audit', sweep)];
  const header = [
    'trigger',
    `Event Grid (${event.from} to ${event.to} s)`,
    `audit log (${audit.from / 60} to ${audit.to / 60} min)`,
    `sweep (every ${sweep} s or more) reads`,
  ];
  const rows = TRIGGERS.map(({ id, detectionSources }) =>
    [
      `\`${id}\``,
      shownBy(detectionSources.event),
      shownBy(detectionSources.audit),
      detectionSources.needs.join(', '),
    ].join(' | '),
  );
  const sources = TRIGGERS.flatMap(({ detectionSources }) => [
    ...detectionSources.event.sources,
    ...detectionSources.audit.sources,
  ]);
  const links = [...sources, ...Object.values(DELAY_SOURCES)].map(
    ({ document, section, link }) => `[${document}](${link}) (${section})`,
  );
  const table = [`| ${header.join(' | ')} |`, '|---|---|---|---|', ...rows.map((row) => `| ${row} |`)];
  return [...table, '', `Sources: ${[...new Set(links)].join(', ')}.`].join('\n');
}

function shownBy(detectionSource: DetectionSource): string {
  if ('because' in detectionSource) return `– (${detectionSource.because})`;
  const names = detectionSource.shows.map((name) => `\`${name}\``).join('<br>');
  return detectionSource.but ? `${names}<br>(${detectionSource.but})` : names;
}

function advisoriesTable(): string {
  const rows = ADVISORIES.map(
    ({ id, words, link, severities }) => `| \`${id}\` | [${words}](${link}) | ${severities.join(' → ')} |`,
  );
  return ['| advisory | what it warns of | severity |', '|---|---|---|', ...rows].join('\n');
}

function endpointsTable(): string {
  const rows = ENDPOINTS.map((endpoint) => {
    const query = fieldsOf(endpoint.query).map((name) => `\`?${name}=\``);
    const body = endpoint.method === 'POST' ? fieldsOf(endpoint.body).map((name) => `\`${name}\``) : [];
    const cells = [`\`${endpoint.method} /api${endpoint.path}\``, endpoint.title];
    return `| ${[...cells, query.join(' '), body.join(' ')].map((cell) => cell || '–').join(' | ')} |`;
  });
  return ['| address | what it is | parameters | fields of the body |', '|---|---|---|---|', ...rows].join(
    '\n',
  );
}

function problemsTable(): string {
  const rows = Object.entries(PROBLEMS).map(([kind, { status }]) => {
    const { when, help } = PROBLEM_HELP[kind as ProblemKind];
    return `| ${status} | ${anchored(kind)}\`${kind}\` | ${when} | ${help} |`;
  });
  return ['| status | kind | when | what to do |', '|---|---|---|---|', ...rows].join('\n');
}

function noticesTable(): string {
  const rows = NOTICE_REASONS.map((reason) => {
    const { when, help } = NOTICE_HELP[reason];
    return `| ${anchored(noticeAnchor(reason))}\`${reason}\` | ${when} | ${help} |`;
  });
  return ['| reason | when it is sent | what to do |', '|---|---|---|', ...rows].join('\n');
}

/** Answers and notices link to the row. */
function anchored(name: string): string {
  return `<a id="${name}"></a>`;
}

/** The figures of the run that was recorded last. */
function recorded<T>(path: string, table: (figures: T) => string): string {
  const file = join(import.meta.dirname, '..', path);
  if (!existsSync(file)) return '| what | figure |\n|---|---|\n| no run has been recorded yet | – |';
  return table(JSON.parse(readFileSync(file, 'utf8')));
}

if (import.meta.main)
  for (const document of DOCUMENTS) {
    const file = join(import.meta.dirname, '..', document);
    await writeFile(file, withTables(await readFile(file, 'utf8')));
  }
