import * as z from 'zod';
import { optionalText, parseAs } from '../../shared/azure/answer-schema.ts';
import { armIdParts, normalId, sameId } from '../../shared/azure/arm-id.ts';
import { type AzureReader, failedRead } from './azure-reader.ts';
import { type EventSubscription, eventSubscriptionSchema, faultsOf, goesToUs } from './event-subscription.ts';
import { deployAgain, grantReading } from './remediation.ts';
import type { Check } from './report.ts';

/** Event Grid REST: System Topics and their Event Subscriptions. */
const API = 'api-version=2025-02-15';
const RIGHTS = [
  'Microsoft.EventGrid/systemTopics/read',
  'Microsoft.EventGrid/systemTopics/eventSubscriptions/read',
];

/** Whether signals arrive from one source: a subscription, or a vault. */
export type WiringState = 'wired' | 'missing' | 'unknown';
export interface FoundSources {
  checks: Check[];
  /** By `normalId` of the source. */
  wired: Map<string, WiringState>;
}

/** Checks the topic and the event subscription of each source. Azure allows one system topic per source. */
export async function checkEventSources(
  azure: AzureReader,
  subscriptions: readonly string[],
  vaultIds: readonly string[],
) {
  const found: FoundSources = { checks: [], wired: new Map() };
  await Promise.all(
    subscriptions.map(async (subscriptionId) => {
      const id = `/subscriptions/${subscriptionId}`;
      const vaults = vaultIds.filter((vault) => sameId(armIdParts(vault).subscriptionId, subscriptionId));
      const sources = [id, ...vaults];
      const listed = await azure.arm.list(`${id}/providers/Microsoft.EventGrid/systemTopics`, API);
      if (listed.kind !== 'answered') {
        const right = `Reader on the subscription ${subscriptionId}`;
        found.checks.push({ about: 'eventGrid', id, ...couldNot(azure, id, failedRead(listed, right)) });
        for (const source of sources) found.wired.set(normalId(source), 'unknown');
        return;
      }
      const read = listed.value.map((item) => parseAs(topicSchema, item));
      const topics = read.flatMap((one) => ('fault' in one ? [] : [one.value]));
      const isWhole = topics.length === read.length;
      for (const source of sources) {
        const topic = topics.find(({ properties }) => sameId(properties.source, source));
        const check =
          topic === undefined ? withoutTopic(source, isWhole) : await ofTopic(azure, source, topic);
        found.checks.push(check);
        found.wired.set(normalId(source), wiredBy(check));
      }
    }),
  );
  found.checks.sort((a, b) => a.id.localeCompare(b.id));
  return found;
}

function wiredBy({ state }: Check): WiringState {
  if (state === 'missing') return 'missing';
  return state === 'unknown' ? 'unknown' : 'wired';
}

/**
 * Without an event from a vault the sweep still detects it; so it is missing, but no trigger goes undetected.
 */
function withoutTopic(source: string, isWhole: boolean): Check {
  const base = { about: 'eventGrid' as const, id: source };
  if (!isWhole)
    return {
      ...base,
      state: 'unknown',
      says: 'No system topic of it was found, but one of the list answers in another form than documented.',
    };
  return {
    ...base,
    state: 'missing',
    says: 'It has no system topic: no event of it comes, and only the sweep sees what is done there.',
    remediation: deployAgain(
      'Deploy with it among the watched: the deployment makes topic and event subscription. With separate duties its owner makes both: npm run doctor -- --grants prints the commands.',
      'Event Grid → System Topics → Create',
    ),
  };
}

type Topic = z.infer<typeof topicSchema>;

async function ofTopic(azure: AzureReader, source: string, topic: Topic): Promise<Check> {
  const base = { about: 'eventGrid' as const, id: source };
  const listed = await azure.arm.list(`${topic.id}/eventSubscriptions`, API);
  if (listed.kind !== 'answered')
    return { ...base, ...couldNot(azure, source, failedRead(listed, `Reader on the topic ${topic.id}`)) };
  const all: EventSubscription[] = [];
  for (const item of listed.value) {
    const parsed = parseAs(eventSubscriptionSchema, item);
    if ('fault' in parsed)
      return {
        ...base,
        state: 'unknown',
        says: `Of its topic ${topic.id} an event subscription answers in another form than documented: ${parsed.fault}.`,
      };
    all.push(parsed.value);
  }
  const ours = all.filter((one) => goesToUs(one, azure));
  if (ours.length === 0)
    return {
      ...base,
      state: 'missing',
      says: `Its system topic ${topic.id} has ${all.length} event subscription(s), none of which leads to Lockwatch${queueOf(azure)}. Azure allows one topic a source: this one is to be reused.`,
      remediation: deployAgain(
        'Deploy again: what runs before the deployment finds this topic, and the event subscription is made on it.',
        `Event Grid → System Topics → ${topic.name ?? topic.id} → + Event Subscription`,
      ),
    };
  const judged = ours.map((one) => ({ one, faults: faultsOf(one, isSubscription(source)) }));
  const best = judged.find(({ faults }) => faults.every(({ state }) => state === 'note')) ?? judged[0];
  const found = `${best?.one.name} on the topic ${topic.name ?? topic.id}`;
  const notes = [...(best?.faults ?? []), ...identityNote(topic)];
  const worst = (['missing', 'unknown', 'note'] as const).find((state) =>
    notes.some((fault) => fault.state === state),
  );
  const says = [`By ${found}.`, ...notes.map((fault) => fault.says)].join(' ');
  if (worst !== 'missing') return { ...base, state: worst ?? 'ok', says };
  return {
    ...base,
    state: worst,
    says,
    remediation: deployAgain('Deploy again: it sets the event subscription as it must be.'),
  };
}

function identityNote({ identity }: Topic): { state: 'note'; says: string }[] {
  if (/SystemAssigned/i.test(identity?.type ?? '')) return [];
  return [
    {
      state: 'note',
      says: 'The topic has no system-assigned identity, which storage behind a firewall asks for.',
    },
  ];
}

function isSubscription(source: string): boolean {
  return /^\/subscriptions\/[^/]+$/i.test(source);
}

function queueOf({ settings, firstLook }: AzureReader): string {
  return firstLook || settings.queueEndpoint === undefined ? '' : ` (the queue ${settings.queue})`;
}

function couldNot(azure: AzureReader, id: string, failure: { state: Check['state']; says: string }) {
  if (failure.state !== 'missing') return failure;
  return { ...failure, rights: RIGHTS, remediation: grantReading(azure.who, id) };
}

const topicSchema = z.object({
  id: z.string(),
  name: optionalText,
  identity: z.object({ type: optionalText }).nullish(),
  properties: z.object({ source: optionalText, topicType: optionalText }),
});
