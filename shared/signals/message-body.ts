// A queue message may be JSON, base64 of JSON, or either of these as a JSON string (Azure Functions' worker runs
// strings through JSON.parse, so one layer may be off already). More layers than this no known sender makes.
const MAX_LAYERS = 4;

/** What the body holds once every wrapping is off, or why it can't be unwrapped. */
export type Unwrapped = { value: object } | { fault: string };

/** Takes the wrapping off a message: bytes, text, base64, JSON within a JSON string. Never throws. */
export function unwrap(body: unknown): Unwrapped {
  let value = body instanceof Uint8Array ? new TextDecoder().decode(body) : body;
  for (let layer = 0; layer < MAX_LAYERS && typeof value === 'string'; layer++) {
    const parsed = parse(value);
    if (parsed === undefined)
      return { fault: `The message is neither JSON nor base64 of JSON (${value.length} characters)` };
    value = parsed.value;
  }
  if (typeof value === 'object' && value !== null) return { value };
  return { fault: `The message is ${nameOf(value)}` };
}

function parse(text: string): { value: unknown } | undefined {
  if (text.startsWith('{')) return tryJson(text) ?? tryJson(fromBase64(text));
  const trimmed = text.trim(); // takes off a byte order mark, too
  return (JSON_START.test(trimmed) ? tryJson(trimmed) : undefined) ?? tryJson(fromBase64(trimmed));
}

// The base64 of an event begins with a letter, and a JSON.parse that fails costs more than all the rest of reading
// an event: so what can't be JSON isn't tried as JSON.
const JSON_START = /^(?:[[{"\d-]|true$|false$|null$)/;

function tryJson(text: string): { value: unknown } | undefined {
  if (text === '') return undefined;
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined; // not JSON: the caller tries the next reading, and tells if there is none
  }
}

function fromBase64(text: string): string {
  return Buffer.from(text, 'base64').toString('utf8').trim();
}

function nameOf(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'empty';
  return typeof value === 'string' ? 'a text within texts' : `a ${typeof value}`;
}
