/**
 * Untrusted text as one line of plain text, at most `most` characters, with "…" if it was truncated.
 * Characters that could disturb the surrounding text are removed: line breaks and control characters, lone
 * surrogates, and the marks that change the direction of writing (Unicode Technical Report 36: Bidirectional
 * Text Spoofing). Letters of every script and emoji stay.
 */
export function plain(text: string | undefined, most = 1000): string {
  // A rough cut first, so that discarded text need not be cleaned.
  const line = (text ?? '')
    .slice(0, most * 8)
    .toWellFormed()
    .replace(TURNS, '')
    .replace(BREAKS, ' ')
    .trim();
  return truncate(line, most);
}

/**
 * A right-to-left name gets a left-to-right mark at its end: otherwise the text after it (": 7 environments")
 * is displayed before it (Unicode Standard Annex 9). Every other name is unchanged.
 */
export function steady(name: string): string {
  return RIGHT_TO_LEFT.test(name) && !name.endsWith(MARK) ? `${name}${MARK}` : name;
}

/** At most `most` characters, including "…"; never half of a surrogate pair. */
export function truncate(text: string, most: number): string {
  if (text.length <= most) return text;
  const characters = Array.from(text.slice(0, most * 2 + 2));
  if (characters.length <= most && text.length <= most * 2 + 2) return text;
  return `${characters
    .slice(0, Math.max(0, most - 1))
    .join('')
    .trimEnd()}…`;
}

/**
 * The address if it is an http or https URL of acceptable length; nothing else that is untrusted may become a
 * link.
 */
export function linkTo(url: string | undefined): string | undefined {
  if (url === undefined || url.length > MAX_LINK_LENGTH || !URL.canParse(url)) return undefined;
  const { protocol, href } = new URL(url);
  return (protocol === 'https:' || protocol === 'http:') && href.length <= MAX_LINK_LENGTH ? href : undefined;
}

/**
 * One part of a link's path. Encodes more than `encodeURIComponent`: also characters that could end a
 * Markdown link.
 */
export function pathPart(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

const MARK = '\u200e';
const RIGHT_TO_LEFT =
  /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;
const MAX_LINK_LENGTH = 1000;
const TURNS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;
const BREAKS = /[\p{Cc}\u2028\u2029\p{Zs}]+/gu;
