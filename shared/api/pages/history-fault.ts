import { html } from 'hono/html';
import type { Html } from './page.ts';
import { textHtml } from './text.ts';

/** Where the table `history` can't be read: a list without ended incidents must not read as if there were none. */
export function historyFaultHtml(fault: string | null): Html {
  if (fault === null) return html``;
  return html`<section class="note unknown" aria-labelledby="history-fault"><h2 id="history-fault">Ended incidents can't be read just now</h2>
<p>Those that ended more than a day ago are missing here. Open incidents are not affected. ${textHtml(fault, 400)}</p></section>`;
}
