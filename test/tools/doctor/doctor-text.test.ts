import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextSteps } from '../../../tools/doctor/next.ts';
import { type Check, type Report, reportOutcome } from '../../../tools/doctor/report.ts';
import { toText } from '../../../tools/doctor/text.ts';

const SUBSCRIPTION = '/subscriptions/11111111-2222-3333-4444-555555555555';
const VAULT = `${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv`;
const missing: Check = {
  about: 'vault',
  id: VAULT,
  state: 'missing',
  says: `GET ${VAULT} answered 403: this identity may not read it. ${'And more is told of it. '.repeat(6)}`,
  rights: ['Microsoft.KeyVault/vaults/read'],
  remediation: {
    what: 'Grant Reader.',
    command: `az role assignment create --role Reader --scope ${SUBSCRIPTION}`,
  },
};
const well = (n: number): Check => ({
  about: 'policy',
  id: `${SUBSCRIPTION}/p/ep-${n}`,
  state: 'ok',
  says: 'read',
});
const unknown: Check = { about: 'eventGrid', id: VAULT, state: 'unknown', says: 'It answered 429.' };

function report(facts: Check[], wiring: Check[] = []): Report {
  const none = { shows: false, policies: 0, couldNotTell: 0 };
  return {
    report: 'lockwatch-doctor/1',
    at: '2026-11-23T12:00:00.000Z',
    outcome: reportOutcome([...facts, ...wiring]),
    cloud: 'public',
    docs: 'docs',
    signedIn: { kind: 'person', objectId: 'oid', tenantId: 'tid', name: 'dana@contoso.example' },
    settings: { firstLook: false, subscriptions: [], channels: [], inVault: [] },
    facts,
    wiring,
    unverified: [{ point: '`healthStatus` on the wire', assumed: 'x', found: 'y', outcome: 'otherwise' }],
    coverage: [
      {
        trigger: 'key-disabled',
        sweep: { shows: true, policies: 3, couldNotTell: 1 },
        event: none,
        audit: none,
      },
    ],
    next: nextSteps([...facts, ...wiring]),
  };
}

test('the text fits 80 columns, but for commands, links and names that can not be broken', () => {
  const text = toText(report([missing, well(1), well(2)], [unknown]));
  for (const line of text.split('\n'))
    if (line.length > 80) assert.match(line.trim(), /^(az |https:|\/subscriptions\/)\S*/, line);
});

test('it names what is missing, what could not be determined, and what differs from the assumptions', () => {
  const text = toText(report([missing, well(1)], [unknown]));
  assert.match(text, /MISS {2}vault: kv\n/);
  assert.match(text, /\? {5}events: kv\n/);
  assert.match(text, /!! {4}otherwise: `healthStatus` on the wire/);
  assert.match(text, /key-disabled +3 \(\? 1\) +– +–/);
});

test('hundreds of things that are well are counted, and what is not well is still reported', () => {
  const text = toText(report([missing, ...Array.from({ length: 500 }, (_, n) => well(n))]));
  assert.match(text, /500 things are well/);
  assert.match(text, /MISS {2}vault: kv\n/);
  assert.ok(text.split('\n').length < 60);
});

test('missing outweighs what could not be determined, which is not well either', () => {
  assert.equal(reportOutcome([well(1)]), 'well');
  assert.equal(reportOutcome([well(1), unknown]), 'couldNotTell');
  assert.equal(reportOutcome([unknown, missing]), 'missing');
});

test('the next steps are three at most, the most blinding first, each command once', () => {
  const subscription: Check = {
    ...missing,
    about: 'subscription',
    remediation: { what: 'See it.', command: 'az first' },
  };
  const commands = nextSteps([missing, missing, subscription, unknown]).map(({ command }) => command);
  assert.deepEqual(commands, ['az first', missing.remediation?.command, 'npm run doctor -- --seconds 120']);
  assert.equal(nextSteps([]).length, 2);
});
