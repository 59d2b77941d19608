import type { TransactionAction } from '@azure/data-tables';

export interface Row {
  partitionKey: string;
  rowKey: string;
  [property: string]: unknown;
}
export interface StoredRow {
  etag: string;
  partitionKey?: string;
  rowKey?: string;
  [property: string]: unknown;
}

/**
 * The store's view of a table: a part of `TableClient`, so that the simulation can replace it with Azure's
 * rules.
 */
export interface TableLike {
  createTable(): Promise<void>;
  getEntity(partitionKey: string, rowKey: string): Promise<StoredRow>;
  listEntities(options: { queryOptions: { filter: string; select?: string[] } }): AsyncIterable<StoredRow>;
  createEntity(entity: Row): Promise<{ etag?: string }>;
  updateEntity(entity: Row, mode: 'Replace', options: { etag: string }): Promise<{ etag?: string }>;
  submitTransaction(
    actions: TransactionAction[],
  ): Promise<{ subResponses: { status: number; etag?: string }[] }>;
}

export interface Tables {
  /** The authoritative state: a partition per policy. */
  policies: TableLike;
  /** The read model for lists; may be deleted at any time. */
  readModel: TableLike;
}
