import type { RegisteredFunction } from './function-app.ts';
import { messageOf } from './host-error.ts';
import type { QueueOptions } from './host-json.ts';
import type { InvocationInput, Invoke } from './invoke.ts';
import { type HostLog, systemLog } from './log.ts';
import { holdLease } from './queue-lease.ts';
import type { HostQueue, QueueMessage } from './queue-port.ts';
import { describeFault, isQueueMissing, isTakenOrGone } from './storage-fault.ts';
import { systemMetadata, withJsonProperties } from './trigger-metadata.ts';

export interface QueueTask {
  fn: RegisteredFunction;
  queue: HostQueue;
  /** None for a queue that is itself a poison queue. */
  poison: HostQueue | undefined;
  options: QueueOptions;
  leaseMs: number;
  invoke: Invoke;
  /** Called, with a sentence, on a fault that ends the runtime's process. */
  onUnhandled: (fault: string) => void;
  log: HostLog;
}

/**
 * Processes one message with its function. Success deletes it. Failure lets it come back after
 * visibilityTimeout, or moves it to the poison queue when this was the last of maxDequeueCount attempts; a
 * failed message of a poison queue stays hidden until its lease ends. Never throws: a refusal by storage goes
 * to `onUnhandled`, whatever its status, and the message comes again.
 * Source: azure-sdk-for-net, Microsoft.Azure.WebJobs.Extensions.Storage.Common, QueueListener and
 * QueueProcessor.
 */
export async function processMessage(task: QueueTask, message: QueueMessage): Promise<void> {
  const { fn, queue, poison, options, log } = task;
  const say = (level: 'debug' | 'error', text: string) => systemLog(log, level, text, fn.name);
  try {
    if (poison && message.dequeueCount > options.maxDequeueCount)
      return await moveToPoison(task, message, message.popReceipt);
    const bytes = decode(message.messageText, options.messageEncoding);
    if (!bytes) {
      // QueueTriggerAttributeBindingProvider: a message that isn't base64 is poisoned without an error.
      say('debug', `Message ${message.messageId} is not base64.`);
      return await moveToPoison(task, message, message.popReceipt);
    }
    const lease = holdLease(task, message);
    let succeeded = true;
    try {
      await task.invoke(fn, inputOf(fn, message, bytes));
    } catch (error) {
      succeeded = false;
      say('error', `Executing failed (try ${message.dequeueCount}): ${messageOf(error)}`);
    }
    const popReceipt = await lease.end();
    if (succeeded) await queue.delete(message.messageId, popReceipt);
    else if (poison && message.dequeueCount >= options.maxDequeueCount)
      await moveToPoison(task, message, popReceipt);
    else if (poison)
      await queue.hide(message.messageId, popReceipt, Math.round(options.visibilityTimeoutMs / 1000));
  } catch (error) {
    if (isTakenOrGone(error)) return say('debug', `Message ${message.messageId} is gone or another's.`);
    task.onUnhandled(
      `Message ${message.messageId} of queue '${queue.name}' could not be deleted, released or moved: ${describeFault(error)}.`,
    );
  }
}

/** Copied first, then deleted: a crash in between duplicates the message, and loses none. */
async function moveToPoison(task: QueueTask, message: QueueMessage, popReceipt: string): Promise<void> {
  const { poison, queue, fn, options, log } = task;
  if (!poison) return;
  const reason = `Message has reached MaxDequeueCount of ${options.maxDequeueCount}. Moving message to queue '${poison.name}'.`;
  if (message.dequeueCount >= options.maxDequeueCount) systemLog(log, 'warning', reason, fn.name);
  try {
    await poison.send(message.messageText);
  } catch (error) {
    if (!isQueueMissing(error)) throw error;
    await poison.create();
    await poison.send(message.messageText);
  }
  await queue.delete(message.messageId, popReceipt);
}

/** Source of the metadata: azure-sdk-for-net, QueueTriggerBinding.CreateBindingData. */
function inputOf(fn: RegisteredFunction, message: QueueMessage, bytes: Buffer): InvocationInput {
  const text = bytes.toString('utf8');
  const time = (date: Date) => ({ json: JSON.stringify(date.toISOString()) });
  const metadata = {
    QueueTrigger: { string: text },
    DequeueCount: { json: String(message.dequeueCount) },
    ExpirationTime: time(message.expiresOn),
    Id: { string: message.messageId },
    InsertionTime: time(message.insertedOn),
    NextVisibleTime: time(message.nextVisibleOn),
    PopReceipt: { string: message.popReceipt },
    ...systemMetadata(fn.name, new Date()),
  };
  if (String(fn.trigger.dataType ?? '').toLowerCase() === 'binary')
    return { data: { bytes }, triggerMetadata: metadata };
  return { data: { string: text }, triggerMetadata: withJsonProperties(metadata, text) };
}

function decode(text: string, encoding: QueueOptions['messageEncoding']): Buffer | undefined {
  if (encoding === 'none') return Buffer.from(text, 'utf8');
  const trimmed = text.replace(/\s+/g, '');
  const isBase64 = trimmed.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(trimmed);
  return isBase64 ? Buffer.from(trimmed, 'base64') : undefined;
}
