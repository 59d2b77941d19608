import type { ValuesOf } from '../../settings-schema/description.ts';
import type { Channel } from '../notice.ts';
import type { SayOptions } from '../say/say.ts';
import type { ChannelSurroundings } from './channel-kind.ts';
import type { CHANNEL_SETTINGS } from './channel-settings.ts';
import { CHANNEL_KINDS } from './register.ts';

/** The settings that channels need, and an address of Microsoft Graph other than the cloud's own. */
export type ChannelSettings = Partial<ValuesOf<typeof CHANNEL_SETTINGS>> & { graphEndpoint?: string };

/** What every notice says besides, whatever its channel. */
type SayOf = Pick<SayOptions, 'deployment' | 'docsUrl'>;

/** Every channel that is configured, in the order of the register. Nothing is connected until a notice is sent. */
export function createChannels(
  settings: ChannelSettings,
  { cloud, credential, deployment, docsUrl }: Pick<ChannelSurroundings, 'cloud' | 'credential'> & SayOf,
): Channel[] {
  const { adminCenterUrl, portalUrl, graphUrl, powerPlatformApiEndpoint } = cloud;
  const { timeZone } = settings;
  const say = { adminCenterUrl, portalUrl, powerPlatformApiEndpoint, timeZone, deployment, docsUrl };
  const around = { cloud, credential, graphEndpoint: settings.graphEndpoint ?? graphUrl, say };
  return CHANNEL_KINDS.flatMap((kind) => kind.create(settings, around));
}
