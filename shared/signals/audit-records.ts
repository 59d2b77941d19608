import { auditSignal } from './audit-record.ts';
import { inDiagnosticSchema, namesOperation } from './log-analytics-record.ts';
import { unwrap } from './message-body.ts';
import type { Signal } from './signal.ts';
import { type Unreadable, unreadableMessage } from './unreadable.ts';
import { recordFrom } from './untrusted.ts';

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
  /** Irrelevant records: reads, wraps, secrets, other logs. */
  ignored: number;
}

/**
 * Reads a batch as the Functions runtime passes it: messages of a diagnostic setting or of a workspace's
 * data export, each `{"records":[…]}`, as bytes, text or an object ("Stream Azure monitoring data to an event
 * hub", "Log Analytics workspace data export"). `receivedAt` (ISO 8601)
 * replaces the time of a record that has none. Never throws for any `batch`.
 *
 * Nearly all records are irrelevant and cost only a check of their operation's name.
 *
 * @example
 * const { signals } = readAuditBatch(messages, clock.now());
 */
export function readAuditBatch(batch: readonly unknown[], receivedAt: string): AuditBatch {
  const read: AuditBatch = { signals: [], unreadable: [], ignored: 0 };
  for (const body of batch) {
    const unwrapped = unwrap(body);
    const fault = 'fault' in unwrapped ? unwrapped.fault : readRecords(unwrapped.value, receivedAt, read);
    if (fault !== undefined) read.unreadable.push(unreadableMessage(body, fault));
    else if (!read.unrecognised && 'value' in unwrapped && isUnrecognised(unwrapped.value))
      read.unrecognised = unreadableMessage(
        body,
        "None of the message's records names an operation of Key Vault's audit log",
      );
  }
  return read;
}

function isUnrecognised(value: object): boolean {
  const records = recordFrom(value)?.records;
  return Array.isArray(records) && records.length > 0 && !records.some(namesOperation);
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
