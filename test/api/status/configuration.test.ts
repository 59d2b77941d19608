import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configurationRows } from '../../../shared/settings/configuration.ts';
import { SETTINGS, type SettingDescription } from '../../../shared/settings/settings.ts';
import { aWorld } from '../../pipeline/a-world.ts';
import { environment, known } from '../../triggers/a-reading.ts';
import { get, look, make } from '../actions/post.ts';

const ALL = Object.values<SettingDescription>(SETTINGS);

test('every setting has a row, and no secret is in any', () => {
  const environmentOf = Object.fromEntries(ALL.map(({ name }) => [name, `hidden-${name}`]));
  const rows = configurationRows(environmentOf);
  assert.equal(rows.length, ALL.length);
  for (const { name, secret } of ALL) {
    const row = rows.find((one) => one.name === name);
    assert.deepEqual([row?.isSet, row?.isSecret], [true, secret === true], name);
    assert.equal(row?.value, secret ? null : `hidden-${name}`, name);
  }
  assert.ok(rows.some(({ isSecret }) => isSecret));
  assert.ok(configurationRows({}).every(({ isSet, value }) => !isSet && value === null));
});

test('a secret in a setting that expects none is not shown', () => {
  for (const value of [
    'Endpoint=sb://x/;SharedAccessKey=abc',
    'https://x.example/?sig=abc',
    'https://ann:pw@x.example',
  ]) {
    const row = configurationRows({ LOCKWATCH_PUBLIC_URL: value }).find(
      ({ name }) => name === 'LOCKWATCH_PUBLIC_URL',
    );
    assert.deepEqual([row?.isSet, row?.isSecret, row?.value], [true, true, null]);
  }
});

test('a setting that is set several times has a row for each', () => {
  const many = ALL.find((one) => one.many && !one.name.includes('__'));
  assert.ok(many);
  const rows = configurationRows({ [many.name]: 'x', [`${many.name}_OPS`]: 'y' });
  assert.deepEqual(
    rows.filter(({ name }) => name.startsWith(many.name)).map(({ name }) => name),
    [many.name, `${many.name}_OPS`],
  );
});

test('the configuration names channels and event sources, and only whether a secret is set', async () => {
  const { json } = await get(aWorld(), '/configuration');
  assert.deepEqual([json.channels, json.eventSources.event], [['teams', 'email'], true]);
  const teams = json.settings.find(({ name }: { name: string }) => name === 'LOCKWATCH_TEAMS_WEBHOOK_URL');
  assert.deepEqual([teams.isSet, teams.isSecret, teams.value], [true, true, null]);
});

test('the same warning of policies that share a vault is one, with the gravest first', async () => {
  const world = aWorld(['p1', 'p2', 'p3']);
  make(world, 'p3', {
    environments: known({
      source: 'powerPlatform',
      asOf: world.clock.now(),
      environments: [environment('x')],
    }),
  });
  await look(world, 'p1', 'p2', 'p3');
  const { json } = await get(world, '/warnings');
  const order = ['urgent', 'warning', 'info'];
  const present = json.warnings.filter(({ verdict }: { verdict: string }) => verdict === 'present');
  const ranks = present.map(({ severity }: { severity: string }) => order.indexOf(severity));
  assert.deepEqual(ranks, ranks.toSorted());
  assert.equal(present.length, json.counts.urgent + json.counts.warning + json.counts.info);
  const keys = json.warnings.map(
    ({ id, scope, summary }: { id: string; scope: string; summary: string }) => `${id} ${scope} ${summary}`,
  );
  assert.equal(new Set(keys).size, keys.length);
});
