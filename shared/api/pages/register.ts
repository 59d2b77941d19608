import { html } from 'hono/html';
import type { Page } from './page.ts';

const stub = (path: string, endpoint: string, actions: readonly string[]): Page<never> => ({
  path,
  endpoint,
  ownParameters: [],
  actions,
  render: (answer, context) =>
    html`<!doctype html><title>${path}</title><pre>${JSON.stringify({ answer, asked: context.asked, viewer: context.viewer })}</pre>`,
});

/** Stand-ins for the pages. */
export const PAGES: readonly Page<never>[] = [
  stub('/', 'status', ['drill']),
  stub('/incidents', 'incidents', []),
  stub('/incidents/{id}', 'incident', ['acknowledge', 'silence', 'supportCase', 'check', 'close']),
  stub('/coverage', 'coverage', []),
  stub('/health', 'health', ['drill']),
];
