import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { DEFAULT_OPERATION_FILTERS } from '../../../dev/azure-simulator/events/filters.ts';
import type { Check, Report } from '../../../tools/doctor/report.ts';
import { REQUIRED_ACTIONS } from '../../../tools/doctor/required-actions.ts';
import { toText } from '../../../tools/doctor/text.ts';
import { type Patient, patient } from './doctor-harness.ts';

const all = ({ facts, wiring }: Report) => [...facts, ...wiring];
const notWell = (report: Report) =>
  all(report).filter(({ state }) => state === 'missing' || state === 'unknown');
const named = (check: Check) => `${check.about} ${check.id.split('/').at(-1)} ${check.state}`;
const covered = (report: Report, trigger: string) => report.coverage.find((row) => row.trigger === trigger);

async function fault(sick: Patient, body: object): Promise<void> {
  await fetch(`${sick.simulator.control}/faults`, { method: 'POST', body: JSON.stringify(body) });
}
const refuse = (sick: Patient, path: string, service = 'arm') =>
  fault(sick, { service, path, kind: 'error', status: 403 });

describe('a tenant in which all is well', async () => {
  const healthy = await patient();
  const report = await healthy.examine();

  it('has nothing missing, and nothing that could not be determined', () => {
    assert.deepEqual(notWell(report).map(named), []);
    assert.equal(report.outcome, 'well');
    assert.match(toText(report), /All that was looked at is well/);
  });

  it('is seen whole: every trigger of every policy by the sweep, and by each way that Azure shows it by', () => {
    for (const { trigger, sweep, event, audit } of report.coverage) {
      assert.deepEqual(sweep, { shows: true, policies: 6, couldNotTell: 0 }, trigger);
      for (const way of [event, audit]) assert.equal(way.policies, way.shows ? 6 : 0, trigger);
    }
    assert.equal(covered(report, 'key-disabled')?.event.shows, false);
    assert.equal(covered(report, 'policy-deleted')?.audit.shows, false);
  });

  it('says what it tells of what nobody has published, and what it can not tell', () => {
    const outcomes = new Map(report.unverified.map(({ point, outcome }) => [point, outcome]));
    assert.equal(outcomes.get('Where the policy’s principal id stands'), 'as assumed');
    assert.equal(outcomes.get('List of key versions: type and operations'), 'as assumed');
    assert.equal(outcomes.get('Without `$expand` the link to the policy is left out'), 'as assumed');
    assert.equal(outcomes.get('GET of a disabled key'), "can't tell here");
    assert.equal([...outcomes.values()].includes('otherwise'), false);
  });

  it('notes what lies in the queue for a person, and a policy whose key is not judged', () => {
    const notes = all(report).filter(({ state }) => state === 'note');
    assert.match(notes.find(({ id }) => id === 'lockwatch-unreadable')?.says ?? '', /2 message/);
    assert.match(notes.find(({ id }) => id.endsWith('/ep-hsm'))?.says ?? '', /Managed HSM/);
  });

  it('is asked without any writing', async () => {
    const before = await (await fetch(`${healthy.simulator.control}/events`)).json();
    assert.deepEqual(before, []);
  });

  it('is not asked for the names of actors where nobody wants them', () =>
    assert.ok(!all(report).some(({ about }) => about === 'actorNames')));

  it('shows no secret and no token anywhere', () => {
    assert.doesNotMatch(JSON.stringify(report), /top-secret|sig=|eyJ/);
  });
});

describe('registrations of resource providers', async () => {
  const about = (report: Report) => all(report).filter(({ about }) => about === 'registrations');

  it('are no fault where the identity that asks may not read them, as the app’s own', async () => {
    const found = about(await (await patient()).examine());
    assert.ok(found.length >= 6);
    assert.deepEqual([...new Set(found.map(({ state }) => state))], ['note']);
    assert.match(found[0]?.says ?? '', /may not read it/);
  });

  it('that are missing are named by what is lost, with the command', async () => {
    const unregistered = ['Microsoft.EventGrid', 'Microsoft.App', 'Microsoft.PowerPlatform'];
    const sick = await patient({ unregistered, appActions: ['*/read'] });
    const found = about(await sick.examine());
    const of = (namespace: string) => found.find(({ id }) => id.endsWith(namespace));
    assert.equal(of('Microsoft.EventGrid')?.state, 'missing');
    assert.match(
      of('Microsoft.EventGrid')?.remediation?.command ?? '',
      /^az provider register --namespace Microsoft\.EventGrid --subscription [0-9a-f-]{36}$/,
    );
    for (const namespace of ['Microsoft.App', 'Microsoft.PowerPlatform'])
      assert.equal(of(namespace)?.state, 'note', namespace);
    const well = await (await patient({ appActions: ['*/read'] })).examine();
    assert.deepEqual([...new Set(about(well).map(({ state }) => state))], ['ok']);
  });
});

test('a tenant that differs from what is assumed is reported so, row by row', async () => {
  const sick = await patient({ keyListDetail: 'full' });
  await sick.simulator.scenario('key-disabled');
  const report = await sick.examine();
  const row = (point: string) => report.unverified.find((one) => one.point === point);
  assert.equal(row('List of key versions: type and operations')?.outcome, 'otherwise');
  assert.equal(row('GET of a disabled key')?.outcome, 'as assumed');
  assert.equal(row('Whether both runtime and instance state become `Disabled`')?.outcome, 'as assumed');
});

test('without our Reader role a subscription is missing, with the command that grants it; the other stays well', async () => {
  const sick = await patient();
  await sick.simulator.scenario('reader-revoked');
  const report = await sick.examine();
  assert.equal(report.outcome, 'missing');
  const [gone, other] = sick.simulator.subscriptions;
  const check = report.facts.find(({ about, id }) => about === 'subscription' && id.endsWith(gone ?? '?'));
  assert.equal(check?.state, 'missing');
  assert.deepEqual(check?.rights, ['Microsoft.Resources/subscriptions/read']);
  assert.equal(
    check?.remediation?.command,
    `az role assignment create --assignee-object-id ${report.signedIn.objectId} --assignee-principal-type ServicePrincipal --role Reader --scope /subscriptions/${gone}`,
  );
  assert.equal(report.next[0]?.command, check?.remediation?.command);
  // The event hub of the audit log lies in the first subscription, so whether that is there can't be read any more.
  const rest = all(report).filter(({ about, id }) => about !== 'auditLog' && id.includes(other ?? '?'));
  assert.equal(rest.length > 0 && rest.every(({ state }) => state === 'ok' || state === 'note'), true);
});

describe('each right that is taken away is named', async () => {
  const vault = 'kv-contoso-eu';
  // Refused at the same time where none of them keeps the doctor from asking for another.
  const together: [right: string, path: string][][] = [
    [['Microsoft.Resources/subscriptions/read', '/subscriptions/????????-????-????-????-????????????']],
    [['Microsoft.PowerPlatform/enterprisePolicies/read', 'enterprisePolicies']],
    [['Microsoft.KeyVault/vaults/read', `vaults/${vault}?api`]],
    [
      ['Microsoft.KeyVault/deletedVaults/read', 'deletedVaults'],
      ['Microsoft.KeyVault/vaults/keys/read', 'keys/cmk-finance?api'],
      ['Microsoft.Authorization/roleAssignments/read', 'roleAssignments?api'],
      ['Microsoft.Authorization/locks/read', 'Authorization/locks'],
      ['Microsoft.EventGrid/systemTopics/read', 'systemTopics?api'],
      ['Microsoft.Insights/diagnosticSettings/read', 'diagnosticSettings?api'],
    ],
    [
      ['Microsoft.KeyVault/vaults/keys/versions/read', 'keys/cmk-finance/versions?api'],
      ['Microsoft.Authorization/roleDefinitions/read', 'roleDefinitions'],
      ['Microsoft.Authorization/roleAssignmentScheduleInstances/read', 'roleAssignmentScheduleInstances'],
      ['Microsoft.EventGrid/systemTopics/eventSubscriptions/read', 'eventSubscriptions?api'],
      ['Microsoft.EventHub/namespaces/eventhubs/read', 'eventhubs/lockwatch-audit'],
    ],
    [['Microsoft.Authorization/denyAssignments/read', 'denyAssignments']],
  ];
  const rights = together.flat();
  /** The doctor gets there by another way, or looks at what hangs on it. */
  const notAsked = [
    'Microsoft.KeyVault/locations/deletedVaults/read',
    'Microsoft.Authorization/roleEligibilityScheduleInstances/read',
    'Microsoft.EventGrid/eventSubscriptions/read',
    'Microsoft.EventHub/namespaces/read',
    'Microsoft.EventHub/namespaces/authorizationRules/read',
  ];
  it('all that the app needs are tried, but for those that the doctor does not ask', () => {
    for (const right of Object.keys(REQUIRED_ACTIONS).filter((one) => !notAsked.includes(one)))
      assert.ok(
        rights.some(([name]) => name === right),
        right,
      );
  });
  const sick = await patient();
  for (const group of together)
    it(group.map(([right]) => right).join(', '), async () => {
      for (const [, path] of group) {
        if (path === 'deletedVaults') await sick.simulator.scenario('vault-deleted', { policy: 'ep-sales' });
        const pattern = path.startsWith('/subscriptions/')
          ? `/subscriptions/${sick.simulator.subscriptions[0]}?api`
          : path;
        await refuse(sick, pattern);
      }
      const report = await sick.examine();
      await fetch(`${sick.simulator.control}/faults`, { method: 'DELETE' });
      for (const [right] of group) {
        const check = all(report).find(
          ({ state, rights: lacks }) => state === 'missing' && lacks?.includes(right),
        );
        assert.ok(check, `${right}: ${notWell(report).map(named).join('\n')}`);
        assert.match(
          check.remediation?.command ?? '',
          /^az role assignment create .* --role Reader --scope \/subscriptions\//,
        );
      }
      assert.equal(report.outcome, 'missing');
    });
});

test('without the Power Platform reader role its grant is reported with its weight, and the way without any right', async () => {
  const sick = await patient();
  await sick.simulator.scenario('environment-reader-revoked');
  const report = await sick.examine();
  const check = report.facts.find(({ about, state }) => about === 'environments' && state === 'missing');
  const { what = '', command = '' } = check?.remediation ?? {};
  assert.match(command, /^az rest --method post .*c886ad2e-27f7-4874-8381-5849b8d8a090/);
  assert.ok(command.includes(report.signedIn.objectId));
  assert.match(what, /changes nothing.*inventory.*same permissions as a tenant admin/);
  assert.deepEqual(covered(report, 'policy-deleted')?.sweep, { shows: true, policies: 0, couldNotTell: 0 });
  assert.equal(covered(report, 'key-disabled')?.sweep.policies, 6);
});

describe('events', () => {
  it('a topic without our event subscription is missing, and is to be reused', async () => {
    const sick = await patient();
    await sick.simulator.scenario('event-subscription-deleted');
    const report = await sick.examine();
    const [check] = notWell(report);
    assert.equal(notWell(report).length, 1);
    assert.match(check?.says ?? '', /egst-lockwatch-\w+ has 0 event subscription.*to be reused/);
    assert.equal(check?.remediation?.command, 'azd provision --no-state');
    assert.equal(covered(report, 'vault-deleted')?.event.policies, 1);
  });

  it('a filter that keeps back what can take an environment down is missing, operation by operation', async () => {
    const kept = 'Microsoft.Authorization/roleAssignments/';
    const sick = await patient({ operationFilters: DEFAULT_OPERATION_FILTERS.filter((one) => one !== kept) });
    const report = await sick.examine();
    const check = notWell(report)[0];
    assert.equal(check?.state, 'missing');
    assert.match(
      check?.says ?? '',
      /keeps back 1 of 18 kinds of operation: Microsoft\.Authorization\/roleAssignments\//,
    );
  });

  it('a wider filter is as good', async () => {
    const sick = await patient({ operationFilters: ['microsoft.'] });
    assert.deepEqual(notWell(await sick.examine()), []);
  });

  it('those that lead to another queue do not count', async () => {
    const sick = await patient();
    const environment = { ...sick.settings, LOCKWATCH_QUEUE: 'another-queue' };
    const report = await sick.examine({ environment });
    const events = report.wiring.filter(({ about }) => about === 'eventGrid');
    assert.equal(events.length, 5);
    assert.ok(events.every(({ state, says }) => state === 'missing' && /1 event subscription/.test(says)));
  });

  it('a vault without a topic is missing: only the sweep sees its keys expire', async () => {
    const sick = await patient();
    await sick.simulator.scenario('vault-deleted', { policy: 'ep-sales' });
    await sick.simulator.scenario('undo-vault-deleted', { policy: 'ep-sales' });
    const report = await sick.examine();
    const check = notWell(report).find(({ about }) => about === 'eventGrid');
    assert.match(`${check?.id} ${check?.says}`, /kv-contoso-us It has no system topic/);
    assert.equal(covered(report, 'key-expired')?.event.policies, 5);
  });
});

describe('the audit log', () => {
  it('that does not come is missing, by vault', async () => {
    const sick = await patient();
    await sick.simulator.scenario('audit-log-off');
    const report = await sick.examine();
    assert.deepEqual(notWell(report).map(named), ['auditLog kv-contoso-eu missing']);
    assert.match(notWell(report)[0]?.says ?? '', /No diagnostic setting sends its audit log/);
    assert.equal(covered(report, 'key-disabled')?.audit.policies, 4);
  });

  it('that goes to an event hub that is gone is missing for every vault', async () => {
    const sick = await patient();
    await sick.simulator.scenario('audit-hub-deleted');
    const report = await sick.examine();
    assert.equal(notWell(report).length, 3);
    assert.ok(notWell(report).every(({ says }) => /not there any more/.test(says)));
    assert.equal(covered(report, 'key-disabled')?.audit.policies, 0);
  });

  it('that nobody asked for is no fault', async () => {
    const healthy = await patient();
    const {
      LOCKWATCH_AUDIT_HUB: _hub,
      LOCKWATCH_AUDIT__fullyQualifiedNamespace: _space,
      ...rest
    } = healthy.settings;
    const report = await healthy.examine({ environment: rest });
    assert.equal(report.outcome, 'well');
    assert.match(
      report.wiring.find(({ about }) => about === 'auditLog')?.says ?? '',
      /goes to the event hub lockwatch-audit/,
    );
  });
});

describe('what could not be determined is never missing', () => {
  for (const [title, service, path] of [
    ['Resource Manager throttles', 'arm', '*'],
    ['Event Grid’s part of it throttles', 'arm', 'systemTopics'],
    ['Power Platform throttles', 'powerPlatform', '*'],
  ] as const)
    it(title, async () => {
      const sick = await patient();
      await fault(sick, { service, path, kind: 'throttle', retryAfter: 600 });
      const report = await sick.examine();
      assert.equal(report.outcome, 'couldNotTell');
      assert.ok(notWell(report).length > 0);
      assert.ok(report.next.some(({ command }) => /npm run doctor/.test(command ?? '')));
    });

  it('nor is what hangs, and it ends in time', async () => {
    const sick = await patient();
    await fault(sick, { service: 'arm', path: '*/providers/Microsoft.EventGrid*', kind: 'hang' });
    const began = performance.now();
    const report = await sick.examine({ seconds: 1 });
    // Of what is asked for, one second, only a fault makes four minutes, on however busy a machine.
    assert.ok(performance.now() - began < 240_000);
    assert.equal(report.outcome, 'couldNotTell');
    assert.equal(covered(report, 'vault-deleted')?.event.couldNotTell, 6);
  });
});

describe('storage', () => {
  it('that refuses is a missing right, with the role that reads it', async () => {
    const sick = await patient();
    sick.storageAnswers((path) => (path.includes('lockwatch-signals') ? 403 : 200));
    const check = notWell(await sick.examine())[0];
    assert.deepEqual(check?.rights, ['Storage Queue Data Reader']);
    assert.match(
      check?.remediation?.command ?? '',
      /--role 'Storage Queue Data Reader' --scope "\$\(az storage account show/,
    );
  });

  it('without a table is missing; that throttles could not be determined', async () => {
    const sick = await patient();
    sick.storageAnswers((path) =>
      /policies|history/.test(path) ? 404 : path.includes('readmodel') ? 429 : 200,
    );
    const report = await sick.examine();
    assert.deepEqual(notWell(report).map(named), [
      'storage policies missing',
      'storage history missing',
      'storage readmodel unknown',
    ]);
  });
});

describe('the rights of the app, whoever looks', async () => {
  const sick = await patient();
  const { objectId } = (await sick.examine()).signedIn;
  it('are all there where it holds Reader', async () => {
    const report = await sick.examine({ identity: objectId });
    const checks = report.facts.filter(({ about }) => about === 'appRights');
    assert.deepEqual(
      checks.map(({ state }) => state),
      ['ok', 'ok'],
    );
  });
  it('are named one by one where it holds none', async () => {
    const report = await sick.examine({ identity: '00000000-0000-4000-8000-000000000000' });
    const check = report.facts.find(({ about }) => about === 'appRights');
    assert.deepEqual(check?.rights, Object.keys(REQUIRED_ACTIONS));
    assert.match(
      check?.remediation?.command ?? '',
      /--assignee-object-id 00000000-0000-4000-8000-000000000000/,
    );
  });
});

test('a first look needs a subscription and nothing else', async () => {
  const sick = await patient();
  const { IDENTITY_ENDPOINT, LOCKWATCH_CLIENT_ID } = sick.settings;
  const { LOCKWATCH_ARM_ENDPOINT, LOCKWATCH_POWER_PLATFORM_ENDPOINT } = sick.settings;
  const { LOCKWATCH_POWER_PLATFORM_API_ENDPOINT } = sick.settings;
  const report = await sick.examine({
    environment: {
      // A person needs neither of these two; no person is signed in here.
      IDENTITY_ENDPOINT,
      LOCKWATCH_CLIENT_ID,
      LOCKWATCH_ARM_ENDPOINT,
      LOCKWATCH_POWER_PLATFORM_ENDPOINT,
      LOCKWATCH_POWER_PLATFORM_API_ENDPOINT,
    },
    subscriptions: sick.simulator.subscriptions[0],
  });
  assert.equal(report.settings.firstLook, true);
  assert.deepEqual(notWell(report), []);
  assert.equal(report.facts.filter(({ about }) => about === 'policy').length, 5);
  assert.equal(report.wiring.find(({ about }) => about === 'storage')?.state, 'note');
});

describe('names of actors', () => {
  const asking = (sick: Patient) =>
    sick.examine({
      environment: {
        ...sick.settings,
        LOCKWATCH_ACTOR_NAMES: 'graph',
        LOCKWATCH_GRAPH_ENDPOINT: sick.simulator.graph,
      },
    });
  it('can be looked up with both permissions', async () => {
    const report = await asking(
      await patient({ graphPermissions: ['User.Read.All', 'Application.Read.All'] }),
    );
    assert.deepEqual(notWell(report), []);
    assert.equal(report.facts.filter(({ about }) => about === 'actorNames').length, 2);
  });
  it('can not without one: it is named, with the command', async () => {
    const report = await asking(await patient({ graphPermissions: ['User.Read.All'] }));
    const [check] = notWell(report);
    assert.deepEqual(check?.rights, ['Application.Read.All']);
    assert.match(
      check?.remediation?.command ?? '',
      /appRoleAssignments --body .*9a5d68dd-52b0-4cc2-bd40-abcf444ac3ec/,
    );
  });
});
