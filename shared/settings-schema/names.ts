/**
 * A setting with a name of its own: `LOCKWATCH_X` and `ops` are `LOCKWATCH_X_OPS`. In a connection's setting
 * the name precedes the two underscores, since the Functions host finds a connection's settings by the part
 * before them: `LOCKWATCH_X__part` is `LOCKWATCH_X_OPS__part` ("Developer's guide", section Connections). ''
 * is the one without a name.
 */
export function settingWithName(setting: string, name: string): string {
  if (name === '') return setting;
  const [policyState, part] = split(setting);
  return `${policyState}_${name.toUpperCase()}${part}`;
}

/**
 * The name that `given` gives to `setting`, in lower case; '' where it is the setting itself, undefined where
 * it is another one.
 */
export function nameIn(given: string, setting: string): string | undefined {
  if (given === setting) return '';
  const [policyState, part] = split(setting);
  if (!given.startsWith(`${policyState}_`) || !given.endsWith(part)) return undefined;
  const name = given.slice(policyState.length + 1, given.length - part.length);
  return /^[A-Z0-9]{1,20}$/i.test(name) ? name.toLowerCase() : undefined;
}

function split(setting: string): [policyState: string, part: string] {
  const at = setting.indexOf('__');
  return at < 0 ? [setting, ''] : [setting.slice(0, at), setting.slice(at)];
}
