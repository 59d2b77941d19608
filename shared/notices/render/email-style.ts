import type { Tone } from '../say/message.ts';

const FONT = "font-family:'Segoe UI',Helvetica,Arial,sans-serif";
const BREAKS = 'overflow-wrap:anywhere;word-break:break-word';

/** Inline, on every element that needs it: Outlook and Gmail's older programs support nothing else. */
export const STYLE = {
  body: `margin:0;padding:0;background-color:#f3f2f1;${FONT};font-size:15px;line-height:1.45;color:#1b1b1b`,
  sheet: `max-width:700px;background-color:#ffffff;${FONT}`,
  band: 'padding:14px 20px',
  h1: `margin:0;${FONT};font-size:20px;line-height:1.3;font-weight:600;${BREAKS}`,
  inside: `padding:12px 20px 16px 20px;${FONT};font-size:15px;line-height:1.45;color:#1b1b1b`,
  lead: `margin:0 0 8px 0;${BREAKS}`,
  glance: 'margin:12px 0;background-color:#f7f6f5',
  label: `padding:5px 12px 5px 12px;width:104px;${FONT};font-size:14px;font-weight:600;color:#1b1b1b`,
  value: `padding:5px 12px 5px 0;${FONT};font-size:14px;color:#1b1b1b;${BREAKS}`,
  button: 'padding:8px 14px;background-color:#0b5cad;border-radius:4px',
  onButton: `${FONT};font-size:14px;font-weight:600;color:#ffffff;text-decoration:none`,
  h2: `margin:22px 0 6px 0;${FONT};font-size:17px;line-height:1.3;color:#1b1b1b`,
  h3: `margin:12px 0 4px 0;${FONT};font-size:15px;line-height:1.3;color:#1b1b1b;${BREAKS}`,
  p: `margin:0 0 6px 0;${BREAKS}`,
  cell: `padding:5px 12px 5px 0;border-bottom:1px solid #d8d6d4;text-align:left;vertical-align:top;${FONT};font-size:14px;${BREAKS}`,
  small: 'font-size:13px;color:#595959',
  list: 'margin:4px 0 6px 0;padding-left:24px',
  step: `margin:0 0 10px 0;${BREAKS}`,
  around: 'margin:4px 0',
  code: 'padding:8px 10px;background-color:#f3f3f3;font-family:Consolas,Menlo,monospace;font-size:13px;line-height:1.4;word-wrap:break-word;overflow-wrap:anywhere',
  link: 'color:#0b5cad',
  footer: 'margin:22px 0 0 0;font-size:12px;color:#595959',
} as const;

/**
 * The band with the headline. Its text has a contrast of at least 4.5 (WCAG 2.2, 1.4.3) in light and dark
 * mode.
 */
export const TONES: Record<Tone, { band: string; light: string }> = {
  alarm: { band: '#a4262c', light: '#ffffff' },
  warning: { band: '#8a4b08', light: '#ffffff' },
  good: { band: '#0b6a0b', light: '#ffffff' },
  info: { band: '#0b5cad', light: '#ffffff' },
};

/**
 * Dark colours for mail programs that request them: by media query, and by the attribute that Outlook on the
 * web sets. A program that supports neither shows the light ones, or inverts them itself.
 */
const NIGHT = {
  '.lw-page': 'background-color:#141414',
  '.lw-sheet': 'background-color:#1f1f1f',
  '.lw-text': 'color:#f0f0f0',
  '.lw-glance': 'background-color:#2b2b2b',
  '.lw-line': 'color:#f0f0f0;border-bottom-color:#484848',
  '.lw-muted': 'color:#c4c4c4',
  '.lw-code': 'color:#f0f0f0;background-color:#2e2e2e',
  '.lw-link': 'color:#8ab8ff',
  '.lw-button': 'background-color:#0b5cad',
  '.lw-on-button': 'color:#ffffff',
} as const;

export const DARK = [
  ':root{color-scheme:light dark;supported-color-schemes:light dark}',
  `@media (prefers-color-scheme:dark){${rules('')}}`,
  rules('[data-ogsc] '),
].join('\n');

function rules(before: string): string {
  return Object.entries(NIGHT)
    .map(
      ([name, style]) =>
        `${before}${name}{${style
          .split(';')
          .map((one) => `${one}!important`)
          .join(';')}}`,
    )
    .join('');
}
