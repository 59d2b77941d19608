import { TRANSACTION_BYTES, TRANSACTION_ROWS, wireBytes } from './entities.ts';
import type { Row } from './table-port.ts';

/** Rows of one partition, as many in each part as one transaction takes together with `beside` more rows. */
export function inBatches(rows: readonly Row[], beside = 0): Row[][] {
  const batches: Row[][] = [];
  let bytes = 0;
  for (const row of rows) {
    const size = wireBytes(row);
    const last = batches.at(-1);
    if (!last || last.length + beside >= TRANSACTION_ROWS || bytes + size > TRANSACTION_BYTES) {
      batches.push([row]);
      bytes = size;
    } else {
      last.push(row);
      bytes += size;
    }
  }
  return batches;
}
