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

/** `byPage`: so many rows in each answer, for a reader that stops early. */
export interface ListedRows extends AsyncIterable<StoredRow> {
  byPage(settings: { maxPageSize: number }): AsyncIterable<StoredRow[]>;
}

/**
 * The store's view of a table: a part of `TableClient`, so that the simulation can replace it with Azure's
 * rules.
 */
export interface TableLike {
  createTable(): Promise<void>;
  getEntity(partitionKey: string, rowKey: string): Promise<StoredRow>;
  listEntities(options: { queryOptions: { filter: string; select?: string[] } }): ListedRows;
  createEntity(entity: Row): Promise<{ etag?: string }>;
  updateEntity(entity: Row, mode: 'Replace', options: { etag: string }): Promise<{ etag?: string }>;
  deleteEntity(partitionKey: string, rowKey: string, options: { etag: string }): Promise<unknown>;
  submitTransaction(
    actions: TransactionAction[],
  ): Promise<{ subResponses: { status: number; etag?: string }[] }>;
}

export interface Tables {
  /** The authoritative state: a partition per policy. */
  policies: TableLike;
  /** Incidents that ended, with all their rows; a partition per policy, and one that lists them by time. */
  history: TableLike;
  /** The read model for lists; may be deleted at any time. */
  readModel: TableLike;
}
