import { html } from 'hono/html';
import { listed } from '../../notices/say/words.ts';
import { stateHtml } from './condition.ts';
import type { Html } from './page.ts';
import { nameHtml, plainName, textHtml } from './text.ts';
import type { WhoCanAnswer } from './who-can.ts';
import { holdersHtml } from './who-can-holders.ts';

type Operation = WhoCanAnswer['operations'][number];
/** An operation, or a step of a remediation. */
type Shown = Pick<Operation, 'title' | 'needs' | 'note' | 'unknown' | 'holders'> &
  Partial<Pick<Operation, 'refusedBy' | 'policyIds'>>;

/** What the same principals can do in the same ways. */
export interface HoldersList extends Pick<Operation, 'unknown' | 'holders'> {
  entries: (Pick<Operation, 'title' | 'needs' | 'note'> & { refusedBy: string[]; policyIds: string[] })[];
}

const NEEDS_SHOWN = 20;

/** Many operations need rights that one role gives, so one list of holders is shown once for all of them. */
export function holdersLists(all: readonly Shown[]): HoldersList[] {
  const lists = new Map<string, HoldersList>();
  for (const { title, needs, note, unknown, holders, refusedBy = [], policyIds = [] } of all) {
    const key = JSON.stringify([unknown, holders]);
    const list = lists.get(key) ?? { unknown, holders, entries: [] };
    lists.set(key, list);
    const same = list.entries.find((one) => one.title === title && `${one.refusedBy}` === `${refusedBy}`);
    if (same === undefined)
      list.entries.push({
        title,
        needs: [...needs],
        note,
        refusedBy: [...refusedBy],
        policyIds: [...policyIds],
      });
    else {
      same.policyIds.push(...policyIds);
      same.needs.push(...needs);
    }
  }
  return [...lists.values()];
}

export function holdersListHtml(
  { entries, ...held }: HoldersList,
  { policies, principals }: Pick<WhoCanAnswer, 'policies' | 'principals'>,
): Html {
  return html`<section class="panel"><div class="columns"><div class="column">${entries.map(({ title, note, refusedBy, policyIds }) => html`<div><h3>${textHtml(title, 300)}</h3>${policiesHtml(policyIds, policies)}${refusedBy.length === 0 ? '' : html`<p class="small">${stateHtml('fine', 'Refused at present')} ${refusedBy.map((text) => html`${textHtml(text, 400)} `)}</p>`}${note === undefined ? '' : html`<p class="small quiet">${textHtml(note, 400)}</p>`}</div>`)}
<details><summary>Which rights are needed</summary><ul class="small">${[...new Set(entries.flatMap(({ needs }) => needs))].slice(0, NEEDS_SHOWN).map((text) => html`<li>${textHtml(text, 600)}</li>`)}</ul></details></div><div class="column">${holdersHtml(held, principals)}</div></div></section>`;
}

/** Named only where the answer is about several policies. */
function policiesHtml(policyIds: readonly string[], policies: WhoCanAnswer['policies']): Html {
  if (policies.length < 2 || policyIds.length === 0) return html``;
  const names = policyIds.map((id) => plainName(policies.find((one) => one.id === id)?.name, 60));
  if (names.length === policies.length) return html`<p class="small quiet">Of every policy</p>`;
  return html`<p class="small quiet">Of ${nameHtml(listed(names, 5), 400)}</p>`;
}
