import type { Section } from '../say/message.ts';
import { truncate } from '../say/plain.ts';
import { markdownText } from './card-text.ts';

/** The limits of a card's content. `text`: characters of one text. */
export interface Limits {
  policies: number;
  environments: number;
  evidence: number;
  steps: number;
  text: number;
}
export const FULL: Limits = { policies: 40, environments: 60, evidence: 8, steps: 40, text: 700 };

export type Element = Record<string, unknown>;

export function texts(section: Section, limits: Limits, most: number): Element[] {
  const shown = section.texts.slice(0, most).map((text) => textBlock(text, limits.text));
  const more = section.texts.length - shown.length;
  return more > 0 ? [...shown, line(`and ${more} more`)] : shown;
}

export function heading({ heading: text }: Pick<Section, 'heading'>): Element {
  return { ...line(text), weight: 'bolder', size: 'medium', spacing: 'medium' };
}

export function textBlock(text: string, most: number, style: Element = {}): Element {
  return { type: 'TextBlock', text: markdownText(truncate(text, most)), wrap: true, ...style };
}

/** `markdown` is escaped already. */
export function line(markdown: string): Element {
  return { type: 'TextBlock', text: markdown, wrap: true, spacing: 'none' };
}

/** Copied unchanged: a text run reads no Markdown (Adaptive Cards docs: Text features). */
export function verbatim(text: string): Element {
  return {
    type: 'RichTextBlock',
    inlines: [{ type: 'TextRun', text, fontType: 'monospace' }],
    spacing: 'small',
  };
}
