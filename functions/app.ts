import { type App, compose } from '../shared/compose.ts';
import { readSettings, SettingsError } from '../shared/settings/settings.ts';
import { errorFields, jsonLog } from '../shared/telemetry/log.ts';
import { registerActions } from './actions.ts';
import { registerAuditLog } from './audit-log.ts';
import { registerEventGrid } from './event-grid.ts';
import { registerNotStarted } from './not-started.ts';
import { registerPoison } from './poison.ts';
import { registerStatus } from './status.ts';
import { registerStorageQueue } from './storage-queue.ts';
import { registerTimer } from './timer.ts';
import { registerWeb } from './web.ts';

// The entry point. A function whose connection isn't set is not registered: it would fail the indexing of the
// whole app.
const app = composeOrLog();
if (app) registerAll(app);

function composeOrLog(): App | undefined {
  try {
    return compose(readSettings(process.env), process.env);
  } catch (error) {
    const faults = error instanceof SettingsError ? { faults: error.faults } : errorFields(error);
    jsonLog(console).error('not-started', faults);
    registerNotStarted(error);
    return undefined;
  }
}

function registerAll(app: App): void {
  const { settings } = app;
  for (const { name, warning } of app.channels)
    if (warning !== undefined) app.log.warn('channel-warning', { channel: name, because: warning });
  registerStatus(app);
  registerActions(app);
  registerWeb(app);
  registerTimer(app);
  if (settings.queueEndpoint !== undefined) {
    registerStorageQueue(app);
    registerPoison(app);
  }
  if (settings.push) registerEventGrid(app);
  if (settings.auditHub !== undefined)
    for (const name of Object.keys(settings.auditNamespace)) registerAuditLog(app, settings.auditHub, name);
}
