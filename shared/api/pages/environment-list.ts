import { html } from 'hono/html';
import { isShownDisabled, isShownRunning } from '../../facts/environment-state.ts';
import { count } from '../../notices/say/words.ts';
import { environmentAddress } from './addresses.ts';
import { stateHtml } from './condition.ts';
import type { Html, PageContext } from './page.ts';
import { addressWith, pageOfList, pagerHtml, wantedText } from './paging.ts';
import type { StatusPolicy } from './policy-condition.ts';
import { nameHtml, textHtml, timeHtml } from './text.ts';

export const ENVIRONMENT_LIST_PARAMETERS = ['find', 'page'] as const;
const PAGE_SIZE = 50;

/** The environments of a policy as its last list shows them. */
export function environmentListHtml(
  { asOf, source, count: amount, items }: StatusPolicy['environments'],
  context: PageContext,
): Html {
  const find = wantedText(context.parameters);
  const chosen = items
    .filter(
      ({ displayName, id }) => find === '' || displayName.toLowerCase().includes(find) || id.includes(find),
    )
    .sort((a, b) => (a.displayName < b.displayName ? -1 : 1));
  const list = pageOfList(chosen, PAGE_SIZE, context.parameters);
  return html`<section class="panel" id="part-environments" data-live aria-labelledby="environments"><h2 id="environments">${amount === null ? 'Environments' : count(amount, 'environment')}</h2>
${amount === null ? html`<p>No list of its environments has been read yet, so which they are is not known.</p>` : ''}
${amount === 0 ? html`<p>No environment is linked to this policy.</p>` : ''}
${items.length > 10 || find !== '' ? html`<form class="filter" method="get" action="${context.path}#environments" role="search"><label>Find by name or id<input type="search" name="find" value="${find}" maxlength="200"></label><button>Find</button></form>` : ''}
${chosen.length === 0 && items.length > 0 ? html`<p>No environment matches. <a href="${addressWith(context, { find: '', page: '' }, '#environments')}">Show all of them</a></p>` : ''}
<ul class="rows three">${list.shown.map(
    (one) =>
      html`<li><span><a href="${environmentAddress(one.id)}">${nameHtml(one.displayName)}</a></span><span>${stateOf(one, source)}</span><span class="small quiet">${textHtml(one.sku, 40)}, ${textHtml(one.region, 60)}</span></li>`,
  )}</ul>${pagerHtml(list, chosen.length, 'environment', context, { anchor: '#environments' })}
${asOf === null ? '' : html`<p class="small quiet">${source === 'inventory' ? 'From your inventory' : "From Power Platform's own list"}, of ${timeHtml(asOf)}.</p>`}</section>`;
}

/** An inventory has no states, and one that left the lists has none either. */
function stateOf(
  one: StatusPolicy['environments']['items'][number],
  source: 'powerPlatform' | 'inventory' | null,
): Html {
  if (one.missingSince !== undefined) return stateHtml('unknown', 'no longer listed');
  if (source === 'inventory') return stateHtml('unknown', 'state not known');
  if (isShownRunning(one)) return stateHtml('fine', 'running');
  return isShownDisabled(one)
    ? stateHtml('down', 'disabled')
    : stateHtml(
        'unknown',
        one.instanceState === undefined ? 'state not known' : `state ${one.instanceState.slice(0, 30)}`,
      );
}
