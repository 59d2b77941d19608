const WIDTH = 80;

/**
 * Breaks a text into lines of 80 columns, the first after `lead`, the others indented to match. A longer word
 * stays whole.
 */
export function wrap(text: string, lead: string): string[] {
  const lines: string[] = [];
  let line = lead;
  for (const word of text.split(/\s+/).filter((one) => one !== '')) {
    const isFirst = line.trim() === '' || line === lead;
    const longer = isFirst ? `${line}${word}` : `${line} ${word}`;
    if (longer.length > WIDTH && !isFirst) {
      lines.push(line);
      line = `${' '.repeat(lead.length)}${word}`;
    } else line = longer;
  }
  return [...lines, line];
}
