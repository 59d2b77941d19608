/**
 * Plain text for a TextBlock or a Fact of an Adaptive Card, which read a part of Markdown (Adaptive Cards docs: Text
 * features). CommonMark lets a backslash take the meaning from any ASCII punctuation. Escaped are the characters that
 * can begin something anywhere ({{DATE(…)}} is a function of cards); those of lists and headings only where they do, at
 * the beginning; a parenthesis not at all, since it means nothing without its brackets. So most names stay readable in
 * those clients that show a backslash.
 */
export function markdownText(text: string): string {
  return text
    .replace(/[\\`*_[\]{}<>&~]/g, '\\$&')
    .replace(/^[#+=-]/, '\\$&')
    .replace(/^(\d+)([.)])/, '$1\\$2');
}

/** A link whose words are text from outside. */
export function markdownLink(text: string, url: string | undefined): string {
  if (url === undefined) return markdownText(text);
  const target = url.replace(
    /[()<>\s\\]/g,
    (character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return `[${markdownText(text)}](${target})`;
}
