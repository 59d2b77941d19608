import { app as functions } from '@azure/functions';
import { seedWorld } from '../../../dev/azure-simulator/world/seed.ts';
import { registerActions } from '../../../functions/actions.ts';
import { registerStatus } from '../../../functions/status.ts';
import { registerWeb } from '../../../functions/web.ts';
import { normalId } from '../../../shared/azure/arm-id.ts';
import { type App, compose } from '../../../shared/compose.ts';
import { readAndCommit } from '../../../shared/pipeline/read-and-commit.ts';
import { readSettings } from '../../../shared/settings/settings.ts';
import { sessionStore } from '../../../shared/storage/sessions.ts';
import { jsonLog } from '../../../shared/telemetry/log.ts';
import { record } from '../../dev/functions-host/fixtures/host-app/record.ts';
import { aWorld, policyId, VAULT_GONE } from '../../pipeline/a-world.ts';
import { armOf } from '../../preview/who-can/world-rights.ts';

// The real HTTP functions under the settings of this process, over rooms in memory. Two policies have lost their vault.
const settings = readSettings(process.env);
const world = aWorld(['p1', 'p2']);
for (const name of ['p1', 'p2']) world.observedState.set(normalId(policyId(name)), VAULT_GONE);
const concerned = new Map(['p1', 'p2'].map((name) => [policyId(name), []]));
await world.clock.drive(readAndCommit(concerned, world.ports));
await world.ports.heartbeat.update((beat) => ({ ...beat, sweepFinishedAt: world.clock.now() }));

const arm = armOf(seedWorld(Date.now()));
const app: App = {
  ...compose(settings, process.env),
  ...world.ports,
  // Who can do what is read through Resource Manager.
  facts: { begin: (budgetMs, options) => ({ ...world.ports.facts.begin(budgetMs, options), arm }) },
  config: { ...world.ports.config, sweepBounds: { minMs: 3_600_000, maxMs: 3_600_000 } },
  sessions: async () => sessionStore(async () => world.tables.readModel),
  run: (_name, context, work) => work({ ...app, log: jsonLog(context) }),
};
/** Whatever is stored or logged, and the clock, for tests that look for what must not be there. */
record('stored', () => [...world.tables.policies.rows(), ...world.tables.readModel.rows()]);
record('clock', world.clock);
registerStatus(app);
registerActions(app);
registerWeb(app);

// A request every second or so: a channel takes only so many messages a second.
functions.hook.preInvocation(() => world.clock.advance(1_000));
