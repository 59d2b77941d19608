import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Check, Report } from '../../../tools/doctor/report.ts';
import { toText } from '../../../tools/doctor/text.ts';
import { patient } from './doctor-harness.ts';

const ofApi = (report: Report, address: string): Check[] =>
  report.facts.filter(({ about, id }) => about === 'environments' && id === address);

async function afterScenario(...scenarios: string[]) {
  const sick = await patient();
  for (const scenario of scenarios) await sick.simulator.scenario(scenario);
  const report = await sick.examine();
  const { powerPlatform, powerPlatformApi } = sick.simulator;
  return { report, admin: ofApi(report, powerPlatform)[0], platform: ofApi(report, powerPlatformApi)[0] };
}

describe('the doctor tries both environment APIs', () => {
  it('and says which answer, how much they show, and that nothing is missing', async () => {
    const { report, admin, platform } = await afterScenario();
    for (const check of [admin, platform]) {
      assert.equal(check?.state, 'ok');
      assert.match(check?.says ?? '', /answers: 16 environments, 14 with an encryption policy/);
    }
    assert.equal(report.outcome, 'well');
  });

  it('and one that refuses is a note while the other answers', async () => {
    const { report, admin, platform } = await afterScenario('environment-registration-revoked');
    assert.deepEqual([admin?.state, platform?.state, report.outcome], ['note', 'ok', 'well']);
    assert.match(admin?.says ?? '', /gives no list.*403.*this identity may not read it.*registration/s);
    const other = await afterScenario('environment-role-revoked');
    assert.deepEqual(
      [other.admin?.state, other.platform?.state, other.report.outcome],
      ['ok', 'note', 'well'],
    );
  });

  it('and both that refuse are missing, with what would help', async () => {
    const { admin, platform } = await afterScenario('environment-reader-revoked');
    assert.deepEqual([admin?.state, platform?.state], ['missing', 'missing']);
    assert.match(platform?.remediation?.command ?? '', /c886ad2e-27f7-4874-8381-5849b8d8a090/);
  });

  it('and a role at one environment is distinguished from one at the tenant', async () => {
    const { report, platform } = await afterScenario('environment-role-on-one');
    assert.equal(platform?.state, 'note');
    assert.match(platform?.says ?? '', /1 environments?, 1 with.*whole tenant is not known/);
    const sales = report.facts.find(({ about, id }) => about === 'environments' && id.endsWith('/ep-sales'));
    assert.equal(sales?.state, 'note');
    assert.match(sales?.says ?? '', /names no environment of this policy, and may not show the whole tenant/);
  });
});

it('a policy without an environment is noted, since it may encrypt what no list shows', async () => {
  const { report } = await afterScenario();
  const empty = report.facts.find(({ about, id }) => about === 'environments' && id.endsWith('/ep-empty'));
  assert.equal(empty?.state, 'note');
  assert.match(empty?.says ?? '', /platform apps data/);
  assert.match(toText(report), /platform apps\s+data/);
});

it('no assumption is settled from a list in which no link was seen', async () => {
  const sick = await patient();
  const { policies } = (await (await fetch(`${sick.simulator.control}/state`)).json()) as {
    policies: { environments: { name: string }[] }[];
  };
  for (const { name } of policies.flatMap(({ environments }) => environments))
    await sick.simulator.scenario('environment-unlinked', { environment: name });
  const report = await sick.examine();
  const aboutList = report.unverified.filter(({ point }) =>
    /no published schema|\$expand|Page size|runtime and instance state/.test(point),
  );
  assert.equal(aboutList.length, 4);
  for (const { point, outcome } of aboutList) assert.equal(outcome, "can't tell here", point);
  const [admin] = ofApi(report, sick.simulator.powerPlatform);
  assert.equal(admin?.state, 'note');
  assert.match(admin?.says ?? '', /none with an encryption policy. It may leave links out/);
});

it('state words that nobody has published are printed, escaped, and are no fault', async () => {
  const sick = await patient({ platformStates: { Enabled: 'Active\u001b[31m', Disabled: 'Suspended' } });
  await sick.simulator.scenario('environment-registration-revoked');
  const report = await sick.examine();
  const [, words] = ofApi(report, sick.simulator.powerPlatformApi);
  assert.equal(words?.state, 'note');
  assert.match(words?.says ?? '', /states whose meaning is not published: "Active\\u001b\[31m"\. /);
  assert.equal(report.outcome, 'well');
});
