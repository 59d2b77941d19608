import * as z from 'zod';
import { optionalText, parseAs } from '../../shared/azure/answer-schema.ts';
import { type AzureReader, failedRead } from './azure-reader.ts';
import type { Check, State } from './report.ts';

/** "Providers - Get". */
const API = 'api-version=2021-04-01';

/** What is lost without each registration; the hook before a deployment makes those that are needed. */
const PROVIDERS: Readonly<Record<string, { state: State; says: string }>> = {
  'Microsoft.EventGrid': {
    state: 'missing',
    says: 'No event can come from this subscription.',
  },
  'Microsoft.PowerPlatform': {
    state: 'note',
    says: 'No enterprise policy can be made in it. That is right where it holds vaults only.',
  },
  'Microsoft.App': {
    state: 'note',
    says: 'Only the subscription of the app needs it, where the app joins a network.',
  },
};

/** Whether the resource providers are registered that events, policies and a private network need. */
export async function registrations(azure: AzureReader, subscriptions: readonly string[]): Promise<Check[]> {
  const checks = subscriptions.map(async (subscription) => {
    const all = Object.keys(PROVIDERS).map((namespace) => registration(azure, subscription, namespace));
    return Promise.all(all);
  });
  return (await Promise.all(checks)).flat();
}

async function registration(azure: AzureReader, subscription: string, namespace: string): Promise<Check> {
  const id = `/subscriptions/${subscription}/providers/${namespace}`;
  const base = { about: 'registrations' as const, id };
  const outcome = await azure.arm.get(id, API);
  if (outcome.kind !== 'answered') {
    const { state, says } = failedRead(outcome, `Reader on the subscription ${subscription}`);
    // The app itself reads none of this, and its role does not allow it.
    return { ...base, state: state === 'missing' ? 'note' : state, says };
  }
  const parsed = parseAs(providerSchema, outcome.value);
  if ('fault' in parsed || parsed.value.registrationState === undefined)
    return { ...base, state: 'unknown', says: 'It answered in another form than documented.' };
  const { registrationState } = parsed.value;
  if (/^Register(ed|ing)$/i.test(registrationState)) return { ...base, state: 'ok', says: 'read' };
  const { state, says } = PROVIDERS[namespace] ?? { state: 'note', says: '' };
  return {
    ...base,
    state,
    says: `It is not registered in the subscription ${subscription}. ${says}`,
    remediation: {
      what: `Register ${namespace}; it takes some minutes and costs nothing.`,
      command: `az provider register --namespace ${namespace} --subscription ${subscription}`,
      portal: `Subscriptions → ${subscription} → Resource providers → ${namespace} → Register`,
    },
  };
}

const providerSchema = z.object({ registrationState: optionalText });
