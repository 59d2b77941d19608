import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Module, moduleFrom, modulesUnder } from './modules.ts';

/** The folders of shared/ from the top down: a module imports only from its own folder and from those below it. */
const ORDER = [
  'compose.ts',
  'settings',
  'api',
  'pipeline',
  'notices',
  'storage',
  'visibility',
  'incidents',
  'preview',
  'triggers',
  'facts',
  'azure',
  'signals',
  'telemetry',
  'settings-schema',
  'clock.ts',
  'compare-text.ts',
];
/** They decide from plain data: the same input gives the same answer. */
const PURE = [
  'shared/visibility',
  'shared/incidents',
  'shared/preview',
  'shared/triggers',
  'shared/notices/say',
];
/** Hashes and bytes of what they are given. */
const PURE_PACKAGES: readonly string[] = ['node:crypto', 'node:buffer', 'zod'];
/** What the simulator shares with the product: how an ARM id is read, and the ids of the triggers. */
const SIMULATOR_MAY_USE = ['shared/azure/arm-id.ts', 'shared/triggers/finding.ts'];
/** The pictures of the docs show the reviewed texts, whose cases are the tests'. */
const DRAWS_TESTS = 'tools/pictures/main.ts';

const WHOLE = ['shared', 'functions', 'dev', 'tools'];

test('no module imports from a folder above its own', () => {
  const modules = modulesUnder(...WHOLE);
  assert.ok(modules.length > 400, `only ${modules.length} modules were seen`);
  const imports = modules.reduce((sum, one) => sum + one.imports.length, 0);
  assert.ok(imports > 1_400, `only ${imports} imports were seen`);
  assert.deepEqual(modules.flatMap(wrongImports), []);
});

test('a planted wrong import is found', () => {
  const planted = (path: string, line: string) => wrongImports(moduleFrom(path, line));
  for (const [path, line] of [
    ['shared/facts/vault.ts', "import { decide } from '../incidents/decide.ts';"],
    ['shared/facts/vault.ts', "import type { Incident } from '../incidents/incident.ts';"],
    ['shared/signals/event.ts', "const later = () => import('../storage/keys.ts');"],
    ['shared/signals/event.ts', "import { app } from '../../functions/app.ts';"],
    ['shared/azure/pages.ts', "export { judge } from '../triggers/judge.ts';"],
    ['shared/loose.ts', "import { judge } from './triggers/judge.ts';"],
    ['dev/functions-host/host.ts', "import { normalId } from '../../shared/azure/arm-id.ts';"],
    ['dev/azure-simulator/state.ts', "import { judge } from '../../shared/triggers/judge.ts';"],
    ['dev/stack/stack.ts', "import { zipOf } from '../../tools/package/zip.ts';"],
    ['tools/docs.ts', "import { aNotice } from '../test/notices/a-notice.ts';"],
  ] as const)
    assert.equal(planted(path, line).length, 1, `${path}: ${line}`);
  assert.deepEqual(
    planted('shared/incidents/decide.ts', "import { judge } from '../triggers/judge.ts';"),
    [],
  );
});

test('there is no circle of imports', () => {
  const modules = new Map(modulesUnder(...WHOLE).map((one) => [one.path, one]));
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (path: string, trail: readonly string[]) => {
    if (trail.includes(path)) circles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
    if (done.has(path) || trail.includes(path)) return;
    for (const { path: next, isType } of modules.get(path)?.imports ?? [])
      if (!isType) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of modules.keys()) visit(path, []);
  assert.deepEqual(circles, []);
});

test('modules that decide import no SDK, no clock and no environment', () => {
  const modules = modulesUnder(...PURE);
  assert.ok(modules.length > 100, `only ${modules.length} modules were seen`);
  const wrong = modules.flatMap(({ path, imports, packages }) => [
    ...packages.filter((name) => !PURE_PACKAGES.includes(name)).map((name) => `${path}: ${name}`),
    ...imports
      .filter(({ path: target, isType }) => target === 'shared/clock.ts' && !isType)
      .map(() => `${path}: the clock`),
  ]);
  assert.deepEqual(wrong, []);
});

test('every file outside the tests has at most 250 lines', () => {
  const long = modulesUnder(...WHOLE).filter(({ lines }) => lines > 250);
  assert.deepEqual(
    long.map(({ path, lines }) => `${path}: ${lines} lines`),
    [],
  );
});

function wrongImports({ path, imports }: Module): string[] {
  return imports
    .filter((one) => !mayImport(path, one.path))
    .map(({ path: target }) => `${path} imports ${target}`);
}

function mayImport(from: string, to: string): boolean {
  const [top = '', folder = ''] = from.split('/');
  const [topOf = '', folderOf = ''] = to.split('/');
  if (topOf === 'test') return from === DRAWS_TESTS;
  if (top === 'shared')
    return topOf === 'shared' && ORDER.includes(folder) && ORDER.indexOf(folderOf) >= ORDER.indexOf(folder);
  if (top === 'functions') return topOf === 'functions' || topOf === 'shared';
  if (top === 'dev' && topOf === 'tools') return false;
  if (from.startsWith('dev/functions-host/')) return to.startsWith('dev/');
  if (from.startsWith('dev/azure-simulator/') && topOf === 'shared') return SIMULATOR_MAY_USE.includes(to);
  return topOf !== 'functions';
}
