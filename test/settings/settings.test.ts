import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  everySeconds,
  readSettings,
  SETTINGS,
  type SettingDescription,
  SettingsError,
} from '../../shared/settings/settings.ts';

const good = {
  LOCKWATCH_SUBSCRIPTIONS: '11111111-2222-3333-4444-555555555555',
  AzureWebJobsStorage__tableServiceUri: 'https://x.table.core.windows.net',
  LOCKWATCH_TEAMS_WEBHOOK_URL: 'https://example.com/workflows?sig=abc',
};

function faultsOf(environment: Record<string, string | undefined>): string[] {
  try {
    readSettings(environment);
  } catch (error) {
    assert(error instanceof SettingsError);
    return error.faults;
  }
  return [];
}

test('the smallest good settings are taken, with every default filled in', () => {
  const settings = readSettings(good);
  assert.deepEqual(settings.subscriptions, ['11111111-2222-3333-4444-555555555555']);
  assert.deepEqual([settings.sweepSeconds, settings.sweepMaxSeconds], [5, 480]);
  assert.equal(settings.environmentsFrom, 'powerPlatform');
  assert.equal(settings.push, false);
  assert.equal(settings.inventory, undefined);
});

test('every fault is reported at once, each by the name of its setting', () => {
  const faults = faultsOf({
    LOCKWATCH_SUBSCRIPTIONS: 'mine',
    LOCKWATCH_SWEEP_SECONDS: '7',
    LOCKWATCH_CLOUD: 'mars',
    LOCKWATCH_EMAIL_FROM: 'a@example.com',
  });
  for (const name of [
    'LOCKWATCH_SUBSCRIPTIONS',
    'LOCKWATCH_SWEEP_SECONDS',
    'LOCKWATCH_CLOUD',
    'LOCKWATCH_SMTP_URL',
    'LOCKWATCH_EMAIL_TO',
    'AzureWebJobsStorage__tableServiceUri',
  ])
    assert(
      faults.some((fault) => fault.startsWith(name)),
      `no fault names ${name}: ${faults.join(' / ')}`,
    );
});

test('an upper bound of the interval below the lower one is a fault that names both', () => {
  const faults = (more: Record<string, string>) => faultsOf({ ...good, ...more });
  assert.deepEqual(faults({ LOCKWATCH_SWEEP_SECONDS: '60', LOCKWATCH_SWEEP_MAX_SECONDS: '60' }), []);
  const wrong: Record<string, string>[] = [
    { LOCKWATCH_SWEEP_SECONDS: '60', LOCKWATCH_SWEEP_MAX_SECONDS: '30' },
    { LOCKWATCH_SWEEP_SECONDS: '600' },
    { LOCKWATCH_SWEEP_MAX_SECONDS: '4' },
  ];
  for (const more of wrong) {
    const [fault = '', ...others] = faults(more);
    assert.match(
      fault,
      /^LOCKWATCH_SWEEP_MAX_SECONDS is \d+, less than LOCKWATCH_SWEEP_SECONDS, which is \d+\./,
    );
    assert.deepEqual(others, []);
  }
});

test('a misspelt setting is a fault that names the one meant', () => {
  const [fault] = faultsOf({ ...good, LOCKWATCH_SWEEP_SECOND: '30' });
  assert.match(fault ?? '', /LOCKWATCH_SWEEP_SECOND is not a setting.*LOCKWATCH_SWEEP_SECONDS/);
});

test('a secret that is wrong is named and never shown, not even in part', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9]{12,40}$/), (secret) => {
      const environment = {
        ...good,
        LOCKWATCH_TEAMS_WEBHOOK_URL: `http://h/${secret}`,
        LOCKWATCH_SMTP_URL: `x://${secret}`,
      };
      const text = faultsOf(environment).join('\n');
      assert.match(text, /LOCKWATCH_TEAMS_WEBHOOK_URL/);
      assert.match(text, /LOCKWATCH_SMTP_URL/);
      assert(!text.includes(secret));
    }),
  );
});

test('a Key Vault reference that was not resolved says so', () => {
  const [fault] = faultsOf({
    ...good,
    LOCKWATCH_TEAMS_WEBHOOK_URL: '@Microsoft.KeyVault(SecretUri=https://v/s)',
  });
  assert.match(fault ?? '', /LOCKWATCH_TEAMS_WEBHOOK_URL is a Key Vault reference.*could not resolve/);
});

test('no channel at all is a fault: nobody would be notified', () => {
  const [fault] = faultsOf({ ...good, LOCKWATCH_TEAMS_WEBHOOK_URL: '' });
  assert.match(fault ?? '', /No channel is set/);
});

test('open access is refused in Azure and taken on the local host', () => {
  assert.equal(readSettings({ ...good, LOCKWATCH_ACCESS: 'none' }).access, 'none');
  const [fault] = faultsOf({ ...good, LOCKWATCH_ACCESS: 'none', WEBSITE_SITE_NAME: 'func-lockwatch' });
  assert.match(fault ?? '', /LOCKWATCH_ACCESS is 'none'/);
});

test('an inventory is needed where environments come from one', () => {
  const [fault] = faultsOf({ ...good, LOCKWATCH_ENVIRONMENTS_FROM: 'inventory' });
  assert.match(fault ?? '', /LOCKWATCH_INVENTORY is missing/);
});

test('the audit log needs its hub and its namespace, and its host settings are known', () => {
  const hub = { ...good, LOCKWATCH_AUDIT_HUB: 'lockwatch-audit' };
  const namespace = { LOCKWATCH_AUDIT__fullyQualifiedNamespace: 'lockwatch-weu.servicebus.windows.net' };
  assert.match(faultsOf(hub)[0] ?? '', /LOCKWATCH_AUDIT__fullyQualifiedNamespace is missing/);
  assert.match(faultsOf({ ...good, ...namespace })[0] ?? '', /LOCKWATCH_AUDIT_HUB is missing/);
  const signIn = {
    LOCKWATCH_AUDIT__credential: 'managedidentity',
    LOCKWATCH_AUDIT__clientId: '66666666-7777-8888-9999-000000000000',
  };
  assert.equal(readSettings({ ...hub, ...namespace, ...signIn }).auditHub, 'lockwatch-audit');
  assert.equal(readSettings(good).auditHub, undefined);
});

test('the audit log may come by several namespaces, each named before the two underscores', () => {
  const settings = readSettings({
    ...good,
    LOCKWATCH_AUDIT_HUB: 'lockwatch-audit',
    LOCKWATCH_AUDIT__fullyQualifiedNamespace: 'lockwatch-weu.servicebus.windows.net',
    LOCKWATCH_AUDIT_NORTHEUROPE__fullyQualifiedNamespace: 'lockwatch-neu.servicebus.windows.net',
    LOCKWATCH_AUDIT_NORTHEUROPE__credential: 'managedidentity',
    LOCKWATCH_AUDIT_NORTHEUROPE__clientId: '66666666-7777-8888-9999-000000000000',
  });
  assert.deepEqual(settings.auditNamespace, {
    '': 'lockwatch-weu.servicebus.windows.net',
    northeurope: 'lockwatch-neu.servicebus.windows.net',
  });
  assert.deepEqual(settings.auditCredential, { northeurope: 'managedidentity' });
});

test('a named namespace alone is enough, needs the hub, and what belongs to no namespace is a fault by name', () => {
  const LOCKWATCH_AUDIT_WEU__fullyQualifiedNamespace = 'lockwatch-weu.servicebus.windows.net';
  const alone = { ...good, LOCKWATCH_AUDIT_HUB: 'h', LOCKWATCH_AUDIT_WEU__fullyQualifiedNamespace };
  assert.deepEqual(faultsOf(alone), []);
  assert.match(faultsOf({ ...alone, LOCKWATCH_AUDIT_HUB: '' }).join(), /^LOCKWATCH_AUDIT_HUB is missing/);
  assert.match(
    faultsOf({ ...alone, LOCKWATCH_AUDIT_NEU__credential: 'managedidentity' }).join(),
    /^LOCKWATCH_AUDIT_NEU__credential has no namespace: set LOCKWATCH_AUDIT_NEU__fullyQualifiedNamespace\.$/,
  );
  assert.match(
    faultsOf({ ...alone, LOCKWATCH_AUDIT_WEU__fullyQualifiedNamespace: 'https://n.example' }).join(),
    /^LOCKWATCH_AUDIT_WEU__fullyQualifiedNamespace must be a host name/,
  );
});

test('a connection’s setting with a name of another form, or an unknown part, is not known', () => {
  for (const setting of [
    'LOCKWATCH_AUDIT_NORTH_EU__fullyQualifiedNamespace',
    'LOCKWATCH_AUDIT___fullyQualifiedNamespace',
    'LOCKWATCH_AUDIT__fullyQualifiedNamespace_WEU',
    'LOCKWATCH_AUDIT_WEU__connectionString',
    'LOCKWATCH_AUDIT_WEU',
  ])
    assert.match(
      faultsOf({ ...good, [setting]: 'n.example' }).join(),
      new RegExp(`^${setting} is not a`),
      setting,
    );
});

test('a connection string in the place of a namespace is refused, and its key is not shown', () => {
  const LOCKWATCH_AUDIT__fullyQualifiedNamespace =
    'Endpoint=sb://n.example/;SharedAccessKeyName=r;SharedAccessKey=c2VjcmV0';
  const text = faultsOf({
    ...good,
    LOCKWATCH_AUDIT_HUB: 'h',
    LOCKWATCH_AUDIT__fullyQualifiedNamespace,
  }).join();
  assert.match(text, /LOCKWATCH_AUDIT__fullyQualifiedNamespace must be a host name/);
  assert.doesNotMatch(text, /c2VjcmV0/);
});

test('a key, a signature or a password in an address is never shown, whichever setting holds it', () => {
  for (const [name, value] of [
    ['LOCKWATCH_ACS_ENDPOINT', 'endpoint=https://a.example/;accesskey=c2VjcmV0'],
    ['LOCKWATCH_EVENTGRID_TOPIC', 'http://t.example/api/events?code=c2VjcmV0'],
    ['LOCKWATCH_ARM_ENDPOINT', 'https://user:c2VjcmV0@arm.example'],
    ['AzureWebJobsStorage__tableServiceUri', 'AccountName=a;AccountKey=c2VjcmV0'],
  ] as const) {
    const text = faultsOf({ ...good, [name]: value }).join();
    assert.match(text, new RegExp(`${name} must.*its value is not shown`), name);
    assert.doesNotMatch(text, /c2VjcmV0/, name);
  }
});

test('a webhook address with a user in it is refused at the start: no request could be made to it', () => {
  const [fault] = faultsOf({ ...good, LOCKWATCH_WEBHOOK_URL: 'https://user:hidden@h.example/x' });
  assert.match(fault ?? '', /LOCKWATCH_WEBHOOK_URL must not hold a user or password before the host/);
});

test('a route or an owner without anything behind = says what belongs there', () => {
  assert.match(faultsOf({ ...good, LOCKWATCH_ROUTES: 'opened=' })[0] ?? '', /a channel behind each =/);
  assert.match(faultsOf({ ...good, LOCKWATCH_OWNERS: 'ep-a=' })[0] ?? '', /an address behind each =/);
});

test('every setting has a meaning and an example that its own check takes', () => {
  for (const description of Object.values<SettingDescription>(SETTINGS)) {
    assert(description.meaning.length > 20, description.name);
    if (!description.example.startsWith('@'))
      assert(
        description.schema.safeParse(description.example).success,
        `${description.name}: ${description.example}`,
      );
  }
});

test('sweep intervals become timer schedules of six fields', () => {
  assert.equal(everySeconds(30), '*/30 * * * * *');
  assert.equal(everySeconds(60), '0 */1 * * * *');
  assert.equal(everySeconds(300), '0 */5 * * * *');
});
