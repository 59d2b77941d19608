import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cleanEnvironment } from '../../../dev/stack/clean-environment.ts';

test('settings, identities and proxies of the developer’s shell don’t reach the app under test; the rest does', () => {
  const kept = { PATH: '/bin', HOME: '/home/dev', NODE_OPTIONS: '--no-warnings', npm_config_proxy: 'x' };
  const left = {
    LOCKWATCH_TEAMS_WEBHOOK_URL: 'https://real.example/?sig=1',
    AzureWebJobsStorage__tableServiceUri: 'https://real.example',
    AzureWebJobsDashboard: 'x',
    AZURE_CLIENT_SECRET: 'x',
    MSI_ENDPOINT: 'http://169.254.169.254',
    IDENTITY_ENDPOINT: 'http://localhost:40342',
    WEBSITE_SITE_NAME: 'real',
    HTTPS_PROXY: 'http://proxy.example:8080',
    http_proxy: 'http://proxy.example:8080',
    all_proxy: 'socks5://proxy.example',
    no_proxy: 'example.com',
  };
  assert.deepEqual(cleanEnvironment({ ...kept, ...left }), kept);
});
