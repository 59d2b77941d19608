import * as z from 'zod';
import { optionalText, parseAs } from '../azure/answer-schema.ts';
import type { ArmSession } from '../azure/arm-client.ts';
import { normalId } from '../azure/arm-id.ts';
import { gone, known, malformed, saysGone, unknown, unreadable } from '../azure/outcome.ts';
import type { Part } from '../azure/part.ts';
import type { EventSourceFact } from './source-facts.ts';

/** Reads whether an event source exists, by its ARM id. Resources of other providers are unknown. */
export async function readEventSource(arm: ArmSession, resourceId: string): Promise<Part<EventSourceFact>> {
  const provider = providerOf(resourceId);
  const api = API[provider];
  if (api === undefined) {
    const detail = `Lockwatch does not know how to read a resource of ${provider || 'no provider'}.`;
    return unknown('notSupported', detail, arm.clock.now());
  }
  const outcome = await arm.get(resourceId, api);
  if (saysGone(outcome)) return gone(outcome);
  if (outcome.kind !== 'answered') return unreadable(outcome, `Reader on ${resourceId}`);
  if (provider !== INSIGHTS) return known({ isOpen: true }, outcome.at);
  const parsed = parseAs(settingSchema, outcome.value);
  return 'fault' in parsed
    ? malformed(`GET ${resourceId}`, parsed.fault, outcome.at)
    : known({ isOpen: sendsAudit(parsed.value.properties) }, outcome.at);
}

const INSIGHTS = 'microsoft.insights';
/**
 * Azure REST reference: Event Grid, Diagnostic Settings, Event Hubs; the newest stable version, where there
 * is one.
 */
const API: Readonly<Record<string, string | undefined>> = {
  'microsoft.eventgrid': 'api-version=2025-02-15',
  [INSIGHTS]: 'api-version=2021-05-01-preview',
  'microsoft.eventhub': 'api-version=2024-01-01',
};

/** The provider of the resource itself, not of its parent. */
function providerOf(resourceId: string): string {
  return normalId(resourceId).split('/providers/').at(-1)?.split('/')[0] ?? '';
}

/**
 * Either the category itself, or a group that includes it (Azure Monitor docs: "Diagnostic settings",
 * category groups).
 */
function sendsAudit({ logs }: z.infer<typeof settingSchema>['properties']): boolean {
  return (logs ?? []).some(
    ({ enabled, category, categoryGroup }) =>
      enabled && /^(?:auditevent|audit|alllogs)$/i.test(category ?? categoryGroup ?? ''),
  );
}

const settingSchema = z.object({
  properties: z.object({
    logs: z
      .array(z.object({ category: optionalText, categoryGroup: optionalText, enabled: z.boolean() }))
      .nullish(),
  }),
});
