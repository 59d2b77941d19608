/**
 * Plain text for a TextBlock or a Fact of an Adaptive Card, which interpret a part of Markdown (Adaptive
 * Cards docs: Text features). In CommonMark a backslash escapes any ASCII punctuation. Characters that can
 * start markup anywhere are escaped ({{DATE(…)}} is a function of cards); those of lists and headings only at
 * the beginning; a parenthesis never, since it means nothing without its brackets. So most names stay
 * readable in the clients that show a backslash.
 */
export function markdownText(text: string): string {
  return text
    .replace(/[\\`*_[\]{}<>&~]/g, '\\$&')
    .replace(/^[#+=-]/, '\\$&')
    .replace(/^(\d+)([.)])/, '$1\\$2');
}

/** A link with an untrusted text. */
export function markdownLink(text: string, url: string | undefined): string {
  if (url === undefined) return markdownText(text);
  const target = url.replace(
    /[()<>\s\\]/g,
    (character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return `[${markdownText(text)}](${target})`;
}
