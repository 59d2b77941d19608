import type { ConfigurationRow } from '../api/endpoint.ts';
import { nameIn } from '../settings-schema/names.ts';
import { holdsSecret, SETTINGS, type SettingDescription } from './settings.ts';

/** A value longer than this is a list, of which nobody reads the end. */
const MAX_SHOWN = 500;

/**
 * Every setting, set or not, and the value of those that hold no secret. One that may be set several times has a
 * row for each that is.
 */
export function configurationRows(environment: Record<string, string | undefined>): ConfigurationRow[] {
  return Object.values<SettingDescription>(SETTINGS).flatMap((description) => {
    const given = description.many
      ? Object.keys(environment).filter(
          (name) => environment[name]?.trim() && nameIn(name, description.name) !== undefined,
        )
      : [];
    const names = given.length > 0 ? given.sort() : [description.name];
    return names.map((name) => rowOf(description, name, environment[name]?.trim()));
  });
}

/** A secret in a setting that expects none is not shown either. */
function rowOf(
  { meaning, secret, default: fallback }: SettingDescription,
  name: string,
  text: string | undefined,
): ConfigurationRow {
  const isSecret = secret === true || holdsSecret(text ?? '');
  return {
    name,
    meaning,
    isSet: Boolean(text),
    isSecret,
    value: isSecret || !text ? null : text.slice(0, MAX_SHOWN),
    default: fallback ?? null,
  };
}
