import { fault, type SettingFault } from '../../settings-schema/fault.ts';
import type { GivenSettings } from '../../settings-schema/given.ts';
import { type ChannelKind, namesOfKind } from './channel-kind.ts';
import { CHANNEL_SETTINGS } from './channel-settings.ts';
import { isMailWanted, mailFaults } from './mail/mail-settings.ts';
import { CHANNEL_KINDS } from './register.ts';

const MAIL_TRANSPORTS: readonly ChannelKind[] = CHANNEL_KINDS.filter(({ settings }) => 'emailTo' in settings);

/** Faults between the settings of the channels: missing dependencies, and names that refer to nothing. */
export function channelFaults(given: GivenSettings): SettingFault[] {
  return [
    ...mailFaults(given, MAIL_TRANSPORTS),
    ...CHANNEL_KINDS.flatMap(({ faults }) => faults?.(given) ?? []),
    ...(isAnyWanted(given) ? [] : [noChannel()]),
    ...routeFaults(given.values.routes, channelNames(given)),
  ];
}

/** The names of all channels that these settings create, as `createChannels` returns them. */
export function channelNames(given: GivenSettings): string[] {
  return CHANNEL_KINDS.flatMap((kind) => namesOfKind(kind, given));
}

/** An invalid channel setting is reported by its own fault; it need not be reported as missing as well. */
function isAnyWanted(given: GivenSettings): boolean {
  if (isMailWanted(given, MAIL_TRANSPORTS)) return true;
  return CHANNEL_KINDS.some(({ settings, existsBy }: ChannelKind) => {
    const description = settings[existsBy];
    return description?.default === undefined && given.hasAny(description?.name ?? '');
  });
}

function noChannel(): SettingFault {
  const choices = CHANNEL_KINDS.flatMap(({ setUp }) => setUp ?? []);
  return {
    setting: CHANNEL_SETTINGS.teamsWebhookUrl.name,
    text: `No channel is set: set ${choices.join(', or ')}.`,
  };
}

function routeFaults(routes: unknown, channels: readonly string[]): SettingFault[] {
  if (typeof routes !== 'object' || routes === null) return [];
  return Object.values(routes).flatMap((to: unknown) => {
    const unknown = Array.isArray(to)
      ? to.filter((name) => !channels.includes(String(name).toLowerCase()))
      : [];
    if (unknown.length === 0) return [];
    return [
      fault(
        CHANNEL_SETTINGS.routes.name,
        `: no channel is called ${unknown.join(', ')}. Set are: ${channels.join(', ') || 'none'}.`,
      ),
    ];
  });
}
