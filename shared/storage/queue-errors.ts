import { causeOf, type ErrorReport, reportedError } from './storage-errors.ts';

/**
 * The least role for each use of a queue. Contributor includes all of them. Source: "Authorize access to
 * queues using Microsoft Entra ID" and the built-in roles' data actions (Azure Storage docs).
 */
const ROLES = {
  create: 'Storage Queue Data Contributor',
  send: 'Storage Queue Data Message Sender',
  receive: 'Storage Queue Data Message Processor',
  count: 'Storage Queue Data Reader',
} as const;
const DOING = {
  create: 'create',
  send: 'send a message to',
  receive: 'receive messages from',
  count: 'count the messages in',
} as const satisfies Record<QueueUse, string>;
export type QueueUse = keyof typeof ROLES;

/**
 * A queue refuses us or can't be reached. The message names the queue and the role, and contains no secret.
 */
export class QueueError extends Error {
  override readonly name = 'QueueError';
  readonly queue: string;
  readonly use: QueueUse;
  readonly statusCode: number | undefined;
  constructor(use: QueueUse, queue: string, report: ErrorReport) {
    super(`Could not ${DOING[use]} the queue ${queue}: queue storage ${sentence(use, report)}`, {
      cause: causeOf(report),
    });
    this.queue = queue;
    this.use = use;
    this.statusCode = report.statusCode;
  }

  /** The role that would allow the use, if a permission is missing. */
  get role(): string | undefined {
    return this.isRefused ? ROLES[this.use] : undefined;
  }

  get isRefused(): boolean {
    return isRefusal(this.statusCode);
  }
}

/** Uses a queue. Throws `QueueError` if that fails; any other error is a bug and is thrown unchanged. */
export async function askQueue<T>(use: QueueUse, queue: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const report = reportedError(error);
    if (!report) throw error;
    throw new QueueError(use, queue, report);
  }
}

function sentence(use: QueueUse, { statusCode, code }: ErrorReport): string {
  const tail = code === undefined ? '' : ` (${code})`;
  if (statusCode === undefined) return `could not be reached${tail}. Check the endpoint and the network.`;
  if (!isRefusal(statusCode)) return `answered ${statusCode}${tail}.`;
  const orMore = ROLES[use] === ROLES.create ? '' : ` (or ${ROLES.create}, which includes it)`;
  return `answered ${statusCode}${tail}. Give the app's identity the role ${ROLES[use]}${orMore}; if it has the role, let it through the storage account's firewall.`;
}

function isRefusal(statusCode: number | undefined): boolean {
  return statusCode === 401 || statusCode === 403;
}
