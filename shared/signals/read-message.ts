import { eventFrom, type OutsideEvent } from './event.ts';
import { isKeyVaultType, keyVaultSignal } from './key-vault.ts';
import { unwrap } from './message-body.ts';
import { isResourceManagerType, resourceManagerSignal } from './resource-manager.ts';
import { isSecondLook, type SecondLook, secondLookFrom } from './second-look.ts';
import type { Signal } from './signal.ts';
import { type Unreadable, unreadable } from './unreadable.ts';

export type { Unreadable } from './unreadable.ts';

/** What one message held. */
export interface ReadMessage {
  signals: Signal[];
  /** Our own reminders to look again. */
  looks: SecondLook[];
  /** At most one: the message, with what is wrong in it. What was good beside the bad is in `signals`. */
  unreadable: Unreadable[];
  /** Well-formed events of types that concern nobody here (a blob was created). */
  ignored: number;
}

/**
 * Reads a message of a queue or a push: Event Grid or CloudEvents 1.0 schema, one event or a list, as an object,
 * text, bytes or base64 of these; or our own second look. `receivedAt` (ISO 8601) stands in for the time of an
 * event that tells none. Never throws, whatever `body` is: what can't be read comes back as `unreadable`.
 *
 * @example
 * const { signals } = readMessage(queueItem, clock.now());
 * for (const signal of signals) for (const policyId of watchList.concerns(signal)) lookAt(policyId, signal);
 */
export function readMessage(body: unknown, receivedAt: string): ReadMessage {
  const read: ReadMessage = { signals: [], looks: [], unreadable: [], ignored: 0 };
  const unwrapped = unwrap(body);
  const fault = 'fault' in unwrapped ? unwrapped.fault : readValue(unwrapped.value, receivedAt, read);
  if (fault !== undefined) read.unreadable.push(unreadable(body, fault));
  return read;
}

/** Says what is wrong, where anything is; what is good goes into `read`. */
function readValue(value: object, receivedAt: string, read: ReadMessage): string | undefined {
  if (!Array.isArray(value)) {
    const fault = readOne(value, receivedAt, read);
    return fault === undefined ? undefined : `The message ${fault}`;
  }
  if (value.length === 0) return 'The message is an empty list';
  const faults = new Map<number, string>();
  value.forEach((element: unknown, index) => {
    const fault = readOne(element, receivedAt, read);
    if (fault !== undefined) faults.set(index, fault);
  });
  const [first] = faults;
  if (first === undefined) return undefined;
  return `${faults.size} of ${value.length} elements can't be read; the first, number ${first[0]}, ${first[1]}`;
}

function readOne(value: unknown, receivedAt: string, read: ReadMessage): string | undefined {
  const event = eventFrom(value);
  if ('fault' in event) return isSecondLook(value) ? readLook(value, read) : event.fault;
  const signal = signalFrom(event, receivedAt);
  if (signal === undefined) read.ignored += 1;
  else if ('fault' in signal) return signal.fault;
  else read.signals.push(signal);
  return undefined;
}

function readLook(value: object, read: ReadMessage): string | undefined {
  const look = secondLookFrom(value);
  if ('fault' in look) return look.fault;
  read.looks.push(look);
  return undefined;
}

function signalFrom(event: OutsideEvent, receivedAt: string): Signal | { fault: string } | undefined {
  if (isKeyVaultType(event.type)) return keyVaultSignal(event, receivedAt);
  if (isResourceManagerType(event.type)) return resourceManagerSignal(event, receivedAt);
  return undefined;
}
