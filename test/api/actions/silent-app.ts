import { setImmediate } from 'node:timers/promises';
import { registerActions } from '../../../functions/actions.ts';
import { registerStatus } from '../../../functions/status.ts';
import { registerStorageQueue } from '../../../functions/storage-queue.ts';
import { normalId } from '../../../shared/azure/arm-id.ts';
import { type App, compose } from '../../../shared/compose.ts';
import { onTimer } from '../../../shared/pipeline/watchdog.ts';
import { readSettings } from '../../../shared/settings/settings.ts';
import { jsonLog } from '../../../shared/telemetry/log.ts';
import { record } from '../../dev/functions-host/fixtures/host-app/record.ts';
import { aWorld, policyId, VAULT_GONE } from '../../pipeline/a-world.ts';

// The real functions over rooms in memory. The timer stopped four minutes ago, its heartbeat message was lost, and a
// vault was deleted since. With QUEUE=refuses no message can be sent.
const settings = readSettings(process.env);
const world = aWorld();
await world.clock.drive(onTimer(world.ports));
world.observedState.set(normalId(policyId('p1')), VAULT_GONE);
await world.clock.advance(240_000);

/** A reading takes longer than an answer. */
const { begin } = world.ports.facts;
const facts: typeof world.ports.facts = {
  begin(...options) {
    const pass = begin(...options);
    return {
      ...pass,
      async read(...of) {
        for (let n = 0; n < 2_000; n += 1) await setImmediate();
        return pass.read(...of);
      },
    };
  },
};

const app: App = {
  ...compose(settings, process.env),
  ...world.ports,
  facts,
  channels: world.channels.map((channel) => ({
    ...channel,
    async send(notice, abort) {
      record('sent', notice.reason);
      return channel.send(notice, abort);
    },
  })),
  rechecks: {
    ...world.ports.rechecks,
    async sendHeartbeat(text) {
      if (process.env.QUEUE === 'refuses') throw new Error('the queue refuses');
      record('asked', text);
    },
  },
  run: (_name, context, work) => work({ ...app, log: jsonLog(context) }),
};
registerStatus(app);
registerActions(app);
registerStorageQueue(app);
