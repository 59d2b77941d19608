/** Our storage can't be reached, is throttled, or refuses us: the call must be made again later. */
export class StorageUnavailableError extends Error {
  override readonly name = 'StorageUnavailableError';
  readonly statusCode: number | undefined;
  constructor(doing: string, what: ErrorReport) {
    super(`Could not ${doing}: table storage ${sentence(what)}`, { cause: causeOf(what) });
    this.statusCode = what.statusCode;
  }
}

/** Storage answered that the request itself is wrong: a bug of ours, which no later try fixes. */
export class StorageRefusedError extends Error {
  override readonly name = 'StorageRefusedError';
  readonly statusCode: number | undefined;
  constructor(doing: string, what: ErrorReport) {
    super(`Could not ${doing}: table storage ${sentence(what)}`, { cause: causeOf(what) });
    this.statusCode = what.statusCode;
  }
}

/** The table `history` can't be read. What is in `policies` can, and is answered without it. */
export class HistoryUnreadableError extends Error {
  override readonly name = 'HistoryUnreadableError';
  constructor(cause: StorageUnavailableError | StorageRefusedError) {
    super(cause.message, { cause });
  }
}

/** A row that this version does not write, or that exceeds Table Storage's limits and can't be shortened. */
export class BrokenRowError extends Error {
  override readonly name: string = 'BrokenRowError';
}

/** A row that this version can't read: damaged, edited by hand, or written by another version. */
export class UnreadableRowError extends BrokenRowError {
  override readonly name = 'UnreadableRowError';
  /** Half a sentence that follows "it can't be read:". Contains no stored data. */
  readonly why: string;
  constructor(row: { partitionKey?: string; rowKey?: string }, why: string, options?: ErrorOptions) {
    super(`The row ${row.partitionKey}/${row.rowKey} can't be read: ${why}.`, options);
    this.why = why;
  }
}

/**
 * Calls storage, and distinguishes expected refusals (`expected`: 404, 409, 412) from failures. Throws
 * `StorageUnavailableError` or `StorageRefusedError`; any other error is a bug and is thrown unchanged.
 */
export async function ask<T>(
  doing: string,
  work: () => Promise<T>,
  expected: readonly number[] = [],
): Promise<{ value: T; status?: undefined } | { value?: undefined; status: number }> {
  try {
    return { value: await work() };
  } catch (error) {
    const report = reportedError(error);
    if (!report) throw error;
    const isAway = report.code === BEING_DELETED || isPassing(report.statusCode);
    if (
      report.statusCode !== undefined &&
      report.code !== BEING_DELETED &&
      expected.includes(report.statusCode)
    )
      return { status: report.statusCode };
    throw isAway ? new StorageUnavailableError(doing, report) : new StorageRefusedError(doing, report);
  }
}

/**
 * A deleted table can't be read, written or recreated for 40 s to minutes ("Delete Table"): this is no
 * conflict between two writers, though the status is the same 409.
 */
const BEING_DELETED = 'TableBeingDeleted';

export interface ErrorReport {
  name: string;
  statusCode?: number;
  code?: string;
}

/**
 * Only the name, status and code are passed on: the SDK's error contains the whole request, with its bearer
 * token. Single operations have the service's code in `details.odataError.code`, transactions in `code`.
 */
export function reportedError(error: unknown): ErrorReport | undefined {
  if (!(error instanceof Error)) return undefined;
  const { statusCode, code, details } = error as { statusCode?: unknown; code?: unknown; details?: unknown };
  const isOfStorage =
    typeof statusCode === 'number' ||
    /^(RestError|AbortError|.*(Credential|Authentication).*)$/.test(error.name);
  if (!isOfStorage) return undefined;
  const inner = (details as { odataError?: { code?: unknown } } | undefined)?.odataError?.code;
  const report: ErrorReport = { name: error.name };
  if (typeof statusCode === 'number') report.statusCode = statusCode;
  const word = [inner, code].find((one) => typeof one === 'string' && /^[A-Za-z_]{1,60}$/.test(one));
  if (typeof word === 'string') report.code = word;
  return report;
}

/** We must fix 401, 403 and a missing table, and until then nothing may count as done. */
function isPassing(statusCode: number | undefined): boolean {
  return statusCode === undefined || statusCode >= 500 || [401, 403, 404, 408, 429].includes(statusCode);
}

function sentence({ statusCode, code }: ErrorReport): string {
  const tail = code === undefined ? '' : ` (${code})`;
  if (statusCode === undefined) return `could not be reached${tail}. Check the endpoint and the network.`;
  if (statusCode === 401 || statusCode === 403) {
    return `answered ${statusCode}${tail}. Give the app's identity the role Storage Table Data Contributor.`;
  }
  if (statusCode === 404) return `answered 404${tail}. The table is made at the app's start: start it again.`;
  return `answered ${statusCode}${tail}.`;
}

export function causeOf({ name, statusCode, code }: ErrorReport): Error {
  const cause = new Error([code, statusCode].filter((part) => part !== undefined).join(' '));
  cause.name = name;
  return cause;
}

/** Table Storage answers every accepted write with an ETag ("Insert Entity", "Update Entity"). */
export function etagOf(etag: string | undefined): string {
  if (etag === undefined) throw new StorageRefusedError('learn the ETag of a row', { name: 'NoETag' });
  return etag;
}
