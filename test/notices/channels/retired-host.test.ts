import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { cleanEnvironment } from '../../../dev/stack/clean-environment.ts';
import { readChannelStates } from '../../../shared/api/status/channel-states.ts';
import { healthAnswer } from '../../../shared/api/status/health-answer.ts';
import { CLOUDS } from '../../../shared/azure/cloud.ts';
import { createChannels } from '../../../shared/notices/channels/create-channels.ts';
import { readSettings } from '../../../shared/settings/settings.ts';
import { channelChecks } from '../../../tools/doctor/channel-checks.ts';
import { doctorSettings } from '../../../tools/doctor/settings.ts';
import { aWorld } from '../../pipeline/a-world.ts';
import { aCredential } from '../a-server.ts';

const SECRET = 'c2VjcmV0LXNpZ25hdHVyZQ';
const ENVIRONMENT = {
  LOCKWATCH_SUBSCRIPTIONS: '11111111-2222-3333-4444-555555555555',
  AzureWebJobsStorage__tableServiceUri: 'https://x.table.core.windows.net',
};
/** Addresses as the services make them; msteams-docs 400 has the second. */
const RETIRED = {
  LOCKWATCH_TEAMS_WEBHOOK_URL: `https://prod-96.westeurope.logic.azure.com:443/workflows/0123/triggers/manual/paths/invoke?sig=${SECRET}`,
  LOCKWATCH_TEAMS_WEBHOOK_URL_OPS: `https://outlook.office.com/webhook/${SECRET}`,
  LOCKWATCH_WEBHOOK_URL: `https://contoso.webhook.office.com/webhookb2/${SECRET}`,
};
const CURRENT = {
  LOCKWATCH_TEAMS_WEBHOOK_URL: `https://default0123.45.environment.api.powerplatform.com:443/powerautomate/automations/direct/workflows/0123/triggers/manual/paths/invoke?sig=${SECRET}`,
  // A logic app of Azure, and a host that only ends alike.
  LOCKWATCH_WEBHOOK_URL: `https://prod-12.westeurope.logic.azure.com/workflows/1?sig=${SECRET}`,
  LOCKWATCH_WEBHOOK_URL_OPS: 'https://notwebhook.office.com.example.com/x',
};

const channelsOf = (settings: Record<string, string>) =>
  createChannels(readSettings({ ...ENVIRONMENT, ...settings }), {
    cloud: CLOUDS.public,
    credential: aCredential(),
  });

describe('an address at a host that Microsoft has retired', () => {
  it('is known by its channel before anything is sent, by the name of its setting and no more', () => {
    const warnings = channelsOf(RETIRED).map(({ name, warning }) => [name, warning?.split(' ')[0]]);
    assert.deepEqual(warnings, [
      ['teams', 'LOCKWATCH_TEAMS_WEBHOOK_URL'],
      ['teams-ops', 'LOCKWATCH_TEAMS_WEBHOOK_URL_OPS'],
      ['webhook', 'LOCKWATCH_WEBHOOK_URL'],
    ]);
    assert(!JSON.stringify(channelsOf(RETIRED)).includes(SECRET));
    assert.deepEqual(
      channelsOf(CURRENT).map(({ warning }) => warning),
      [undefined, undefined, undefined],
    );
  });

  it('is named at start', async () => {
    const app = join(import.meta.dirname, '../../../functions/app.ts');
    const child = spawn(process.execPath, [app], {
      env: { ...cleanEnvironment(process.env), ...ENVIRONMENT, ...RETIRED, LOCKWATCH_ACCESS: 'none' },
    });
    let out = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (out += chunk));
    await once(child, 'close');
    const lines = out.split('\n').filter((line) => line.includes('channel-warning'));
    assert.equal(lines.length, 3, out);
    assert.match(
      lines[0] ?? '',
      /LOCKWATCH_TEAMS_WEBHOOK_URL is an address at \*\.logic\.azure\.com, which is retired/,
    );
    assert(!out.includes(SECRET));
  });

  it('makes the health degraded, and names the setting there', async () => {
    const { ports, clock } = aWorld();
    for (const [settings, wanted] of [
      [RETIRED, 'degraded'],
      [CURRENT, 'ok'],
    ] as const) {
      const channels = await readChannelStates({ store: ports.store, channels: channelsOf(settings) });
      const now = clock.now();
      const heartbeat = { sweepFinishedAt: now, sweepBegunAt: now, timerAt: now };
      const health = healthAnswer(
        { heartbeat, policyStates: [], channels },
        { now, sweepIntervalMs: 30_000 },
      );
      assert.equal(health.status, wanted);
      assert.equal(health.channels.filter(({ warning }) => warning !== null).length, wanted === 'ok' ? 0 : 3);
      assert(!JSON.stringify(health).includes(SECRET));
    }
  });

  it('is missing in the eyes of the doctor', () => {
    const checks = (settings: Record<string, string>) =>
      channelChecks(doctorSettings({ ...ENVIRONMENT, ...settings }), [], channelsOf(settings)).filter(
        ({ state }) => state === 'missing',
      );
    assert.deepEqual(
      checks(RETIRED).map(({ id }) => id),
      ['teams', 'teams-ops', 'webhook'],
    );
    assert.deepEqual(checks(CURRENT), []);
  });
});
