import { ACCESS } from './access.ts';
import { CHANNELS } from './channels.ts';
import { WATCHING } from './watching.ts';

export type { SettingDescription } from './description.ts';
export { settingWithName } from './names.ts';
export { AUDIT_CONNECTION } from './watching.ts';

/** The one schema of all settings. */
export const SETTINGS = { ...WATCHING, ...CHANNELS, ...ACCESS } as const;
