// A queue message may be JSON, base64 of JSON, or either of these as a JSON string (Azure Functions' worker
// passes strings through JSON.parse, so one layer may be removed already). No known sender adds more layers
// than this.
const MAX_LAYERS = 4;

/** The body's content without any encoding layers, or the reason why it can't be decoded. */
export type Unwrapped = { value: object } | { fault: string };

/** Removes the encoding layers of a message: bytes, text, base64, JSON within a JSON string. Never throws. */
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
  const trimmed = text.trim(); // removes a byte order mark, too
  return (JSON_START.test(trimmed) ? tryJson(trimmed) : undefined) ?? tryJson(fromBase64(trimmed));
}

// The base64 of an event begins with a letter, and a failed JSON.parse costs more than the rest of reading an
// event: so text that can't be JSON is not parsed as JSON.
const JSON_START = /^(?:[[{"\d-]|true$|false$|null$)/;

function tryJson(text: string): { value: unknown } | undefined {
  if (text === '') return undefined;
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined; // not JSON: the caller tries the next encoding, and reports a fault if there is none
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
