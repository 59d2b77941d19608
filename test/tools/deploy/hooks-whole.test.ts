import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { listIn, textIn } from '../../../tools/deploy/cli.ts';
import { SUBSCRIPTION, tenant } from './fake-tenant.ts';

type Ended = Awaited<ReturnType<ReturnType<typeof tenant>['provision']>>;

function succeeds({ code, printed, errors }: Ended): void {
  assert.equal(code, 0, [...printed, ...errors].join('\n'));
  assert.deepEqual(errors, []);
}

/** It ends in one sentence that says what is wrong and what to do; no raw answer comes before it. */
function endsIn({ code, errors }: Ended, sentence: RegExp): void {
  assert.equal(code, 1);
  assert.match(errors[0] ?? '', /^Lockwatch: [A-Z]/);
  assert.match(errors[0] ?? '', sentence);
  assert.equal(errors.filter((line) => line.startsWith('Lockwatch: ')).length, 1);
}

describe('a deployment and its hooks', () => {
  it('has one registration, complete, after the first run, and the second run changes nothing', async () => {
    const { provision, directory, known } = tenant();
    succeeds(await provision());
    const [application] = directory.applications;
    assert.equal(known.LOCKWATCH_ENTRA_CLIENT_ID, application?.body.appId);
    const before = JSON.stringify(directory);
    const again = await provision();
    succeeds(again);
    assert.equal(JSON.stringify(directory), before);
    assert.doesNotMatch(again.printed.join('\n'), /lacks|Registering|trying again/);
  });

  it('succeeds where registrations of both kinds take 30 seconds', async () => {
    const { provision, directory, azure, waited } = tenant(
      { found: 30, scopes: 30, backing: 30, listed: 30 },
      { LOCKWATCH_PRIVATE_NETWORK: 'true' },
    );
    delete azure.registered[`${SUBSCRIPTION}/Microsoft.EventGrid`];
    succeeds(await provision());
    succeeds(await provision());
    assert.deepEqual(Object.keys(azure.registered).sort(), [
      `${SUBSCRIPTION}/Microsoft.App`,
      `${SUBSCRIPTION}/Microsoft.EventGrid`,
      `${SUBSCRIPTION}/Microsoft.PowerPlatform`,
    ]);
    assert.equal(directory.applications.length, 1);
    assert.ok(waited() >= 60 && waited() < 200, `${waited()} s`);
  });

  it('goes on where a provider takes longer than two minutes', async () => {
    const { provision, azure } = tenant();
    azure.registrationSeconds = 3_600;
    const ended = await provision();
    succeeds(ended);
    assert.match(ended.printed.join('\n'), /Microsoft\.PowerPlatform is still being registered/);
  });

  for (const found of [0, 30])
    it(`has one registration where the first run ended before the id was stored, ${found} s ago`, async () => {
      const { provision, directory, faults } = tenant({ found, listed: 300 });
      faults.setFails = true;
      assert.equal((await provision()).code, 1);
      assert.equal(directory.applications.length, 1);
      faults.setFails = false;
      succeeds(await provision());
      assert.equal(directory.applications.length, 1);
      assert.equal(directory.servicePrincipals.length, 1);
    });

  it('ends in a sentence and the commands for the identity team where people may not register applications', async () => {
    const { provision, directory } = tenant();
    directory.denied = ['patch', 'post'];
    const ended = await provision();
    endsIn(ended, /You may not make app registrations.*LOCKWATCH_ENTRA_CLIENT_ID.*\n {2}az rest/s);
    assert.equal(directory.applications.length, 0);
  });

  it('goes on with the registration of an identity team, and prints what it lacks', async () => {
    const { provision, directory, known } = tenant();
    directory.applications.push({ madeAt: 0, body: { id: 'o', appId: SUBSCRIPTION, displayName: 'Theirs' } });
    directory.denied = ['patch', 'post'];
    known.LOCKWATCH_ENTRA_CLIENT_ID = SUBSCRIPTION;
    const ended = await provision();
    succeeds(ended);
    assert.equal(ended.printed.filter((line) => line.startsWith('  az rest')).length, 8);
    assert.equal(directory.applications.length, 1);
  });

  it('goes on where the right to change the registration was lost between two runs', async () => {
    const { provision, directory } = tenant();
    succeeds(await provision());
    Object.assign(directory.applications[0]?.body ?? {}, { appRoles: [] });
    directory.denied = ['patch', 'post'];
    const ended = await provision();
    succeeds(ended);
    assert.match(
      ended.printed.join('\n'),
      /lacks: the app roles.*az rest --method patch.*The deployment goes on/s,
    );
    assert.equal(directory.applications.length, 1);
  });

  for (const [action, words] of [
    [
      'Microsoft.Resources/deployments',
      /You lack the right Microsoft\.Resources\/deployments\/validate\/action at/,
    ],
    [
      'Microsoft.Authorization/roleAssignments',
      /You lack the right Microsoft\.Authorization\/roleAssignments\/write at/,
    ],
    ['Microsoft.EventGrid/systemTopics', /You lack the right Microsoft\.EventGrid\/systemTopics\/read at/],
  ] as const)
    it(`ends in a sentence where the right ${action} was lost between two runs`, async () => {
      const { provision, directory, azure } = tenant();
      succeeds(await provision());
      azure.denied = [action];
      endsIn(await provision(), words);
      assert.equal(directory.applications.length, 1);
    });

  it('names the variable where a policy requires tags, before anything is made, and succeeds with them', async () => {
    const { provision, azure, directory, known } = tenant();
    azure.requiredTag = 'cost-center';
    delete azure.registered[`${SUBSCRIPTION}/Microsoft.EventGrid`];
    endsIn(await provision(), /"Require mandatory tags on resource groups".*azd env set LOCKWATCH_TAGS/);
    assert.deepEqual([directory.applications, azure.registered], [[], {}]);
    known.LOCKWATCH_TAGS = 'cost-center=42';
    succeeds(await provision());
  });

  it('names the commands where the app’s own vault is soft-deleted, before anything is made', async () => {
    const { provision, azure, directory } = tenant();
    const vault = (tags: object) => ({
      name: 'kv-lockwatch-abcdefghijk',
      properties: {
        vaultId: `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-old/providers/Microsoft.KeyVault/vaults/kv-lockwatch-abcdefghijk`,
        location: 'West Europe',
        tags,
      },
    });
    azure.deletedVaults = [vault({ 'azd-env-name': 'another' })];
    succeeds(await provision());
    azure.deletedVaults.push(vault({ 'azd-env-name': 'lockwatch' }));
    endsIn(
      await provision(),
      /keeps its name for 90 days.*az group create --name rg-old.*az keyvault recover --name kv-lockwatch-abcdefghijk/s,
    );
    assert.equal(directory.applications.length, 1);
  });

  it('names the regions where Flex Consumption is not offered, and takes either spelling', async () => {
    const { provision, known, directory } = tenant();
    known.AZURE_LOCATION = 'mooncentral';
    endsIn(
      await provision(),
      /not offered in mooncentral.*\(northeurope, westeurope\).*azd env set AZURE_LOCATION/,
    );
    assert.equal(directory.applications.length, 0);
    known.AZURE_LOCATION = 'North Europe';
    succeeds(await provision());
  });

  it('takes the role Reader, with a sentence, where Azure does not know an operation of ours', async () => {
    const { provision, azure, known } = tenant();
    azure.unknownOperations = ['Microsoft.KeyVault/vaults/keys/versions/read'];
    const ended = await provision();
    succeeds(ended);
    assert.equal(known.LOCKWATCH_READING_ROLE, 'Reader');
    assert.match(
      ended.printed.join('\n'),
      /does not know Microsoft\.KeyVault\/vaults\/keys\/versions\/read.*Reader/,
    );
    assert.equal(azure.registered[`${SUBSCRIPTION}/Microsoft.PowerPlatform`], undefined, 'not needed then');
  });

  it('keeps the custom role where every operation is known', async () => {
    const { provision, known } = tenant();
    succeeds(await provision());
    assert.equal(known.LOCKWATCH_READING_ROLE, undefined);
  });

  it('ends in the command where a provider that is needed may not be registered', async () => {
    const { provision, azure, directory } = tenant({}, { LOCKWATCH_PRIVATE_NETWORK: 'true' });
    azure.denied = ['Microsoft.PowerPlatform/register', 'Microsoft.App/register'];
    endsIn(await provision(), /az provider register --namespace Microsoft\.App --subscription 1111/);
    assert.equal(directory.applications.length, 0);
    azure.denied = ['Microsoft.PowerPlatform/register'];
    const ended = await provision();
    succeeds(ended);
    assert.match(ended.printed.join('\n'), /You may not register Microsoft\.PowerPlatform.*goes on/);
  });

  it('makes the operator of whoever deploys, whatever ids an identity team gave the roles', async () => {
    const { provision, directory, known } = tenant();
    const roles = ['Lockwatch.Reader', 'Lockwatch.Operator'].map((value, n) => ({ id: `role-${n}`, value }));
    directory.applications.push({
      madeAt: 0,
      body: { id: 'o', appId: SUBSCRIPTION, displayName: 'Theirs', appRoles: roles },
    });
    directory.servicePrincipals.push({ madeAt: 0, body: { id: 'p', appId: SUBSCRIPTION } });
    known.LOCKWATCH_ENTRA_CLIENT_ID = SUBSCRIPTION;
    succeeds(await provision());
    const [assigned] = listIn(directory.servicePrincipals[0], 'body', 'appRoleAssignedTo');
    assert.equal(textIn(assigned, 'appRoleId'), 'role-1');
  });

  it('ends in a sentence where the Azure CLI is signed in to another cloud', async () => {
    const { provision, known } = tenant();
    known.LOCKWATCH_CLOUD = 'gcchigh';
    endsIn(await provision(), /az cloud set --name AzureUSGovernment/);
  });
});

describe('a deployment of the app alone, by people without rights in the watched subscription', () => {
  const OTHER = '22222222-2222-4222-8222-222222222222';
  const TOPIC = `/subscriptions/${OTHER}/resourceGroups/rg-governance/providers/Microsoft.EventGrid/systemTopics/evgt-activity`;
  const apart = () =>
    tenant({}, { LOCKWATCH_SEPARATE_DUTIES: 'true', LOCKWATCH_WATCHED_SUBSCRIPTIONS: OTHER });

  it('makes and registers nothing there, and says how to print what the owners run', async () => {
    const { provision, azure } = apart();
    azure.deniedIn = OTHER;
    const ended = await provision();
    succeeds(ended);
    assert.deepEqual(
      Object.keys(azure.registered).filter((name) => name.startsWith(OTHER)),
      [],
    );
    const printed = ended.printed.join('\n');
    assert.match(printed, /You may not read the system topics of 2222.*LOCKWATCH_EXISTING_TOPICS/);
    assert.match(printed, /azd env get-values --output json \| npm run -s doctor -- --grants --settings -/);
  });

  it('keeps the topics that a person named, because it may not read them', async () => {
    const { provision, azure, known } = apart();
    azure.deniedIn = OTHER;
    known.LOCKWATCH_EXISTING_TOPICS = `/subscriptions/${OTHER}=${TOPIC}`;
    succeeds(await provision());
    succeeds(await provision());
    assert.deepEqual(JSON.parse(known.LOCKWATCH_EXISTING_TOPICS ?? ''), {
      [`/subscriptions/${OTHER}`]: TOPIC,
    });
  });

  it('leaves a topic without an identity to the commands for its owner', async () => {
    const { provision, azure, known } = apart();
    azure.registered[`${OTHER}/Microsoft.EventGrid`] = -Infinity;
    azure.topics = [{ id: TOPIC, properties: { source: `/subscriptions/${OTHER}` } }];
    succeeds(await provision());
    assert.match(known.LOCKWATCH_EXISTING_TOPICS ?? '', /evgt-activity/);
  });

  it('ends in a sentence without that variable', async () => {
    const { provision, azure, known } = apart();
    azure.deniedIn = OTHER;
    known.LOCKWATCH_SEPARATE_DUTIES = 'false';
    endsIn(await provision(), /You lack the right/);
  });
});
