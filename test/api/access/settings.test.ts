import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings, SettingsError } from '../../../shared/settings/settings.ts';

const good = {
  LOCKWATCH_SUBSCRIPTIONS: '11111111-2222-3333-4444-555555555555',
  AzureWebJobsStorage__tableServiceUri: 'https://x.table.core.windows.net',
  LOCKWATCH_TEAMS_WEBHOOK_URL: 'https://example.com/workflows?sig=abc',
};

/** What keeps the app from starting; none where it starts. */
function faults(environment: Record<string, string | undefined>): string[] {
  try {
    readSettings({ ...good, ...environment });
    return [];
  } catch (error) {
    assert.ok(error instanceof SettingsError);
    return error.faults;
  }
}

test('entra starts only where the platform says that its sign-in is on', () => {
  for (const on of ['True', 'true', 'TRUE', ' True '])
    assert.deepEqual(faults({ LOCKWATCH_ACCESS: 'entra', WEBSITE_AUTH_ENABLED: on }), [], on);
  for (const off of [
    {},
    { WEBSITE_AUTH_ENABLED: '' },
    { WEBSITE_AUTH_ENABLED: 'False' },
    { WEBSITE_AUTH_ENABLED: '1' },
  ]) {
    const [fault, ...others] = faults({ LOCKWATCH_ACCESS: 'entra', WEBSITE_SITE_NAME: 'func', ...off });
    assert.match(
      fault ?? '',
      /^LOCKWATCH_ACCESS is 'entra'.*Turn on App Service Authentication.*or set LOCKWATCH_ACCESS to keys/,
    );
    assert.deepEqual(others, []);
  }
});

test('none is for the local host alone, and keys for anywhere', () => {
  assert.deepEqual(faults({ LOCKWATCH_ACCESS: 'none' }), []);
  assert.match(faults({ LOCKWATCH_ACCESS: 'none', WEBSITE_SITE_NAME: 'func' })[0] ?? '', /'none'/);
  assert.deepEqual(faults({ LOCKWATCH_ACCESS: 'keys', WEBSITE_SITE_NAME: 'func' }), []);
  assert.equal(readSettings({ ...good }).access, 'keys');
});
