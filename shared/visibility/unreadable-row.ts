/** A stored row that this version can't read. It is left unchanged, and everything else continues. */
export interface UnreadableRow {
  table: string;
  partitionKey: string;
  rowKey: string;
  /** The policy that it belongs to, if known. */
  policyId?: string;
  /** Why it can't be read, as half a sentence. */
  why: string;
  /**
   * The command that deletes it, for a POSIX shell (Azure Cloud Shell). Undefined: its keys can't be quoted
   * safely.
   */
  command?: string;
}

export function rowId({ table, partitionKey, rowKey }: UnreadableRow): string {
  return `${table}|${partitionKey}|${rowKey}`;
}
