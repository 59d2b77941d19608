import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { localStackSettings } from '../../../dev/expected-deployment/app-settings.ts';
import { contosoDeployment, contosoSnapshot } from '../../../dev/expected-deployment/contoso.ts';
import { snapshotSettings } from '../../../dev/expected-deployment/snapshot.ts';
import { readSettings, SettingsError } from '../../../shared/settings/settings.ts';
import { type Patient, patient } from '../../tools/doctor/doctor-harness.ts';

const PREDICTED = snapshotSettings(contosoSnapshot());
const SECRETS = {
  'lockwatch-teams-webhook-url': 'https://teams.invalid/workflows/1?sig=top-secret',
  'lockwatch-smtp-url': 'smtps://lockwatch:top-secret@relay.invalid:465',
  'lockwatch-webhook-url': 'https://events.invalid/hook',
  'lockwatch-webhook-secret': 'top-secret-of-a-webhook',
};

/** The settings of the local stack, with a test's simulator and storage for the endpoints. */
function settingsOf(
  { simulator, settings }: Patient,
  more: Partial<Parameters<typeof localStackSettings>[0]> = {},
): Record<string, string> {
  const storage = settings.AzureWebJobsStorage__tableServiceUri ?? '';
  return localStackSettings({
    expected: PREDICTED,
    deployment: contosoDeployment(),
    replaced: {
      AzureWebJobsStorage__blobServiceUri: storage,
      AzureWebJobsStorage__queueServiceUri: storage,
      AzureWebJobsStorage__tableServiceUri: storage,
      AzureWebJobsStorage__clientId: simulator.clientId,
      LOCKWATCH_CLIENT_ID: simulator.clientId,
      LOCKWATCH_SUBSCRIPTIONS: simulator.subscriptions.join(','),
      LOCKWATCH_EVENT_SOURCES: simulator.eventSources,
      LOCKWATCH_ACCESS: 'none',
      LOCKWATCH_AUDIT__fullyQualifiedNamespace: 'event-hubs.invalid',
      LOCKWATCH_AUDIT__clientId: simulator.clientId,
    },
    added: {
      NODE_EXTRA_CA_CERTS: 'ca.pem',
      IDENTITY_ENDPOINT: simulator.identity,
      IDENTITY_HEADER: simulator.identityHeader,
      LOCKWATCH_ARM_ENDPOINT: simulator.arm,
      LOCKWATCH_POWER_PLATFORM_ENDPOINT: simulator.powerPlatform,
      LOCKWATCH_POWER_PLATFORM_API_ENDPOINT: simulator.powerPlatformApi,
      LOCKWATCH_GRAPH_ENDPOINT: simulator.graph,
      LOCKWATCH_SWEEP_SECONDS: '30',
      LOCKWATCH_SWEEP_MAX_SECONDS: '30',
      LOCKWATCH_ENVIRONMENT_LIST_SECONDS: '0',
      LOCKWATCH_CLOSE_AFTER_SECONDS: '5',
      LOCKWATCH_PUBLIC_URL: 'http://127.0.0.1:7071',
    },
    secrets: SECRETS,
    without: [],
    ...more,
  });
}

const nameIn = (path: string) => path.split('/').at(-1)?.replace('()', '') ?? '';

function without(settings: Record<string, string>, name: string): Record<string, string> {
  const { [name]: _, ...others } = settings;
  return others;
}

/** What goes wrong without each setting of the expected deployment, or why the app can do without it. */
const MISSED: Readonly<Record<string, 'start' | 'doctor' | { why: string }>> = {
  LOCKWATCH_SUBSCRIPTIONS: 'start',
  AzureWebJobsStorage__tableServiceUri: 'start',
  LOCKWATCH_AUDIT_HUB: 'start',
  LOCKWATCH_AUDIT__fullyQualifiedNamespace: 'start',
  LOCKWATCH_EMAIL_FROM: 'start',
  LOCKWATCH_EMAIL_TO: 'start',
  LOCKWATCH_SMTP_URL: 'start',
  LOCKWATCH_WEBHOOK_URL: 'start',
  LOCKWATCH_CLIENT_ID: 'doctor',
  AzureWebJobsStorage__queueServiceUri: 'doctor',
  LOCKWATCH_CLOUD: { why: 'default' },
  LOCKWATCH_PUSH: { why: 'default' },
  LOCKWATCH_QUEUE: { why: 'default' },
  LOCKWATCH_TEAMS_WEBHOOK_URL: { why: 'another channel is left; with none left the start fails' },
  LOCKWATCH_WEBHOOK_SECRET: {
    why: 'the webhook is then sent without a signature, as its receiver may want it',
  },
  LOCKWATCH_EVENT_SOURCES: { why: 'its own event sources are then known by their names' },
  LOCKWATCH_SECRET_VAULTS: { why: 'only a warning stands on it' },
  LOCKWATCH_ACCESS: { why: 'without it, function keys are asked for' },
  LOCKWATCH_AUDIT__clientId: { why: 'the Functions host reads it, and no hub is here to read' },
  LOCKWATCH_AUDIT__credential: { why: 'the Functions host reads it, and no hub is here to read' },
  AzureWebJobsStorage__blobServiceUri: {
    why: 'the Functions host keeps its keys and leases there; not here',
  },
  AzureWebJobsStorage__clientId: { why: 'the Functions host reads it' },
  AzureWebJobsDisableHomepage: { why: 'the Functions host reads it' },
  AzureWebJobsStorage__credential: { why: 'the Functions host reads it' },
};
const NOT_HERE = [
  'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
  'APPLICATIONINSIGHTS_CONNECTION_STRING',
  'OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID',
];

describe('the settings of the expected deployment on the local stack', async () => {
  const well = await patient();
  const whole = settingsOf(well);

  it('start the app, and the doctor finds nothing missing in storage and channels', async () => {
    assert.doesNotThrow(() => readSettings(whole));
    const { wiring } = await well.examine({ environment: whole });
    const sick = wiring.filter(
      ({ about, state }) => ['storage', 'channels'].includes(about) && state === 'missing',
    );
    assert.deepEqual(sick, []);
  });

  it('each have a row here: how it is missed, or why not', () =>
    assert.deepEqual([...Object.keys(MISSED), ...NOT_HERE].sort(), Object.keys(PREDICTED).sort()));

  for (const [name, how] of Object.entries(MISSED)) {
    if (how === 'start')
      it(`the start fails by name without ${name}`, () =>
        assert.throws(
          () => readSettings(without(whole, name)),
          (error) => error instanceof SettingsError && error.faults.some((fault) => fault.includes(name)),
        ));
    else if (how !== 'doctor')
      it(`the app starts without ${name}: ${how.why}`, () => {
        const poorer = readSettings(without(whole, name));
        if (how.why === 'default') assert.deepEqual(poorer, readSettings(whole));
      });
  }

  it('the doctor can’t sign in without LOCKWATCH_CLIENT_ID: the app has no other identity', () =>
    assert.rejects(well.examine({ environment: without(whole, 'LOCKWATCH_CLIENT_ID') }), {
      name: 'NotSignedInError',
    }));

  it('the doctor says that no queue is set without AzureWebJobsStorage__queueServiceUri', async () => {
    const environment = without(whole, 'AzureWebJobsStorage__queueServiceUri');
    const { wiring } = await well.examine({ environment });
    assert.ok(wiring.some(({ id, says }) => id === 'queues' && /No queue is set/.test(says)));
  });

  it('without any channel nobody would be notified: the start fails', () => {
    const channels = /^LOCKWATCH_(TEAMS|SMTP|EMAIL|WEBHOOK)_/;
    const silent = Object.fromEntries(Object.entries(whole).filter(([name]) => !channels.test(name)));
    assert.throws(() => readSettings(silent), /LOCKWATCH_TEAMS_WEBHOOK_URL/);
  });

  it('the doctor names each queue and table that is not there, and no other', async () => {
    const names = [...contosoDeployment().queues, ...contosoDeployment().tables];
    const gone = names.filter((_, index) => index % 2 === 0);
    for (const absent of [gone, names.filter((name) => !gone.includes(name))]) {
      well.storageAnswers((path) => (absent.includes(nameIn(path)) ? 404 : 200));
      const { wiring } = await well.examine({ environment: whole });
      const missing = wiring.filter(({ about, state }) => about === 'storage' && state === 'missing');
      assert.deepEqual(missing.map(({ id }) => id).sort(), absent.sort());
      for (const { remediation } of missing) assert.ok(remediation);
    }
    well.storageAnswers(() => 200);
  });

  it('keep a secret’s reference where the app’s identity may not read the vault, and the start says so', () => {
    const deployment = contosoDeployment();
    deployment.grants = deployment.grants.filter(
      ({ roleId }) => roleId !== '4633458b-17de-408a-b874-0445c86b69e6',
    );
    const unresolved = settingsOf(well, { deployment });
    assert.match(unresolved.LOCKWATCH_SMTP_URL ?? '', /^@Microsoft\.KeyVault\(/);
    assert.throws(
      () => readSettings(unresolved),
      /LOCKWATCH_SMTP_URL is a Key Vault reference that the platform could not resolve/,
    );
  });

  it('stop where the deployment writes what is set here, or what only Azure could tell', () => {
    assert.throws(
      () => settingsOf(well, { expected: { ...PREDICTED, LOCKWATCH_SWEEP_SECONDS: '20' } }),
      /LOCKWATCH_SWEEP_SECONDS is set here, but the deployment sets it/,
    );
    assert.throws(
      () => settingsOf(well, { expected: without(PREDICTED, 'LOCKWATCH_CLIENT_ID') }),
      /LOCKWATCH_CLIENT_ID is replaced here, but no deployment sets it/,
    );
    assert.throws(
      () => settingsOf(well, { expected: { ...PREDICTED, LOCKWATCH_OWNERS: '[reference(1)]' } }),
      /LOCKWATCH_OWNERS is \[reference\(1\)\], which only Azure knows/,
    );
  });
});
