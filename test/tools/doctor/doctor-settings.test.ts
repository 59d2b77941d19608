import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { doctorSettings, SettingsError } from '../../../tools/doctor/settings.ts';

const SUBSCRIPTION = '11111111-2222-3333-4444-555555555555';
const reference = (name: string) =>
  `@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/secrets/${name})`;
const settings = {
  LOCKWATCH_SUBSCRIPTIONS: SUBSCRIPTION,
  AzureWebJobsStorage__tableServiceUri: 'https://st.table.core.windows.net',
  LOCKWATCH_TEAMS_WEBHOOK_URL: 'https://teams.invalid/1',
};
const faultsOf = (environment: Record<string, string>, subscriptions?: string) => {
  try {
    doctorSettings(environment, subscriptions);
  } catch (error) {
    if (error instanceof SettingsError) return error.faults;
    throw error;
  }
  return [];
};

describe('the doctor’s settings', () => {
  it('are the app’s, and every fault is reported by name', () => {
    assert.deepEqual(faultsOf(settings), []);
    const faults = faultsOf({ LOCKWATCH_SUBSCRIPTIONS: 'mine', LOCKWATCH_CLOUD: 'moon' }).join('\n');
    for (const name of [
      'LOCKWATCH_SUBSCRIPTIONS',
      'LOCKWATCH_CLOUD',
      'AzureWebJobsStorage__tableServiceUri',
      'LOCKWATCH_TEAMS_WEBHOOK_URL',
    ])
      assert.ok(faults.includes(name), name);
  });

  it('may hold secrets that only the platform resolves, of any kind', () => {
    const { inVault, channels } = doctorSettings({
      ...settings,
      LOCKWATCH_TEAMS_WEBHOOK_URL: reference('teams'),
      LOCKWATCH_TEAMS_WEBHOOK_URL_OPS: reference('ops'),
      LOCKWATCH_SMTP_URL: reference('smtp'),
      LOCKWATCH_EMAIL_FROM: 'a@example.com',
      LOCKWATCH_EMAIL_TO: 'b@example.com',
      LOCKWATCH_WEBHOOK_URL: reference('hook'),
      LOCKWATCH_WEBHOOK_SECRET: reference('key'),
    });
    assert.equal(inVault.length, 5);
    assert.deepEqual(channels, ['teams', 'teams-ops', 'email', 'webhook']);
  });

  it('take a reference that is not resolved in Azure for the fault that it is', () => {
    const environment = {
      ...settings,
      WEBSITE_SITE_NAME: 'app',
      LOCKWATCH_TEAMS_WEBHOOK_URL: reference('teams'),
    };
    assert.match(faultsOf(environment).join(), /could not resolve/);
  });

  it('do not ask the local stack for the platform’s sign-in, but ask Azure for it', () => {
    const environment = { ...settings, LOCKWATCH_ACCESS: 'entra' };
    assert.deepEqual(faultsOf(environment), []);
    assert.match(faultsOf({ ...environment, WEBSITE_SITE_NAME: 'app' }).join(), /WEBSITE_AUTH_ENABLED/);
  });

  it('are none but the subscription for a first look, which knows of no channel', () => {
    const known = doctorSettings({}, SUBSCRIPTION);
    assert.equal(known.firstLook, true);
    assert.deepEqual(known.channels, []);
    assert.deepEqual(known.settings.subscriptions, [SUBSCRIPTION]);
  });

  it('of a first look are still checked', () => {
    assert.match(faultsOf({ LOCKWATCH_CLOUD: 'moon' }, SUBSCRIPTION).join(), /LOCKWATCH_CLOUD/);
    assert.match(faultsOf({}, 'mine').join(), /LOCKWATCH_SUBSCRIPTIONS/);
  });

  it('with a subscription named beside them are the others’, for that subscription', () => {
    const other = '99999999-2222-3333-4444-555555555555';
    const known = doctorSettings(settings, other);
    assert.equal(known.firstLook, false);
    assert.deepEqual(known.settings.subscriptions, [other]);
  });
});
