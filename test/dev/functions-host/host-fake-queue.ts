import type { HostQueue, QueueMessage } from '../../../dev/functions-host/queue-port.ts';

export interface FakeMessage extends QueueMessage {
  visibleAt: number;
}

export interface FakeQueue extends HostQueue {
  messages: FakeMessage[];
  calls: string[];
  /** While set, every call fails with it. */
  fault: Error | undefined;
  isThere: boolean;
  put(text: string, dequeueCount?: number): void;
}

/** A queue in memory with the rules that matter here: visibility, pop receipts that change, a queue that is not there. */
export function fakeQueue(name = 'work'): FakeQueue {
  let receipts = 0;
  let ids = 0;
  const enter = (call: string) => {
    queue.calls.push(call);
    if (queue.fault) throw queue.fault;
    if (!queue.isThere && !/^(exists|create)/.test(call))
      throw Object.assign(new Error('no queue'), { statusCode: 404, code: 'QueueNotFound' });
  };
  const find = (messageId: string, popReceipt: string) => {
    const message = queue.messages.find((one) => one.messageId === messageId);
    if (!message) throw Object.assign(new Error('gone'), { statusCode: 404, code: 'MessageNotFound' });
    if (message.popReceipt !== popReceipt)
      throw Object.assign(new Error('taken'), { statusCode: 400, code: 'PopReceiptMismatch' });
    return message;
  };
  const nextReceipt = () => {
    receipts += 1;
    return `receipt-${receipts}`;
  };
  const queue: FakeQueue = {
    name,
    messages: [],
    calls: [],
    fault: undefined,
    isThere: true,
    put(text, dequeueCount = 0) {
      ids += 1;
      queue.messages.push({
        messageId: `m${ids}`,
        popReceipt: nextReceipt(),
        messageText: text,
        dequeueCount,
        insertedOn: new Date('2026-01-01T00:00:00Z'),
        expiresOn: new Date('2026-01-08T00:00:00Z'),
        nextVisibleOn: new Date('2026-01-01T00:10:00Z'),
        visibleAt: 0,
      });
    },
    async exists() {
      enter('exists');
      return queue.isThere;
    },
    async create() {
      enter('create');
      queue.isThere = true;
    },
    async receive(most, hiddenSeconds) {
      enter(`receive ${most}`);
      const batch = queue.messages.filter(({ visibleAt }) => visibleAt <= Date.now()).slice(0, most);
      for (const message of batch) {
        message.dequeueCount += 1;
        message.popReceipt = nextReceipt();
        message.visibleAt = Date.now() + hiddenSeconds * 1000;
      }
      return batch.map((message) => ({ ...message }));
    },
    async hide(messageId, popReceipt, seconds) {
      enter(`hide ${messageId} ${seconds}`);
      const message = find(messageId, popReceipt);
      message.popReceipt = nextReceipt();
      message.visibleAt = Date.now() + seconds * 1000;
      return message.popReceipt;
    },
    async delete(messageId, popReceipt) {
      enter(`delete ${messageId}`);
      const message = find(messageId, popReceipt);
      queue.messages.splice(queue.messages.indexOf(message), 1);
    },
    async send(text) {
      enter('send');
      queue.put(text);
    },
  };
  return queue;
}
