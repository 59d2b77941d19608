/** Settings under check. */
export interface GivenSettings {
  /** Those that passed their own check, by their short names. */
  values: Readonly<Record<string, unknown>>;
  /** Whether the environment has this setting, valid or not. */
  has(setting: string): boolean;
  /** The same, also if the setting has a name of its own in it. */
  hasAny(setting: string): boolean;
}

export function givenSettings(
  values: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
): GivenSettings {
  const names = Object.entries(environment).flatMap(([name, value]) => (value?.trim() ? [name] : []));
  return {
    values,
    has: (setting) => names.includes(setting),
    hasAny: (setting) => names.some((name) => name === setting || name.startsWith(`${setting}_`)),
  };
}

/** The names that people gave to a setting that may be set several times; '' is the one without a name. */
export function givenNames(held: unknown): string[] {
  return typeof held === 'object' && held !== null ? Object.keys(held) : [];
}
