import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { modulesUnder } from './modules.ts';

const modules = modulesUnder('shared', 'functions', 'dev', 'tools');
const testModules = modulesUnder('test');

/**
 * Words that this project once used in a sense of its own, each with the field's word for it. Whole words of file and
 * export names are compared.
 */
const REPLACED: Readonly<Record<string, string>> = {
  act: 'action (a person’s), operation (Azure’s), scenario (the simulator’s)',
  acts: 'actions, operations, scenarios',
  aside: 'say what it is',
  beat: 'heartbeat',
  blind: 'visibility gap',
  blinds: 'removes an event source',
  cut: 'lost event source',
  cuts: 'lost event sources',
  dearest: 'say what it is',
  door: 'breaker state',
  due: 'reminder schedule, claimDue',
  form: 'schema',
  gate: 'rate limiter',
  hands: 'assignee',
  head: 'policy state',
  heads: 'policy states',
  lane: 'per-channel queue',
  lanes: 'per-channel queues',
  laptop: 'local stack',
  leave: 'release',
  longest: 'max',
  look: 'recheck',
  looks: 'rechecks',
  mend: 'remediation',
  most: 'max',
  odd: 'say what it is',
  outside: 'untrusted',
  overview: 'read model',
  owed: 'deferred',
  pass: 'read session',
  poorest: 'say what it is',
  predict: 'snapshot',
  predictions: 'snapshots',
  prediction: 'expected deployment',
  remedy: 'remediation',
  remembered: 'history',
  said: 'say what it is',
  settle: 'record a delivery, propagation ends, mute, verify',
  settled: 'muted, verified',
  sight: 'visibility',
  sink: 'receiver',
  sinks: 'receivers',
  slot: 'semaphore',
  slots: 'semaphore',
  speaking: 'notify decision',
  speech: 'notification policy',
  spot: 'visibility gap',
  spots: 'visibility gaps',
  tell: 'report',
  tick: 'evaluate timers',
  told: 'notified',
  truth: 'observed state',
  turns: 'recent transitions',
  undo: 'remediation',
  way: 'detection source, event source',
  ways: 'detection sources, event sources',
  widen: 'say what it is',
  wish: 'option',
  wishes: 'options',
  withheld: 'suppressed',
};

/** Names in which such a word has its ordinary sense, and why. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'shared/notices/claim-due.ts': 'what is due is leased here',
  'test/notices/claim-due.ts': 'what is due is leased here',
  claimDue: 'what is due is leased here',
  checkPastDue: 'the name of the Functions runtime for a timer that is late',
};

test('names of files and exports use the words of the field', () => {
  assert.ok(modules.length > 400, `only ${modules.length} modules were seen`);
  const names = modules.flatMap(({ path, exports }) => [path, ...exports.map((name) => `${path}: ${name}`)]);
  assert.ok(names.length > 1_000, `only ${names.length} names were seen`);
  assert.deepEqual(names.flatMap(replacedWords), []);
});

test('a planted name with a replaced word is found', () => {
  assert.deepEqual(replacedWords('shared/incidents/speech.ts'), [
    'shared/incidents/speech.ts: instead of “speech” write notification policy',
  ]);
  assert.equal(replacedWords('shared/azure/x.ts: slotsGate').length, 2);
  assert.equal(replacedWords('shared/azure/x.ts: MOST_BYTES').length, 1);
  assert.deepEqual(replacedWords('shared/azure/x.ts: headers'), []);
});

test('names of test files use the words of the field', () => {
  const tests = testModules.filter(({ path }) => /\.(?:test|accept)\.ts$/.test(path));
  assert.ok(tests.length > 200, `only ${tests.length} test files were seen`);
  assert.deepEqual(
    tests.flatMap(({ path }) => replacedWords(path.replace(/\.(?:test|accept)\.ts$/, '.ts'))),
    [],
  );
});

/** A limit is MAX_X or MIN_X, exported or not. */
const LIMIT_AT_END = /^(?:export )?const (?:MOST_\w+|LONGEST_\w+|\w+_AT_MOST|\w+_LEAST\w*|SETTLES_\w+)\b/m;

test('constants of limits are named MAX or MIN', async () => {
  const found = await placesOf(LIMIT_AT_END, [...modules, ...testModules]);
  assert.deepEqual(found, []);
  for (const planted of [
    'const NAMED_AT_MOST = 1;',
    'export const MOST_ROWS = 2;',
    'const WAIT_LEAST_MS = 3;',
  ])
    assert.match(planted, LIMIT_AT_END);
  assert.doesNotMatch('const MAX_ROWS = 2;', LIMIT_AT_END);
});

/** Titles of tests in which a person or a fault "is told", and receivers by their old name. */
const REPLACED_IN_TESTS =
  /\b(?:the sinks?|(?:people|nobody|everybody|they) (?:is|are|was|were|would be) told|lock is told|fault is told)\b/i;

test('tests use the words of the field', async () => {
  const others = testModules.filter(({ path }) => path !== 'test/layout/names.test.ts');
  assert.deepEqual(await placesOf(REPLACED_IN_TESTS, others), []);
  assert.match("it('nobody would be told')", REPLACED_IN_TESTS);
  assert.match('The sinks did not take the mode', REPLACED_IN_TESTS);
});

/** Phrases of the same kind, which texts and comments must not use either. */
const REPLACED_PHRASES =
  /\b(?:laptop|simulated tenant|the sinks|second looks?|returning message|mend(?:s|ed|ing)?|(?:make|read|write) the overview|(?:was|were|be|is|are) told)\b/i;

test('texts and comments use the words of the field', async () => {
  assert.deepEqual(await placesOf(REPLACED_PHRASES, modules), []);
});

test('a planted phrase is found', () => {
  for (const planted of [
    '// on a laptop',
    "say('Starting the sinks …')",
    'nobody was told',
    'How to mend it',
  ])
    assert.match(planted, REPLACED_PHRASES);
  assert.doesNotMatch('the tenant of the vault, amended, recommended', REPLACED_PHRASES);
});

test('a name stands for one thing: no two modules export the same name', () => {
  const places = Map.groupBy(
    modules.flatMap(({ path, exports }) => exports.map((name) => ({ name, path }))),
    ({ name }) => name,
  );
  const shared = [...places].filter(([, found]) => new Set(found.map(({ path }) => path)).size > 1);
  assert.deepEqual(
    shared.map(([name, found]) => `${name}: ${found.map(({ path }) => path).join(', ')}`).sort(),
    [],
  );
});

async function placesOf(phrase: RegExp, all: readonly { path: string }[]): Promise<string[]> {
  const found: string[] = [];
  for (const { path } of all) {
    const text = await readFile(join(import.meta.dirname, '../..', path), 'utf8');
    for (const [index, line] of text.split('\n').entries())
      if (phrase.test(line)) found.push(`${path}:${index + 1}: ${line.trim()}`);
  }
  return found;
}

function replacedWords(name: string): string[] {
  const last = name.split(': ').at(-1) ?? name;
  if (Object.hasOwn(EXCEPTIONS, last)) return [];
  const words = last
    .replace(/\.ts$/, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.toLowerCase());
  return words
    .filter((word) => Object.hasOwn(REPLACED, word))
    .map((word) => `${name}: instead of “${word}” write ${REPLACED[word]}`);
}
