import { CHANNEL_SETTINGS } from '../notices/channels/channel-settings.ts';
import { ACCESS } from './access.ts';
import { LIMITS } from './limits.ts';
import { WATCHING } from './watching.ts';

export type { SettingDescription } from '../settings-schema/description.ts';
export { settingWithName } from '../settings-schema/names.ts';
export { AUDIT_CONNECTION } from './watching.ts';

/** The one schema of all settings. */
export const SETTINGS = { ...WATCHING, ...LIMITS, ...CHANNEL_SETTINGS, ...ACCESS } as const;
