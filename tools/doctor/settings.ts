import { channelNames } from '../../shared/notices/channels/channel-faults.ts';
import { CHANNEL_SETTINGS } from '../../shared/notices/channels/channel-settings.ts';
import {
  readSettings,
  SETTINGS,
  type SettingDescription,
  type Settings,
  SettingsError,
} from '../../shared/settings/settings.ts';
import { givenSettings } from '../../shared/settings-schema/given.ts';
import { nameIn } from '../../shared/settings-schema/names.ts';

export type EnvironmentVariables = Readonly<Record<string, string | undefined>>;

export interface DoctorSettings {
  settings: Settings;
  /** Only subscriptions were given: storage and channels are not known. */
  firstLook: boolean;
  channels: readonly string[];
  inVault: readonly string[];
}

/** No request is ever sent to this name: RFC 6761 reserves it. */
const NOWHERE = 'https://not-set.invalid/';
/** One of these satisfies the schema of any secret. */
const STAND_INS = [NOWHERE, 'smtps://not-set.invalid', 'not the real secret'];

/**
 * The app's own settings, checked by the app's own schema. Three things differ on a developer's machine and
 * are no faults there: only the platform resolves Key Vault references, its sign-in is in front of the app
 * only, and with `subscriptions` a first examination needs nothing else. Throws `SettingsError` with every
 * fault.
 */
export function doctorSettings(environment: EnvironmentVariables, subscriptions?: string): DoctorSettings {
  const inAzure = Boolean(environment.WEBSITE_SITE_NAME);
  const given: Record<string, string | undefined> = { ...environment };
  if (subscriptions !== undefined) given[SETTINGS.subscriptions.name] = subscriptions;
  const inVault = inAzure ? [] : referencesOf(given);
  for (const name of inVault) given[name] = standInFor(name);
  if (!inAzure && given[SETTINGS.access.name] === 'entra') given.WEBSITE_AUTH_ENABLED = 'True';
  const firstLook = subscriptions !== undefined && !given[SETTINGS.tableEndpoint.name]?.trim();
  const hasChannels = Object.values<SettingDescription>(CHANNEL_SETTINGS).some(({ name }) =>
    Object.entries(given).some(([setting, value]) => value?.trim() && setting.startsWith(name)),
  );
  if (firstLook) {
    given[SETTINGS.tableEndpoint.name] = NOWHERE;
    if (!hasChannels) given[CHANNEL_SETTINGS.teamsWebhookUrl.name] = NOWHERE;
  }
  const settings = readSettings(given);
  const channels = firstLook && !hasChannels ? [] : channelNames(givenSettings(settings, given));
  return { settings, firstLook, channels, inVault };
}

export { SettingsError };

/** "Use Key Vault references as app settings": @Microsoft.KeyVault(…). */
function referencesOf(environment: EnvironmentVariables): string[] {
  return Object.entries(environment)
    .filter(([, value]) => /^@Microsoft\.KeyVault\(/i.test(value?.trim() ?? ''))
    .map(([name]) => name)
    .filter((name) => descriptionOf(name)?.secret === true);
}

function standInFor(name: string): string | undefined {
  const schema = descriptionOf(name)?.schema;
  return STAND_INS.find((text) => schema?.safeParse(text).success);
}

function descriptionOf(name: string): SettingDescription | undefined {
  const all = Object.values<SettingDescription>(SETTINGS);
  return (
    all.find((one) => one.name === name) ??
    all.find((one) => one.many === true && nameIn(name, one.name) !== undefined)
  );
}
