import type { TransactionAction } from '@azure/data-tables';
import type { Row, StoredRow, TableLike } from '../../shared/storage/table-port.ts';

/** What one call is about, for tests that fail, delay or count calls. */
export interface TableCall {
  operation:
    | 'createTable'
    | 'getEntity'
    | 'listEntities'
    | 'createEntity'
    | 'updateEntity'
    | 'deleteEntity'
    | 'submitTransaction';
  rowKeys: string[];
}

export interface MemoryTable extends TableLike {
  /** Runs before a call takes effect; what it throws, the caller gets. */
  before?: (call: TableCall) => void | Promise<void>;
  /** Runs after a call took effect; what it throws stands for an answer lost on its way. */
  after?: (call: TableCall) => void | Promise<void>;
  rows(): StoredRow[];
  /** As a person deletes a row. */
  deleteTable(): void;
  /** As a person does it with the Azure CLI. */
  deleteRow(partitionKey: string, rowKey: string): void;
}

interface Partition {
  rows: Map<string, StoredRow>;
  /** The keys in their order, from the first list after a row was added. */
  sorted: string[] | undefined;
}
type Partitions = Map<string, Partition>;

/** Rows a page, as Azure gives at most; between two pages others may write. */
const PAGE = 1_000;
const MAX_TRANSACTION_BYTES = 4 * 1024 * 1024;

/**
 * A table in memory that refuses what Azure refuses ("Understanding the Table service data model", "Performing
 * entity group transactions"): keys, sizes, stale ETags, transactions of more than 100 rows or 4 MiB or two
 * partitions. Azurite lets some of that pass. `exists`: whether the table is there from the start.
 */
export function memoryTable(exists = true): MemoryTable {
  let stored: Partitions | undefined = exists ? new Map() : undefined;
  let writes = 0;
  const table: MemoryTable = {
    createTable: () =>
      around('createTable', [], () => {
        stored ??= new Map();
      }),
    getEntity: (partitionKey, rowKey) =>
      around('getEntity', [rowKey], () => {
        const row = present().get(partitionKey)?.rows.get(rowKey);
        if (!row) throw refusal(404, 'ResourceNotFound');
        return copyOf(row);
      }),
    listEntities: ({ queryOptions: { filter } }) => ({
      [Symbol.asyncIterator]: () => flat(pages(filter, PAGE)),
      byPage: ({ maxPageSize }) => pages(filter, maxPageSize),
    }),
    createEntity: (entity) =>
      around('createEntity', [entity.rowKey], () => ({ etag: put(present(), entity, 'create') })),
    updateEntity: (entity, _mode, { etag }) =>
      around('updateEntity', [entity.rowKey], () => ({ etag: put(present(), entity, 'update', etag) })),
    deleteEntity: (partitionKey, rowKey, { etag }) =>
      around('deleteEntity', [rowKey], () => {
        const before = present().get(partitionKey)?.rows.get(rowKey);
        if (!before) throw refusal(404, 'ResourceNotFound');
        if (etag !== '*' && before.etag !== etag) throw refusal(412, 'UpdateConditionNotSatisfied');
        remove(present(), { partitionKey, rowKey });
      }),
    submitTransaction: (actions) =>
      around(
        'submitTransaction',
        actions.map(([, entity]) => entity.rowKey),
        () => ({
          subResponses: transact(actions).map((etag) => ({ status: 204, etag })),
        }),
      ),
    rows: () => [...(stored?.values() ?? [])].flatMap(({ rows }) => [...rows.values()]),
    deleteTable: () => {
      stored = undefined;
    },
    deleteRow: (partitionKey, rowKey) => {
      stored?.get(partitionKey)?.rows.delete(rowKey);
    },
  };

  async function around<T>(operation: TableCall['operation'], rowKeys: string[], work: () => T): Promise<T> {
    await table.before?.({ operation, rowKeys });
    const answer = work();
    await table.after?.({ operation, rowKeys });
    return answer;
  }

  async function* flat(listed: AsyncIterable<StoredRow[]>): AsyncGenerator<StoredRow> {
    for await (const page of listed) yield* page;
  }

  async function* pages(filter: string, size: number): AsyncGenerator<StoredRow[]> {
    if (!(size > 0 && size <= PAGE)) throw refusal(400, 'InvalidInput');
    const { partitionKey, matches } = filterOf(filter);
    let last: StoredRow | undefined;
    for (;;) {
      const page: StoredRow[] = await around('listEntities', [], () => {
        const keys = partitionKey === undefined ? [...present().keys()].sort() : [partitionKey];
        const found: StoredRow[] = [];
        for (const key of keys) {
          if (found.length === size) break;
          const after = last?.partitionKey ?? '';
          if (key >= after) take(key, key === after ? last?.rowKey : undefined, matches, found, size);
        }
        return found;
      });
      yield page;
      last = page.at(-1);
      if (!last || page.length < size) return;
    }
  }

  /** Adds what matches of one partition's rows after that key, until the page is full. */
  function take(
    key: string,
    after: string | undefined,
    matches: (row: StoredRow) => boolean,
    page: StoredRow[],
    size: number,
  ) {
    const partition = present().get(key);
    if (!partition) return;
    partition.sorted ??= [...partition.rows.keys()].sort();
    for (const rowKey of partition.sorted) {
      if (page.length === size) return;
      const row = partition.rows.get(rowKey);
      if (row && (after === undefined || rowKey > after) && matches(row)) page.push(copyOf(row));
    }
  }

  function present(): Partitions {
    if (!stored) throw refusal(404, 'TableNotFound');
    return stored;
  }

  function put(partitions: Partitions, entity: Row, how: 'create' | 'update' | 'upsert', etag = '*'): string {
    const row = checked(entity);
    const partition: Partition = partitions.get(row.partitionKey) ?? { rows: new Map(), sorted: undefined };
    const before = partition.rows.get(row.rowKey);
    if (how === 'create' && before) throw refusal(409, 'EntityAlreadyExists');
    if (how === 'update' && !before) throw refusal(404, 'ResourceNotFound');
    if (how === 'update' && etag !== '*' && before?.etag !== etag)
      throw refusal(412, 'UpdateConditionNotSatisfied');
    writes += 1;
    const made = `W/"${writes}"`;
    if (!before) partition.sorted = undefined;
    partition.rows.set(row.rowKey, { ...copyOf(row), etag: made });
    partitions.set(row.partitionKey, partition);
    return made;
  }

  /** Of a copy: the sorted keys of what is copied stay. */
  function remove(
    partitions: Partitions,
    { partitionKey, rowKey }: { partitionKey: string; rowKey: string },
  ) {
    const partition = partitions.get(partitionKey);
    if (!partition?.rows.delete(rowKey)) throw refusal(404, 'ResourceNotFound', true);
    partition.sorted = undefined;
    return '';
  }

  function transact(actions: TransactionAction[]): string[] {
    if (actions.length === 0 || actions.length > 100) throw refusal(400, 'InvalidInput', true);
    const [partitionKey = ''] = new Set(actions.map(([, entity]) => entity.partitionKey));
    if (actions.some(([, entity]) => entity.partitionKey !== partitionKey)) {
      throw refusal(400, 'CommandsInBatchActOnDifferentPartitions', true);
    }
    if (new Set(actions.map(([, entity]) => entity.rowKey)).size !== actions.length) {
      throw refusal(400, 'InvalidDuplicateRow', true);
    }
    const total = (bytes: (entity: object) => number) =>
      actions.reduce((sum, [, entity]) => sum + bytes(entity), 0);
    if (total(maxBodyBytes) > MAX_TRANSACTION_BYTES && total(bodyBytes) > MAX_TRANSACTION_BYTES)
      throw refusal(413, 'RequestBodyTooLarge', true);
    const before = present().get(partitionKey);
    // All or nothing: the rows are put into a copy of their partition, which takes its place at the end.
    const copy: Partitions = new Map();
    if (before) copy.set(partitionKey, { rows: new Map(before.rows), sorted: before.sorted });
    const etags = actions.map((action) => {
      const [how, entity] = action;
      if (how === 'delete') return remove(copy, entity);
      const options = how === 'update' ? action[3] : undefined;
      try {
        return put(copy, entity, how, options?.etag);
      } catch (error) {
        const { statusCode, details } = error as ReturnType<typeof refusal>;
        throw refusal(statusCode, details?.odataError.code ?? 'InvalidInput', true);
      }
    });
    for (const [key, partition] of copy) present().set(key, partition);
    return etags;
  }

  return table;
}

/** As the SDK's errors: single operations carry the code in `details`, transactions in `code`. */
export function refusal(statusCode: number, code: string, inTransaction = false) {
  const error = new Error(`Refused: ${code}`);
  error.name = 'RestError';
  return Object.assign(error, {
    statusCode,
    code: inTransaction ? code : undefined,
    details: inTransaction ? undefined : { odataError: { code } },
    request: { headers: { authorization: 'Bearer SECRET-TOKEN' } },
  });
}

function checked(entity: Row): Row {
  for (const key of [entity.partitionKey, entity.rowKey]) {
    if (/[/\\#?]|\p{Cc}/u.test(key)) throw refusal(400, 'OutOfRangeInput');
    if (key.length * 2 > 1024) throw refusal(400, 'KeyValueTooLarge');
  }
  const properties = Object.entries(entity).filter(([, value]) => value !== undefined && value !== null);
  if (properties.length > 255) throw refusal(400, 'TooManyProperties');
  let size = 0;
  for (const [name, value] of properties) {
    if (!/^[A-Za-z_]\w{0,254}$/.test(name)) throw refusal(400, 'PropertyNameInvalid');
    const bytes = valueBytes(value);
    if (bytes > 64 * 1024) throw refusal(400, 'PropertyValueTooLarge');
    size += bytes + name.length * 2 + 8;
  }
  if (size > 1024 * 1024) throw refusal(400, 'EntityTooLarge');
  return Object.fromEntries(properties) as Row;
}

/** Rows hold plain values and bytes, nothing deeper: several times faster than `structuredClone`. */
function copyOf<T extends object>(row: T): T {
  const bytes = Object.entries(row).filter(([, value]) => value instanceof Uint8Array);
  return { ...row, ...Object.fromEntries(bytes.map(([name, value]) => [name, new Uint8Array(value)])) };
}

function valueBytes(value: unknown): number {
  if (typeof value === 'string') return value.length * 2;
  if (value instanceof Uint8Array) return value.length;
  if (typeof value === 'boolean' || typeof value === 'number') return 8;
  throw new TypeError(`Unknown EDM type ${typeof value}`);
}

function bodyBytes(entity: object): number {
  const wire = Object.entries(entity).map(([name, value]) => [
    name,
    value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
  ]);
  return Buffer.byteLength(JSON.stringify(Object.fromEntries(wire))) + 500;
}

/** No character takes more than six bytes of JSON, no byte more than two of base64. */
function maxBodyBytes(entity: object): number {
  let most = 500;
  for (const [name, value] of Object.entries(entity)) {
    most += name.length + 40;
    if (typeof value === 'string') most += value.length * 6;
    if (value instanceof Uint8Array) most += value.length * 2;
  }
  return most;
}

/** The part of OData that the store uses: comparisons of texts, joined by "and". */
function filterOf(filter: string) {
  let partitionKey: string | undefined;
  const tests = filter.split(' and ').map((part) => {
    const match = /^(\w+) (eq|ge|gt|le|lt) '((?:[^']|'')*)'$/.exec(part);
    if (!match) throw refusal(400, 'InvalidInput');
    const [, property = '', operator = '', text = ''] = match;
    const name = { PartitionKey: 'partitionKey', RowKey: 'rowKey' }[property] ?? property;
    const wanted = text.replaceAll("''", "'");
    if (property === 'PartitionKey' && operator === 'eq') partitionKey = wanted;
    return (row: StoredRow) => compare(String(row[name] ?? ''), operator, wanted);
  });
  return { partitionKey, matches: (row: StoredRow) => tests.every((test) => test(row)) };
}

function compare(value: string, operator: string, wanted: string): boolean {
  switch (operator) {
    case 'eq':
      return value === wanted;
    case 'ge':
      return value >= wanted;
    case 'gt':
      return value > wanted;
    case 'le':
      return value <= wanted;
    default:
      return value < wanted;
  }
}
