import * as z from 'zod';
import { httpsUrl } from '../../../settings-schema/description.ts';
import { fault, type SettingFault } from '../../../settings-schema/fault.ts';
import { type GivenSettings, givenNames } from '../../../settings-schema/given.ts';
import { settingWithName } from '../../../settings-schema/names.ts';
import type { SayOptions } from '../../say/say.ts';
import { channelKind, channelName } from '../channel-kind.ts';
import { createWebhookChannel, type WebhookPreset } from './webhook.ts';

const URL_SETTING = 'LOCKWATCH_WEBHOOK_URL';
const PRESET_SETTING = 'LOCKWATCH_WEBHOOK_PRESET';
const SECRET_SETTING = 'LOCKWATCH_WEBHOOK_SECRET';

/** A service that a webhook can post to, chosen by the name of its preset. */
export interface WebhookService {
  name: string;
  /** Absent: it uses none. */
  secret?: {
    /** What the secret is, in a few words for the list of settings. */
    meaning: string;
    required?: true;
    /** What it must be, if its format has a rule; continues the sentence after the setting's name. */
    faultOf?(secret: string): string | undefined;
  };
  /** `secret` is there if it is required; `setting`: its name, for messages. */
  preset(options: { say: SayOptions; secret: string | undefined; setting: string }): WebhookPreset;
}

/** The webhooks, each to one of these services. The first is the one of a webhook that has no preset. */
export function webhookTo([first, ...others]: readonly [WebhookService, ...WebhookService[]]) {
  const services = [first, ...others];
  const names = services.map(({ name }) => name);
  const serviceOf = (preset: unknown) => services.find(({ name }) => name === preset) ?? first;
  return channelKind({
    name: 'webhook',
    existsBy: 'webhookUrl',
    setUp: URL_SETTING,
    settings: {
      webhookUrl: {
        name: URL_SETTING,
        meaning: 'A webhook. What it is sent is chosen by its preset.',
        secret: true,
        many: true,
        example: 'https://events.pagerduty.com/v2/enqueue',
        schema: httpsUrl,
      },
      webhookPreset: {
        name: PRESET_SETTING,
        meaning: `What the webhook of the same name is sent: ${eitherOf(names)}.`,
        many: true,
        example: 'pagerduty',
        schema: z.enum(names, `must be one of ${names.join(', ')}`),
      },
      webhookSecret: {
        name: SECRET_SETTING,
        meaning: `The secret of the webhook of the same name: ${services
          .flatMap(({ name, secret }) => (secret ? [`${name}: ${secret.meaning}`] : []))
          .join('; ')}.`,
        secret: true,
        many: true,
        example: '@Microsoft.KeyVault(SecretUri=…)',
        schema: z.string().min(8, 'must have at least 8 characters'),
      },
    },
    faults: (given) => webhookFaults(given, serviceOf),
    create: ({ webhookUrl = {}, webhookPreset = {}, webhookSecret = {} }, { say }) =>
      Object.entries(webhookUrl).map(([given, url]) =>
        createWebhookChannel({
          name: channelName('webhook', given),
          url,
          setting: settingWithName(URL_SETTING, given),
          preset: serviceOf(webhookPreset[given]).preset({
            say,
            secret: webhookSecret[given],
            setting: settingWithName(SECRET_SETTING, given),
          }),
        }),
      ),
  });
}

function webhookFaults(
  { values }: GivenSettings,
  serviceOf: (preset: unknown) => WebhookService,
): SettingFault[] {
  const hooks = givenNames(values.webhookUrl);
  const homeless = ([key, setting]: readonly [string, string]) =>
    givenNames(values[key])
      .filter((name) => !hooks.includes(name))
      .map((name) =>
        fault(settingWithName(setting, name), ` has no webhook: set ${settingWithName(URL_SETTING, name)}.`),
      );
  const faults = [
    ['webhookPreset', PRESET_SETTING] as const,
    ['webhookSecret', SECRET_SETTING] as const,
  ].flatMap(homeless);
  for (const hook of hooks) {
    const service = serviceOf(valueFor(values.webhookPreset, hook));
    const secret = valueFor(values.webhookSecret, hook);
    const why =
      typeof secret === 'string'
        ? service.secret?.faultOf?.(secret)
        : service.secret?.required && ` is missing: the preset ${service.name} needs it.`;
    if (why) faults.push(fault(settingWithName(SECRET_SETTING, hook), why));
  }
  return faults;
}

function valueFor(held: unknown, name: string): unknown {
  return new Map(Object.entries(held ?? {})).get(name);
}

function eitherOf(names: readonly string[]): string {
  return [names.slice(0, -1).join(', '), ...names.slice(-1)].join(' or ');
}
