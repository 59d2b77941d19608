import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { enableHeartbeatAlert } from '../../../tools/deploy/heartbeat-alert.ts';
import { deployment } from '../../infra/deployment.ts';

async function enable(alertId: string | undefined) {
  const asked: unknown[] = [];
  await enableHeartbeatAlert(
    {
      run: async (program, args) => {
        asked.push([program, ...args]);
        return '';
      },
      rest: { send: async (...request) => asked.push(request) },
    },
    { environmentName: 'lockwatch', alertId },
  );
  return asked;
}
const KEPT = ['azd', 'env', 'set', 'LOCKWATCH_CODE_DEPLOYED', 'true', '-e', 'lockwatch'];

describe('the alert that watches the timer', () => {
  it('is switched on after the upload, under the id that the deployment outputs, and stays on', async () => {
    const everything = deployment('everything');
    const id = String(everything.outputs.LOCKWATCH_HEARTBEAT_ALERT_ID);
    const alert = everything.resources.find((one) => one.id === id) ?? assert.fail(`there is no ${id}`);
    assert.equal(alert.properties.enabled, false);
    assert.deepEqual(await enable(id), [
      KEPT,
      ['patch', `${id}?api-version=${alert.apiVersion}`, { properties: { enabled: true } }],
    ]);
  });

  it('is none where nobody is to be notified; a later deployment that makes one makes it switched on', async () => {
    assert.equal(deployment('minimal').outputs.LOCKWATCH_HEARTBEAT_ALERT_ID, '');
    for (const none of ['', undefined]) assert.deepEqual(await enable(none), [KEPT]);
  });
});
