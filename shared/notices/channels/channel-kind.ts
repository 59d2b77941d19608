import type { TokenCredential } from '@azure/core-auth';
import type { Descriptions, ValuesOf } from '../../settings-schema/description.ts';
import type { SettingFault } from '../../settings-schema/fault.ts';
import { type GivenSettings, givenNames } from '../../settings-schema/given.ts';
import type { Channel } from '../notice.ts';
import type { SayOptions } from '../say/say.ts';

/** One kind of channel: its settings, and what can be wrong with them. */
export interface ChannelKind {
  /** The name of its channel; if there may be several, the first part of their names. */
  name: string;
  settings: Descriptions;
  /** The key of the setting that makes a channel exist. */
  existsBy: string;
  /** How to set it up, in a few words, for people who have set no channel at all. */
  setUp?: string;
  /** Faults between its settings; each setting's own schema has checked its value before. */
  faults?(given: GivenSettings): SettingFault[];
}

/** The same, with the types of its settings, and how its channels are created. */
export interface CreatableKind<D extends Descriptions> extends ChannelKind {
  settings: D;
  existsBy: NoInfer<keyof D & string>;
  /** Nothing is connected until a notice is sent. Empty where its settings are not there. */
  create(settings: Partial<ValuesOf<D>>, around: ChannelSurroundings): Channel[];
}

export interface ChannelSurroundings {
  /** The URLs of the cloud that the app runs in. */
  cloud: {
    adminCenterUrl: string;
    portalUrl: string;
    graphUrl: string;
    powerPlatformApiEndpoint?: string;
  };
  /** The app's own identity. */
  credential: TokenCredential;
  /** Microsoft Graph, at whatever address it is reached. */
  graphEndpoint: string;
  say: SayOptions;
}

/** Infers the types of the settings. */
export function channelKind<const D extends Descriptions>(kind: CreatableKind<D>): CreatableKind<D> {
  return kind;
}

/** 'teams', and 'teams-ops' for the one that is named ops in the settings. */
export function channelName(kind: string, given: string): string {
  return given === '' ? kind : `${kind}-${given}`;
}

/** The names of the channels that `create` returns for these settings. */
export function namesOfKind({ name, settings, existsBy }: ChannelKind, given: GivenSettings): string[] {
  const description = settings[existsBy];
  const value = given.values[existsBy];
  if (description?.many) return givenNames(value).map((one) => channelName(name, one));
  // A setting with a default is always there: its value decides.
  const exists = description?.default === undefined ? given.has(description?.name ?? '') : value === true;
  return exists ? [name] : [];
}
