import { ACCESS } from './settings/access.ts';
import { CHANNELS } from './settings/channels.ts';
import { WATCHING } from './settings/watching.ts';

export type { SettingDescription } from './settings/description.ts';
export { withName } from './settings/names.ts';
export { AUDIT_CONNECTION } from './settings/watching.ts';

/** The one schema of all settings. */
export const SETTINGS = { ...WATCHING, ...CHANNELS, ...ACCESS } as const;
