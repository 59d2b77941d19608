import { html } from 'hono/html';
import type { UnreadableRow } from '../../visibility/unreadable-row.ts';
import type { Html } from './page.ts';
import { commandHtml } from './steps.ts';
import { plainName, textHtml } from './text.ts';

const ROWS_SHOWN = 20;

/** Stored rows that can't be read: each stays as it is until a person deletes it. */
export function unreadableRowsHtml(rows: readonly UnreadableRow[], amount: number): Html {
  if (rows.length === 0) return html``;
  return html`<section class="panel" aria-labelledby="rows"><h2 id="rows">Stored rows that can't be read</h2>
<p>What they hold is missing from these pages. Each stays as it is until somebody deletes it.</p>
<ul class="rows">${rows
    .slice(0, ROWS_SHOWN)
    .map(
      ({ table, partitionKey, rowKey, why, command }, index) =>
        html`<li><span>${textHtml(why, 400)}</span><span class="small quiet">Table ${plainName(table)}, PartitionKey ${plainName(partitionKey)}, RowKey ${plainName(rowKey)}</span>${command === undefined ? '' : commandHtml(`row-${index + 1}`, plainName(command, 2000))}</li>`,
    )}</ul>${amount > ROWS_SHOWN ? html`<p>And ${amount - Math.min(rows.length, ROWS_SHOWN)} more.</p>` : ''}</section>`;
}
