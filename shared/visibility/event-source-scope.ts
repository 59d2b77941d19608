import { armIdParts, normalId } from '../azure/arm-id.ts';
import { bicepGuid } from '../azure/bicep-guid.ts';
import type { SourceEvidence } from './visibility-state.ts';

/** The event sources that the deployment made or uses, as far as their names are needed to recognise them. */
export interface OwnSources {
  /** The one name of all its event subscriptions and diagnostic settings. */
  name: string;
  /** The system topics of the watched subscriptions: lower-case ids. */
  subscriptionTopics: readonly string[];
  /** The system topics of watched vaults: `topicHash` of each. */
  vaultTopics: ReadonlySet<string>;
}

/**
 * From the setting's parts, of which `infra/main.bicep` writes three kinds: the name; for each watched
 * subscription `subscription/group/topic`; for each watched vault the hash of its topic's id, since two hundred
 * ids would not fit.
 */
export function ownSourcesFrom(parts: readonly string[]): OwnSources {
  const lower = parts.map((part) => part.toLowerCase());
  const topics = lower.map((part) => part.split('/')).filter((names) => names.length === 3);
  const isHash = (part: string) => /^[0-9a-f]{8}$/.test(part);
  return {
    name: lower.find((part) => !part.includes('/') && !isHash(part)) ?? '',
    subscriptionTopics: topics.map(
      ([subscription, group, topic]) =>
        `/subscriptions/${subscription}/resourcegroups/${group}/providers/microsoft.eventgrid/systemtopics/${topic}`,
    ),
    vaultTopics: new Set(lower.filter(isHash)),
  };
}

/** Bicep's `guid(toLower(id))`, its first 8 digits. */
export function topicHash(topicId: string): string {
  return bicepGuid(normalId(topicId)).slice(0, 8);
}

const SETTING = '/providers/microsoft.insights/diagnosticsettings/';
const EVENT_SUBSCRIPTION = '/providers/microsoft.eventgrid/eventsubscriptions/';

/**
 * The signals that come through this resource, and their origin, as `lastSignals` names it: a subscription or
 * a vault. For a diagnostic setting, the resource that it belongs to; for an event hub '', since any vault
 * may send there.
 */
export function sourceOf(scope: string): { signals: 'event' | 'audit'; base: string } {
  const setting = scope.lastIndexOf(SETTING);
  if (setting >= 0) return { signals: 'audit', base: scope.slice(0, setting) };
  if (scope.includes('/providers/microsoft.eventhub/')) return { signals: 'audit', base: '' };
  const hanging = scope.slice(0, Math.max(0, scope.lastIndexOf(EVENT_SUBSCRIPTION)));
  if (hanging.includes('/providers/')) return { signals: 'event', base: hanging };
  return { signals: 'event', base: `/subscriptions/${armIdParts(scope).subscriptionId}` };
}

/**
 * How this resource is known to be ours. An Event Hubs namespace and the vault of a diagnostic setting are
 * compared with ours before (`pipeline/loses-event-source.ts`).
 */
export function sourceEvidence(scope: string, ours: OwnSources | undefined): SourceEvidence {
  if (scope.includes('/providers/microsoft.eventhub/')) return 'setting';
  if (ours === undefined) return NAMES_OF_DEPLOYMENT.test(scope) ? 'name' : 'none';
  if (scope.includes(SETTING)) return scope.endsWith(`${SETTING}${ours.name}`) ? 'setting' : 'none';
  const [, topic, eventSubscription = ours.name] = SYSTEM_TOPIC.exec(scope) ?? [];
  if (topic === undefined || eventSubscription !== ours.name) return 'none';
  return ours.subscriptionTopics.includes(topic) || ours.vaultTopics.has(topicHash(topic))
    ? 'setting'
    : 'none';
}

/** A system topic, or an event subscription of it. */
const SYSTEM_TOPIC =
  /^(.+\/providers\/microsoft\.eventgrid\/systemtopics\/[^/]+)(?:\/eventsubscriptions\/([^/]+))?$/;

/** The names that `infra/main.bicep` gives; each ends in a hash. */
const NAMES_OF_DEPLOYMENT =
  /\/systemtopics\/egst-lockwatch-[^/]+$|\/(?:eventsubscriptions|diagnosticsettings)\/lockwatch-[^/]+$/;

/** The id of the resource of ours that brings the same signals as this one, if the setting names one. */
export function counterpartOf(scope: string, ours: OwnSources | undefined): string | undefined {
  if (ours === undefined) return undefined;
  const { signals, base } = sourceOf(scope);
  if (signals === 'audit') return base === '' ? undefined : `${base}${SETTING}${ours.name}`;
  const topic = ours.subscriptionTopics.find((id) => id.startsWith(`${base}/`));
  return topic && `${topic}/eventsubscriptions/${ours.name}`;
}
