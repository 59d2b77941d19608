import { auditSignal, succeededUseOf } from './audit-record.ts';
import { inDiagnosticSchema, namesOperation } from './log-analytics-record.ts';
import { unwrap } from './message-body.ts';
import type { Signal } from './signal.ts';
import { type Unreadable, unreadableMessage } from './unreadable.ts';
import { recordFrom } from './untrusted.ts';
import { isRefusedUnwrap } from './watch-list.ts';

/** The content of one batch of messages from the audit log's event hub. */
export interface AuditBatch {
  signals: Signal[];
  /** At most one for each message. The readable records of that message are in `signals`. */
  unreadable: Unreadable[];
  /**
   * The first message with records of which none names an operation: the hub carries something else than the
   * audit log, or the log in a schema that is not known.
   */
  unrecognised?: Unreadable;
  /** The last unwrap of each caller and key that succeeded, if refusals make them relevant. */
  succeeded: Signal[];
  /** Irrelevant records: reads, wraps, secrets, other logs. */
  ignored: number;
}

/**
 * Reads a batch as the Functions runtime passes it: messages of a diagnostic setting or of a workspace's
 * data export, each `{"records":[…]}`, as bytes, text or an object ("Stream Azure monitoring data to an event
 * hub", "Log Analytics workspace data export"). `receivedAt` (ISO 8601)
 * replaces the time of a record that has none. Never throws for any `batch`.
 *
 * Nearly all records are irrelevant and cost only a check of their operation's name. Unwraps that succeeded
 * are read only where some were refused: in this batch, or before (`afterRefusals`).
 *
 * @example
 * const { signals } = readAuditBatch(messages, clock.now());
 */
export function readAuditBatch(
  batch: readonly unknown[],
  receivedAt: string,
  afterRefusals = false,
): AuditBatch {
  const read: AuditBatch = { signals: [], unreadable: [], succeeded: [], ignored: 0 };
  const bodies: object[] = [];
  for (const body of batch) {
    const unwrapped = unwrap(body);
    const fault = 'fault' in unwrapped ? unwrapped.fault : readRecords(unwrapped.value, receivedAt, read);
    if (fault !== undefined) read.unreadable.push(unreadableMessage(body, fault));
    else if (!read.unrecognised && 'value' in unwrapped && isUnrecognised(unwrapped.value))
      read.unrecognised = unreadableMessage(
        body,
        "None of the message's records names an operation of Key Vault's audit log",
      );
    if (!('fault' in unwrapped)) bodies.push(unwrapped.value);
  }
  if (afterRefusals || read.signals.some(isRefusedUnwrap))
    read.succeeded = lastSucceeded(bodies.flatMap(recordsOf), receivedAt);
  return read;
}

function isUnrecognised(value: object): boolean {
  const records = recordFrom(value)?.records;
  return Array.isArray(records) && records.length > 0 && !records.some(namesOperation);
}

/** The caller and the key of an unwrap. */
export function unwrapKeyOf({ scope, keyName, actor }: Signal): string {
  return `${scope}|${keyName ?? ''}|${actor?.objectId ?? ''}`.toLowerCase();
}

function lastSucceeded(records: readonly unknown[], receivedAt: string): Signal[] {
  const last = new Map<string, Record<string, unknown>>();
  for (const one of records) {
    const written = recordFrom(one);
    const record = written && inDiagnosticSchema(written);
    const use = record && succeededUseOf(record);
    if (use === undefined) continue;
    const before = last.get(use);
    // Times of one log have one form, so their order is that of their texts.
    if (!before || String(record?.time) > String(before.time)) last.set(use, record ?? {});
  }
  return [...last.values()].flatMap((record) => {
    const signal = auditSignal(record, receivedAt, 'succeeded');
    return signal === undefined || 'fault' in signal ? [] : [signal];
  });
}

function recordsOf(value: object): unknown[] {
  const records = recordFrom(value)?.records;
  return Array.isArray(records) ? records : [];
}

/** Returns the fault, where there is one; adds the readable records to `read`. */
function readRecords(value: object, receivedAt: string, read: AuditBatch): string | undefined {
  const records = recordFrom(value)?.records;
  if (!Array.isArray(records)) return 'The message of the audit log has no list of records';
  let faults = 0;
  let firstFault = '';
  for (const [index, one] of records.entries()) {
    const record = recordFrom(one);
    const signal =
      record === undefined ? { fault: 'is no object' } : auditSignal(inDiagnosticSchema(record), receivedAt);
    if (signal === undefined) read.ignored += 1;
    else if (!('fault' in signal)) read.signals.push(signal);
    else if (++faults === 1) firstFault = `number ${index}, ${signal.fault}`;
  }
  if (faults === 0) return undefined;
  return `${faults} of ${records.length} audit records can't be read; the first, ${firstFault}`;
}
