/** A page that shows the card of a Teams message, drawn by `adaptivecards` with Teams' colours and sizes. */
export function cardPage(message: object, renderer: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Teams</title><style>${STYLE}</style></head>
<body><div id="card"></div><script>${inScript(renderer)}</script>
<script>${inScript(`const MESSAGE = ${JSON.stringify(message)}; const HOST = ${JSON.stringify(HOST)};${DRAW}`)}</script></body></html>`;
}

function inScript(text: string): string {
  return text.replace(/<\/(script)/gi, '<\\/$1').replace(/<!--/g, '<\\!--');
}

const STYLE = `
  body { margin: 0; padding: 12px; background: #f5f5f5; font-family: 'Segoe UI', 'Open Sans', Helvetica, Arial, sans-serif }
  #card { background: #fff; border: 1px solid #e0e0e0; border-radius: 6px; overflow: hidden }
  .ac-pushButton { font: 600 14px/20px 'Segoe UI', Helvetica, Arial, sans-serif; padding: 5px 12px; min-height: 32px; background: #fff;
    border: 1px solid #d1d1d1; border-radius: 4px; color: #242424; margin: 0; white-space: normal }
  .ac-pushButton[aria-expanded=true] { background: #ebebeb }
  .ac-actionSet, .ac-actionSet > div { flex-wrap: wrap; row-gap: 8px }
  #card .ac-textBlock, #card .ac-richTextBlock, #card .ac-textRun { overflow-wrap: anywhere; word-break: break-word }
  .ac-fact-title { white-space: nowrap }
  a { color: #5b5fc7; text-decoration: none }`;

const color = (shown: string, subtle = shown) => ({ default: shown, subtle });
const FOREGROUND = {
  default: color('#242424', '#616161'),
  accent: color('#444791'),
  attention: color('#a4262c'),
  good: color('#0b6a0b'),
  warning: color('#8a4b08'),
};
const box = (backgroundColor: string) => ({ backgroundColor, foregroundColors: FOREGROUND });

/** After the host configuration of Teams in its light theme (Adaptive Cards docs: Host config). */
const HOST = {
  fontFamily: "'Segoe UI', 'Open Sans', Helvetica, Arial, sans-serif",
  fontSizes: { small: 12, default: 14, medium: 14, large: 18, extraLarge: 24 },
  fontWeights: { lighter: 300, default: 400, bolder: 600 },
  lineHeights: { small: 16, default: 20, medium: 20, large: 24, extraLarge: 32 },
  spacing: { small: 8, default: 12, medium: 16, large: 20, extraLarge: 24, padding: 14 },
  containerStyles: {
    default: box('#ffffff'),
    emphasis: box('#f0f0f0'),
    attention: box('#fdf3f4'),
    warning: box('#fff9f5'),
    good: box('#f1faf1'),
    accent: box('#ebf3fc'),
  },
  actions: {
    maxActions: 6,
    spacing: 'default',
    buttonSpacing: 8,
    showCard: { actionMode: 'inline', inlineTopMargin: 12, style: 'emphasis' },
    actionsOrientation: 'horizontal',
    actionAlignment: 'left',
  },
  factSet: {
    title: { weight: 'bolder', size: 'default', wrap: false, maxWidth: 120 },
    value: { weight: 'default', size: 'default', wrap: true },
    spacing: 12,
  },
};

/** The renderer leaves Markdown to its host; our cards use only links and backslash escapes. */
const DRAW = `
  const plain = (text) => text.replace(/\\\\([!-\\/:-@[-\`{-~])/g, '$1')
    .replace(/[&<>"]/g, (one) => '&#' + one.charCodeAt(0) + ';');
  AdaptiveCards.AdaptiveCard.onProcessMarkdown = (text, result) => {
    let html = ''; let rest = 0;
    for (const found of text.matchAll(/\\\\.|\\[((?:\\\\.|[^\\]\\\\])*)\\]\\(([^)\\s]*)\\)/g)) {
      if (found[2] === undefined) continue;
      html += plain(text.slice(rest, found.index)) + '<a href="' + plain(found[2]) + '">' + plain(found[1]) + '</a>';
      rest = found.index + found[0].length;
    }
    result.outputHtml = html + plain(text.slice(rest)); result.didProcess = true;
  };
  const card = new AdaptiveCards.AdaptiveCard();
  card.hostConfig = new AdaptiveCards.HostConfig(HOST);
  card.parse(MESSAGE.attachments[0].content);
  document.getElementById('card').append(card.render());`;
