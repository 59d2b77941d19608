import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HostError, messageOf } from './host-error.ts';

export type AppSettings = Record<string, string | undefined>;

export interface LocalSettings {
  values: Record<string, string>;
  /** `Host.LocalHttpPort` of the file. */
  port?: number;
}

/**
 * Reads local.settings.json of an app; no file means no settings.
 * Throws HostError where it can't be read. A value is never part of an error.
 * Source: "Code and test Azure Functions locally", section "Local settings file".
 */
export async function readLocalSettings(directory: string): Promise<LocalSettings> {
  const file = join(directory, 'local.settings.json');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return { values: {} };
    throw new HostError(`${file} can't be read: ${messageOf(cause)}`, { cause });
  }
  let json: { IsEncrypted?: unknown; Values?: unknown; Host?: { LocalHttpPort?: unknown } } | null;
  try {
    json = JSON.parse(text);
  } catch {
    // The parser's message quotes the text, and the text holds secrets.
    throw new HostError(`${file} is not valid JSON.`);
  }
  if (json?.IsEncrypted === true)
    throw new HostError(`${file} is encrypted, which only Core Tools can read. Run: func settings decrypt`);
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(json?.Values ?? {})) {
    if (!['string', 'number', 'boolean'].includes(typeof value))
      throw new HostError(`${file}: Values.${name} must be a string, as app settings are flat.`);
    values[name] = String(value);
  }
  const port = json?.Host?.LocalHttpPort;
  return { values, ...(typeof port === 'number' ? { port } : {}) };
}

/**
 * Replaces `%NAME%` by its value, as the runtime does for queue names, schedules and routes. Throws HostError
 * where that setting is absent.
 * Source: "Azure Functions triggers and bindings expression patterns", section "Binding expressions - app
 * settings".
 */
export function resolveSettings(text: string, settings: AppSettings, functionName: string): string {
  return text.replace(/%([^%\s]+)%/g, (_all, name: string) => {
    const value = settings[name];
    if (value === undefined)
      throw new HostError(`Function '${functionName}' refers to the setting %${name}%, which is not set.`);
    return value;
  });
}
