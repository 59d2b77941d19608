import { html } from 'hono/html';
import { plain } from '../../notices/say/plain.ts';
import { count } from '../../notices/say/words.ts';
import type { Html, PageContext } from './page.ts';

/** One page of a long list, as the query asks for it. A number that is none, or too large, gives the nearest page. */
export function pageOfList<T>(
  all: readonly T[],
  size: number,
  parameters: URLSearchParams,
  parameter = 'page',
): { shown: readonly T[]; number: number; pages: number; from: number } {
  const pages = Math.max(1, Math.ceil(all.length / size));
  const asked = Number.parseInt(parameters.get(parameter) ?? '1', 10);
  const number = Number.isNaN(asked) ? 1 : Math.min(Math.max(1, asked), pages);
  const from = (number - 1) * size;
  return { shown: all.slice(from, from + size), number, pages, from };
}

/** The text that a list is filtered by, as people type it into the field `find`. Empty: no filter. */
export function wantedText(parameters: URLSearchParams): string {
  return plain(parameters.get('find') ?? '', 200).toLowerCase();
}

/** The same address with other parameters; an empty value removes one. */
export function addressWith(
  { path, parameters }: Pick<PageContext, 'path' | 'parameters'>,
  change: Readonly<Record<string, string>>,
  anchor = '',
): string {
  const next = new URLSearchParams(parameters);
  next.delete('done');
  next.delete('problem');
  for (const [name, value] of Object.entries(change))
    if (value === '') next.delete(name);
    else next.set(name, value);
  const query = next.toString();
  return `${path}${query === '' ? '' : `?${query}`}${anchor}`;
}

/** "101 to 150 of 10,000 environments", and the neighbours. Nothing where all fit on one page. */
export function pagerHtml(
  list: { shown: readonly unknown[]; number: number; pages: number; from: number },
  total: number,
  noun: string,
  context: PageContext,
  { parameter = 'page', anchor = '' } = {},
): Html {
  if (list.pages === 1) return html``;
  const link = (number: number, text: string) =>
    number < 1 || number > list.pages
      ? ''
      : html`<a href="${addressWith(context, { [parameter]: number === 1 ? '' : String(number) }, anchor)}">${text}</a>`;
  return html`<nav class="pager" aria-label="Pages of this list">${link(list.number - 1, 'Previous')}<span class="small">${list.from + 1} to ${list.from + list.shown.length} of ${count(total, noun)}</span>${link(list.number + 1, 'Next')}${list.number + 1 < list.pages ? link(list.pages, 'Last') : ''}</nav>`;
}

/** The parameters that a GET form must keep, since it replaces the query. */
export function keptFields(parameters: URLSearchParams, names: readonly string[]): Html {
  return html`${names.map((name) => {
    const value = parameters.get(name);
    return value === null ? '' : html`<input type="hidden" name="${name}" value="${value}">`;
  })}`;
}
