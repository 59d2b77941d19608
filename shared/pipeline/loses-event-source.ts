import { isVaultId } from '../signals/scope.ts';
import type { About } from '../signals/signal.ts';
import { removesEventSource } from '../signals/watch-list.ts';
import { sourceOf } from '../visibility/event-source-scope.ts';
import type { PipelineConfig } from './config.ts';
import type { Watched } from './ports.ts';

/**
 * Whether this operation may remove an event source of Lockwatch. Without a namespace that carries the audit
 * log, no diagnostic setting and no event hub is used.
 */
export function losesEventSource(
  signal: About,
  watched: Watched,
  { watchedSubscriptions, auditNamespaces }: Pick<PipelineConfig, 'watchedSubscriptions' | 'auditNamespaces'>,
): boolean {
  if (!removesEventSource(signal)) return false;
  const { signals, base } = sourceOf(signal.scope);
  const isWatched = watchedSubscriptions.some((id) =>
    signal.scope.startsWith(`/subscriptions/${id.toLowerCase()}/`),
  );
  if (signals === 'audit') {
    if (auditNamespaces.length === 0) return false;
    // A setting above a vault carries the activity log, never a vault's audit log; an event hub counts if it
    // is ours.
    if (base !== '') return isVaultId(base) && watched.list.sharing(base).length > 0;
    const isOurs = (name: string) => `${signal.scope}/`.includes(`/namespaces/${name.toLowerCase()}/`);
    return isWatched && auditNamespaces.some(isOurs);
  }
  // Azure's own events come only through system topics: a custom topic of an application is not ours.
  if (base.includes('/providers/')) return watched.list.sharing(base).length > 0;
  return isWatched && OURS.test(signal.scope);
}

const OURS = /\/providers\/microsoft\.eventgrid\/(?:systemtopics|eventsubscriptions)\//;
