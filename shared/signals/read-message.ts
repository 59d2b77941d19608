import { eventFrom, type UntrustedEvent } from './event.ts';
import { isKeyVaultType, keyVaultSignal } from './key-vault.ts';
import { unwrap } from './message-body.ts';
import { isRecheck, type Recheck, recheckFrom } from './recheck.ts';
import { outcomeOf, resourceManagerSignal } from './resource-manager.ts';
import type { About, Signal } from './signal.ts';
import { type Unreadable, unreadableMessage } from './unreadable.ts';

export type { Unreadable } from './unreadable.ts';

/** The content of one message. */
export interface ReadMessage {
  signals: Signal[];
  /** Our own reminders to read again. */
  rechecks: Recheck[];
  /** At most one: the message, with its fault. The readable events of that message are in `signals`. */
  unreadable: Unreadable[];
  /** Well-formed events of irrelevant types (a blob was created). */
  ignored: number;
}

/**
 * Reads a message of a queue or a push: Event Grid or CloudEvents 1.0 schema, one event or a list, as an
 * object, text, bytes or base64 of these; or our own recheck. `receivedAt` (ISO 8601) replaces the time of an
 * event that has none. Never throws for any `body`: an unreadable message is returned as `unreadable`.
 *
 * Most events concern no policy. `wanted` says which events do: the others are left out, counted as ignored,
 * and not read any further.
 *
 * @example
 * const { signals } = readMessage(queueItem, clock.now(), (about) => watchList.concerns(about).length > 0);
 */
export function readMessage(
  body: unknown,
  receivedAt: string,
  wanted?: (about: About) => boolean,
): ReadMessage {
  const read: ReadMessage = { signals: [], rechecks: [], unreadable: [], ignored: 0 };
  const unwrapped = unwrap(body);
  const fault =
    'fault' in unwrapped ? unwrapped.fault : readValue(unwrapped.value, { receivedAt, wanted, read });
  if (fault !== undefined) read.unreadable.push(unreadableMessage(body, fault));
  return read;
}

interface Context {
  receivedAt: string;
  wanted?: (about: About) => boolean;
  /** Filled as the message is read. */
  read: ReadMessage;
}

/** Returns the fault, where there is one; adds the readable events to `context.read`. */
function readValue(value: object, context: Context): string | undefined {
  if (!Array.isArray(value)) {
    const fault = readOne(value, context);
    return fault === undefined ? undefined : `The message ${fault}`;
  }
  if (value.length === 0) return 'The message is an empty list';
  const faults = new Map<number, string>();
  for (const [index, element] of value.entries()) {
    const fault = readOne(element, context);
    if (fault !== undefined) faults.set(index, fault);
  }
  const [first] = faults;
  if (first === undefined) return undefined;
  return `${faults.size} of ${value.length} elements can't be read; the first, number ${first[0]}, ${first[1]}`;
}

function readOne(value: unknown, context: Context): string | undefined {
  const event = eventFrom(value);
  if ('fault' in event) return isRecheck(value) ? readRecheck(value, context) : event.fault;
  const signal = signalFrom(event, context);
  if (signal === undefined) context.read.ignored += 1;
  else if ('fault' in signal) return signal.fault;
  else context.read.signals.push(signal);
  return undefined;
}

function readRecheck(value: object, { read }: Context): string | undefined {
  const recheck = recheckFrom(value);
  if ('fault' in recheck) return recheck.fault;
  read.rechecks.push(recheck);
  return undefined;
}

function signalFrom(event: UntrustedEvent, context: Context): Signal | { fault: string } | undefined {
  const { receivedAt, wanted } = context;
  const outcome = outcomeOf(event.type);
  if (outcome !== undefined) return resourceManagerSignal(event, outcome, receivedAt, wanted);
  return isKeyVaultType(event.type) ? keyVaultSignal(event, receivedAt, wanted) : undefined;
}
