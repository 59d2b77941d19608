import { html } from 'hono/html';
import { BLAST_SCOPE_KINDS, BLAST_SCOPES, type BlastScopeKind } from '../../preview/blast/scope.ts';
import type { Html, PageContext, RefusedQuestion } from './page.ts';
import { plainName } from './text.ts';

/** The fields of the form: the endpoint takes one parameter, whose name is the kind. */
export const BLAST_QUESTION_FIELDS = ['about', 'name'] as const;

const WORDS: Readonly<Record<BlastScopeKind, string>> = {
  vault: 'Key vault',
  key: 'Key',
  version: 'Key version',
  policy: 'Enterprise policy',
  principal: 'Principal',
  resourceGroup: 'Resource group',
  subscription: 'Subscription',
};

export function blastScopeWord(kind: BlastScopeKind): string {
  return WORDS[kind];
}

/** The address that the form stands for. Undefined: the form was not sent. */
export function blastQuestionAddress(parameters: URLSearchParams): string | undefined {
  const about = parameters.get('about');
  const kind = BLAST_SCOPE_KINDS.find((one) => one === about);
  if (kind === undefined) return undefined;
  return `?${new URLSearchParams({ [kind]: (parameters.get('name') ?? '').trim() })}`;
}

/** A plain GET form: it works without a script, and its answer has an address to hand on. */
export function blastQuestionHtml(
  context: Pick<PageContext, 'path' | 'parameters'>,
  problem?: RefusedQuestion,
): Html {
  const asked = BLAST_SCOPE_KINDS.find((kind) => context.parameters.has(kind));
  const text = asked === undefined ? '' : (context.parameters.get(asked) ?? '');
  const isAtFault = problem !== undefined && asked !== undefined;
  return html`<section class="panel" aria-labelledby="ask"><h2 id="ask">Ask about something</h2>
<form class="fields" method="get" action="${context.path}">
<label for="about">What<select id="about" name="about">${BLAST_SCOPE_KINDS.map(
    (kind) =>
      html`<option value="${kind}"${kind === (asked ?? 'vault') ? html` selected` : ''}>${WORDS[kind]}</option>`,
  )}</select></label>
<label for="name">Its name or id<input id="name" name="name" required maxlength="1000" autocomplete="off" spellcheck="false" value="${text === '' ? '' : plainName(text, 1000)}"${isAtFault ? html` aria-invalid="true" aria-describedby="refused"` : ''}></label>
<button class="main">Show what would take it down</button></form>
<details><summary>How to name each</summary><dl class="facts">${BLAST_SCOPE_KINDS.map((kind) => html`<div><dt>${WORDS[kind]}</dt><dd>${BLAST_SCOPES[kind].example}</dd></div>`)}</dl></details></section>`;
}
