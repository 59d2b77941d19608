import { compose } from '../shared/compose.ts';
import { readSettings } from '../shared/settings.ts';
import { registerAct } from './act.ts';
import { registerAuditLog } from './audit-log.ts';
import { registerEventGrid } from './event-grid.ts';
import { registerPoison } from './poison.ts';
import { registerStatus } from './status.ts';
import { registerStorageQueue } from './storage-queue.ts';
import { registerTimer } from './timer.ts';

// The entry. A function whose connection isn't set is not registered: it would fail the indexing of the whole app.
const settings = readSettings(process.env);
const app = compose(settings, process.env);

registerStatus(app);
registerAct(app);
registerTimer(app);
if (settings.queueEndpoint !== undefined) {
  registerStorageQueue(app);
  registerPoison(app);
}
if (settings.push) registerEventGrid(app);
if (settings.auditHub !== undefined)
  for (const name of Object.keys(settings.auditNamespace)) registerAuditLog(app, settings.auditHub, name);
