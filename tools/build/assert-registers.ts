import { loadApp } from '../../dev/functions-host/check-build.ts';

/** The functions that must register when every connection is set. */
export const EXPECTED = [
  'actions',
  'auditLog',
  'eventGrid',
  'poison',
  'status',
  'storageQueue',
  'timer',
  'web',
];

/**
 * Loads the app from a folder, with every connection set, as the Functions worker would. Throws where another
 * set of functions registers than expected: the worker itself would continue silently. Once per process.
 */
export async function assertRegisters(directory: string): Promise<void> {
  Object.assign(process.env, {
    LOCKWATCH_SUBSCRIPTIONS: '00000000-0000-0000-0000-000000000000',
    LOCKWATCH_TEAMS_WEBHOOK_URL: 'https://example.invalid/workflows',
    LOCKWATCH_PUSH: 'true',
    LOCKWATCH_AUDIT_HUB: 'lockwatch-audit',
    LOCKWATCH_AUDIT__fullyQualifiedNamespace: 'example.invalid',
    AzureWebJobsStorage__tableServiceUri: 'https://example.invalid/table',
    AzureWebJobsStorage__queueServiceUri: 'https://example.invalid/queue',
  });
  const registered = (await loadApp(directory)).map(({ name }) => name).sort();
  if (registered.join() !== EXPECTED.join())
    throw new Error(
      `The app in ${directory} registers ${registered.join(', ') || 'nothing'}; expected ${EXPECTED.join(', ')}.`,
    );
}
