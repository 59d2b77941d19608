import type { Answer } from '../shared/api/problem.ts';
import type { AnswerSharing } from '../shared/api/status/answer-sharing.ts';
import type { App } from '../shared/compose.ts';

/** What a GET may use. `shared`: outlives the invocation. */
export function readPorts(app: App, shared?: AnswerSharing<Answer>) {
  const { queueEndpoint, push, auditHub } = app.settings;
  return {
    ...app,
    ...(shared === undefined ? {} : { shared }),
    unreadableCount: app.queues?.unreadable.count,
    configuration: async () => {
      const { configurationRows } = await import('../shared/settings/configuration.ts');
      return configurationRows(process.env);
    },
    eventSources: { event: queueEndpoint !== undefined || push, audit: auditHub !== undefined },
  };
}
