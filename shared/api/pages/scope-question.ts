import { html } from 'hono/html';
import type { Html, PageContext, RefusedQuestion } from './page.ts';
import { plainName } from './text.ts';

/** The fields of the form: the endpoint takes one parameter, whose name is the kind. */
export const SCOPE_QUESTION_FIELDS = ['about', 'name'] as const;

/** A question about one named thing. The first kind is chosen where nothing was asked yet. */
export interface ScopeQuestion {
  kinds: readonly { kind: string; word: string; example: string }[];
  heading: string;
  button: string;
}

/** The address that the form stands for. Undefined: the form was not sent. */
export function scopeQuestionAddress(
  { kinds }: ScopeQuestion,
  parameters: URLSearchParams,
): string | undefined {
  const about = parameters.get('about');
  const kind = kinds.find((one) => one.kind === about)?.kind;
  if (kind === undefined) return undefined;
  return `?${new URLSearchParams({ [kind]: (parameters.get('name') ?? '').trim() })}`;
}

/** A plain GET form: it works without a script, and its answer has an address to hand on. */
export function scopeQuestionHtml(
  { kinds, heading, button }: ScopeQuestion,
  context: Pick<PageContext, 'path' | 'parameters'>,
  problem?: RefusedQuestion,
): Html {
  const asked = kinds.find(({ kind }) => context.parameters.has(kind))?.kind;
  const text = asked === undefined ? '' : (context.parameters.get(asked) ?? '');
  const isAtFault = problem !== undefined && asked !== undefined;
  const chosen = asked ?? kinds[0]?.kind;
  return html`<section class="panel" aria-labelledby="ask"><h2 id="ask">${heading}</h2>
<form class="fields" method="get" action="${context.path}">
<label for="about">What<select id="about" name="about">${kinds.map(
    ({ kind, word }) =>
      html`<option value="${kind}"${kind === chosen ? html` selected` : ''}>${word}</option>`,
  )}</select></label>
<label for="name">Its name or id<input id="name" name="name" required maxlength="1000" autocomplete="off" spellcheck="false" value="${text === '' ? '' : plainName(text, 1000)}"${isAtFault ? html` aria-invalid="true" aria-describedby="refused"` : ''}></label>
<button class="main">${button}</button></form>
<details><summary>How to name each</summary><dl class="facts">${kinds.map(({ word, example }) => html`<div><dt>${word}</dt><dd>${example}</dd></div>`)}</dl></details></section>`;
}
