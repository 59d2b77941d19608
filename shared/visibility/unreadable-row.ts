/** A stored row that this version can't read. It is left as it is, and everything else goes on. */
export interface UnreadableRow {
  table: string;
  partitionKey: string;
  rowKey: string;
  /** Whose it is, where that is known. */
  policyId?: string;
  /** Half a sentence: why it can't be read. */
  why: string;
  /** Deletes it, for a POSIX shell (Azure Cloud Shell). Undefined: its keys can't be quoted safely. */
  command?: string;
}

export function rowId({ table, partitionKey, rowKey }: UnreadableRow): string {
  return `${table}|${partitionKey}|${rowKey}`;
}
