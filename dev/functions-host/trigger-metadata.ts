import { randomUUID } from 'node:crypto';
import { isTooDeep } from './json-depth.ts';
import type { TypedData } from './rpc.ts';

/**
 * The common metadata of every trigger (binding expressions `sys.*`).
 * Source: azure-webjobs-sdk, SystemBindingData.
 */
export function systemMetadata(functionName: string, now: Date): Record<string, TypedData> {
  const sys = { MethodName: functionName, UtcNow: now.toISOString(), RandGuid: randomUUID() };
  return { sys: { json: JSON.stringify(sys) } };
}

/**
 * Adds the top-level properties of a message that is a JSON object, without its lists and nulls. They take
 * precedence over the trigger's own metadata of the same name, compared case-insensitively: an event's `id`
 * hides the message's.
 * Source: azure-functions-host, ExtensionBinding / WorkerFunctionInvoker, ApplyBindingData.
 */
export function withJsonProperties(
  metadata: Record<string, TypedData>,
  text: string,
): Record<string, TypedData> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return metadata;
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json) || isTooDeep(text)) return metadata;
  const merged = new Map(Object.entries(metadata));
  const names = new Map(Object.keys(metadata).map((name) => [name.toLowerCase(), name]));
  for (const [name, value] of Object.entries(json)) {
    if (value === null || Array.isArray(value)) continue;
    const known = names.get(name.toLowerCase()) ?? name;
    names.set(name.toLowerCase(), known);
    merged.set(
      known,
      typeof value === 'object' ? { json: JSON.stringify(value) } : { string: dotNetText(value) },
    );
  }
  return Object.fromEntries(merged);
}

function dotNetText(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return String(value);
}
