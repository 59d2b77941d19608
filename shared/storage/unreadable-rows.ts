import { compareText } from '../compare-text.ts';
import { rowId, type UnreadableRow } from '../visibility/unreadable-row.ts';
import { UnreadableRowError } from './storage-errors.ts';
import type { StoredRow, Tables } from './table-port.ts';

/** A row that a read could not parse. */
export interface RowFault {
  row: StoredRow;
  why: string;
  policyId?: string;
}

/** Reads each row by itself; one that can't be read does not hold back the others. */
export function readEach<T>(
  rows: readonly StoredRow[],
  read: (row: StoredRow) => T,
): { values: T[]; faults: RowFault[] } {
  const values: T[] = [];
  const faults: RowFault[] = [];
  for (const row of rows) {
    try {
      values.push(read(row));
    } catch (error) {
      faults.push(faultOf(error, row));
    }
  }
  return { values, faults };
}

/** Throws any other error. */
export function faultOf(error: unknown, row: StoredRow): RowFault {
  if (!(error instanceof UnreadableRowError)) throw error;
  return { row, why: error.why };
}

/** The complete reads of every sweep, so that every process that sweeps knows the same. */
export type SweptRead = 'heads' | 'pending notices' | 'channels';

/** The unreadable rows that this process has found. */
export interface UnreadableRows {
  /** Found by the last complete reads that every sweep makes. */
  swept: UnreadableRow[];
  /** All that were found, including these: for example by a request for an incident. */
  all: UnreadableRow[];
}

const READS_KEPT = 200;
const SWEPT: readonly string[] = ['heads', 'pending notices', 'channels'] satisfies SweptRead[];

/**
 * Keeps the unreadable rows of each read, until the same read is made again. `account`: the storage account's
 * name, if the endpoint contains it.
 */
export function unreadableRows(names: Record<keyof Tables, string>, account?: string) {
  const met = new Map<string, UnreadableRow[]>();
  return {
    /** `read`: the name of the read; a later read of that name replaces the rows of this one. */
    note(read: SweptRead | (string & {}), table: keyof Tables, faults: readonly RowFault[]): void {
      met.delete(read);
      if (faults.length === 0) return;
      met.set(
        read,
        faults.map((fault) => named(fault, names[table], account)),
      );
      const asked = [...met.keys()].filter((name) => !SWEPT.includes(name));
      for (const oldest of asked.slice(0, Math.max(0, asked.length - READS_KEPT))) met.delete(oldest);
    },
    rows(): UnreadableRows {
      const inOrder = (reads: readonly string[]) => {
        const rows = reads.flatMap((read) => met.get(read) ?? []);
        return [...new Map(rows.map((row) => [rowId(row), row])).values()].sort((a, b) =>
          compareText(rowId(a), rowId(b)),
        );
      };
      return { swept: inOrder(SWEPT), all: inOrder([...met.keys()]) };
    },
  };
}

function named({ row, why, policyId }: RowFault, table: string, account?: string): UnreadableRow {
  const { partitionKey = '', rowKey = '' } = row;
  const command = deleteCommand({ table, partitionKey, rowKey }, account);
  return {
    table,
    partitionKey,
    rowKey,
    ...(policyId === undefined ? {} : { policyId }),
    why,
    ...(command === undefined ? {} : { command }),
  };
}

/**
 * Azure CLI docs, `az storage entity delete`. Our keys contain bars, which `azCommand` rejects because of
 * cmd.exe.
 */
function deleteCommand(
  { table, partitionKey, rowKey }: { table: string; partitionKey: string; rowKey: string },
  account = '<storage account>',
): string | undefined {
  const values = [account, table, partitionKey, rowKey].map((value) =>
    /^[\w.:=|<> -]+$/.test(value) && !value.startsWith('-') ? `'${value}'` : undefined,
  );
  if (values.includes(undefined)) return undefined;
  const [name, from, partition, key] = values;
  return `az storage entity delete --account-name ${name} --table-name ${from} --partition-key ${partition} --row-key ${key} --auth-mode login`;
}

/**
 * The account's name in the address of its tables: a label of the host, or the first part of the path in
 * Azurite.
 */
export function accountIn(endpoint: string): string | undefined {
  const url = URL.parse(endpoint);
  const host = /^([a-z0-9]{3,24})\.(?:[a-z0-9-]+\.)*table\./.exec(url?.hostname ?? '')?.[1];
  return host ?? /^\/([a-z0-9]{3,24})$/.exec(url?.pathname ?? '')?.[1];
}
