import { html } from 'hono/html';

type Part = ReturnType<typeof html>;
type Fields = Record<string, unknown>;

/**
 * A Teams message as HTML: the texts, facts and buttons of its Adaptive Cards in order, with the content of a
 * button collapsed. Elements that the card writer doesn't use are shown as their JSON, so that nothing is
 * hidden.
 */
export function cardHtml(message: unknown): Part[] {
  const cards = list(fields(message).attachments).map((attachment) => fields(fields(attachment).content));
  return cards.length > 0 ? cards.map(card) : [verbatim(message)];
}

function card(content: Fields): Part {
  return html`${list(content.body).map(element)}${list(content.actions).map(action)}`;
}

function element(value: unknown): Part {
  const part = fields(value);
  if (part.type === 'TextBlock' && typeof part.text === 'string') {
    const classes = [part.size, part.weight, part.color].filter((one) => typeof one === 'string');
    return html`<p class="${classes.join(' ').toLowerCase()}">${markdown(part.text)}</p>`;
  }
  if (part.type === 'RichTextBlock')
    return html`<pre>${list(part.inlines).map((run) => String(fields(run).text ?? ''))}</pre>`;
  if (part.type === 'Container') return html`${list(part.items).map(element)}`;
  if (part.type === 'FactSet')
    return html`<dl>${list(part.facts).map((fact) => {
      const { title, value: content } = fields(fact);
      return html`<dt>${String(title)}</dt><dd>${markdown(String(content))}</dd>`;
    })}</dl>`;
  return verbatim(value);
}

function action(value: unknown): Part {
  const { type, title, url, card: shown } = fields(value);
  if (type === 'Action.ShowCard')
    return html`<details><summary>${String(title)}</summary>${card(fields(shown))}</details>`;
  if (type === 'Action.OpenUrl' && typeof url === 'string') return html`<p>${link(String(title), url)}</p>`;
  return verbatim(value);
}

/** Links and backslash escapes: all of Markdown that the card writer uses. */
function markdown(text: string): Part[] {
  const parts: Part[] = [];
  let rest = 0;
  for (const found of text.matchAll(/\\.|\[((?:\\.|[^\]\\])*)\]\(([^)\s]*)\)/g)) {
    if (found[2] === undefined) continue; // an escaped character begins no link
    parts.push(html`${plain(text.slice(rest, found.index))}${link(plain(found[1] ?? ''), found[2])}`);
    rest = found.index + found[0].length;
  }
  return [...parts, html`${plain(text.slice(rest))}`];
}

function plain(text: string): string {
  return text.replace(/\\([^a-z0-9\s])/gi, '$1');
}

function link(text: string, url: string): Part {
  if (!/^https?:\/\//i.test(url)) return html`${text} (${url})`;
  return html`<a href="${url}" target="_blank" rel="noopener">${text}</a>`;
}

function verbatim(value: unknown): Part {
  return html`<pre>${JSON.stringify(value, null, 2)}</pre>`;
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
