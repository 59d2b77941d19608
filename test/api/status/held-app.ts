import { registerStatus } from '../../../functions/status.ts';
import { type App, compose } from '../../../shared/compose.ts';
import { readSettings } from '../../../shared/settings/settings.ts';
import { record } from '../../dev/functions-host/fixtures/host-app/record.ts';
import { aWorld } from '../../pipeline/a-world.ts';

// The real function `status`; each reading of all policies waits until the test calls what it records.
const settings = readSettings(process.env);
const world = aWorld(['p1']);
await world.ports.heartbeat.update((beat) => ({ ...beat, sweepFinishedAt: world.clock.now() }));
const app: App = {
  ...compose(settings, process.env),
  ...world.ports,
  config: { ...world.ports.config, sweepBounds: { minMs: 3_600_000, maxMs: 3_600_000 } },
  store: {
    ...world.ports.store,
    listPolicyStates: async () => {
      await new Promise<void>((resolve) => record('listing', resolve));
      return world.ports.store.listPolicyStates();
    },
  },
  run: (_name, _context, work) => {
    record('asked', undefined);
    return work(app);
  },
};
registerStatus(app);
