/**
 * Newtonsoft.Json, with which the runtime and its extensions read JSON, refuses what is nested more deeply.
 * Source: JsonReader.MaxDepth, 64 by default since Newtonsoft.Json 13.0.1; azure-functions-host refers to
 * 13.0.3.
 */
const MAX_DEPTH = 64;

/** Whether valid JSON text is nested more deeply than the runtime reads. */
export function isTooDeep(json: string): boolean {
  let depth = 0;
  for (const [token] of json.matchAll(/"(?:[^"\\]+|\\.)*"|[[{]|[\]}]/g)) {
    if (token === '[' || token === '{') depth += 1;
    if (token === ']' || token === '}') depth -= 1;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}
