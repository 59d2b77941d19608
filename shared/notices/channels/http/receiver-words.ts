import { plain } from '../../say/plain.ts';

/** Enough for the longest sentence that says what is wrong. */
const MAX_WORDS = 160;

/**
 * The receiver's own words in an answer, for people: of JSON its messages, of a web page its title, otherwise
 * the text. No secret: neither those that are named, nor anything that looks like an address, a link or a token.
 */
export function wordsOf(text: string, secrets: readonly string[] = []): string {
  const json = jsonIn(text);
  const said = json === undefined ? (titleOf(text) ?? text) : [...new Set(messagesIn(json))].join('; ');
  return plain(redacted(said.slice(0, 4_000), secrets), MAX_WORDS);
}

/** An answer with a page for people: a sign-in, a proxy, a receiver that sleeps. */
export function isWebPage(contentType: string | null | undefined, text: string): boolean {
  return /^\s*text\/html\b/i.test(contentType ?? '') || /^\s*<(!doctype\s+html|html|head|body)\b/i.test(text);
}

/** Undefined: it is no JSON. */
export function jsonIn(text: string): unknown {
  if (!/^\s*[[{"]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // a body that was cut off, or that only begins like JSON
  }
}

function titleOf(text: string): string | undefined {
  if (!isWebPage(undefined, text)) return undefined;
  const titles = [/<title[^>]*>([^<]{1,300})/i, /<h1[^>]*>([^<]{1,300})/i].map((tag) => tag.exec(text)?.[1]);
  return titles.filter((title) => title?.trim()).join(': ');
}

const SAYS: ReadonlySet<string> = new Set([
  'message',
  'error',
  'errors',
  'detail',
  'details',
  'reason',
  'description',
  'status',
  '__error',
]);

/** The texts under the names that services give to what they say, three levels deep. */
function messagesIn(json: unknown, depth = 3): string[] {
  if (typeof json === 'string') return [json];
  if (typeof json !== 'object' || json === null || depth < 0) return [];
  if (Array.isArray(json)) return json.slice(0, 5).flatMap((one) => messagesIn(one, depth - 1));
  return Object.entries(json).flatMap(([name, value]: [string, unknown]) =>
    SAYS.has(name) || (name === 'records' && Array.isArray(value)) ? messagesIn(value, depth - 1) : [],
  );
}

const HIDDEN = '…';

function redacted(text: string, secrets: readonly string[]): string {
  const named = secrets.filter((secret) => secret.length >= 6).toSorted((a, b) => b.length - a.length);
  return named
    .reduce((rest, secret) => rest.replaceAll(secret, HIDDEN), text)
    .replace(/\b[a-z][a-z0-9+.-]*:\/\/\S+/gi, HIDDEN)
    .replace(/\b(bearer|basic)\s+\S+/gi, HIDDEN)
    .replace(/\b(sig|key|code|token|secret|password|pwd)=\S+/gi, HIDDEN)
    .replace(/[^\s"'<>(),;:]+@[^\s"'<>(),;:]+/g, HIDDEN)
    .replace(/[\w+/=.~%-]{12,}/g, (run) => (looksLikeToken(run) ? HIDDEN : run));
}

/** Words and the codes of services have letters only; ids, keys and signatures mix them with digits. */
function looksLikeToken(run: string): boolean {
  return run.length > 60 || (/\d/.test(run) && /[A-Za-z]/.test(run));
}
