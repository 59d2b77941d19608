import { app as functions } from '@azure/functions';
import type { App } from '../shared/compose.ts';
import { AUDIT_CONNECTION, settingWithName } from '../shared/settings/settings-list.ts';

/**
 * Key Vault's audit log, through an event hub. A generic trigger, since the typed one has no `dataType`: with
 * binary the runtime passes bytes, and otherwise it would parse and copy every record. Event Hubs continues
 * after a failed batch, so the retries are the function's own. A function listens to one namespace: a named
 * one has its own function.
 */
export function registerAuditLog(app: App, eventHubName: string, name: string): void {
  // Loaded with the first batch: most deployments have no audit log, and its records come minutes late.
  const load = () => import('../shared/pipeline/on-audit-batch.ts');
  let memory: ReturnType<Awaited<ReturnType<typeof load>>['auditMemory']> | undefined;
  const functionName = `auditLog${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  functions.generic(functionName, {
    trigger: {
      type: 'eventHubTrigger',
      name: 'messages',
      connection: settingWithName(AUDIT_CONNECTION, name),
      eventHubName,
      cardinality: 'many',
      dataType: 'binary',
    },
    retry: {
      strategy: 'exponentialBackoff',
      maxRetryCount: 5,
      minimumInterval: { seconds: 2 },
      maximumInterval: { seconds: 30 },
    },
    handler: (messages, context) =>
      app.run(functionName, context, async (ports) => {
        const { auditMemory, onAuditBatch } = await load();
        memory ??= auditMemory();
        return onAuditBatch(Array.isArray(messages) ? messages : [messages], ports, memory);
      }),
  });
}
