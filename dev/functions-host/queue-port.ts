/** A message as it was received: hidden from others until its pop receipt runs out. */
export interface QueueMessage {
  messageId: string;
  popReceipt: string;
  messageText: string;
  dequeueCount: number;
  insertedOn: Date;
  expiresOn: Date;
  nextVisibleOn: Date;
}

/** What the queue trigger needs of a storage queue. Errors carry `statusCode` and `code`, as those of the SDK. */
export interface HostQueue {
  name: string;
  exists(): Promise<boolean>;
  create(): Promise<void>;
  receive(most: number, hiddenSeconds: number): Promise<QueueMessage[]>;
  /** Hides the message for so long from now on and gives its new pop receipt. */
  hide(messageId: string, popReceipt: string, seconds: number): Promise<string>;
  delete(messageId: string, popReceipt: string): Promise<void>;
  /** The message lives seven days, which is also what the runtime gives a poisoned one. */
  send(text: string): Promise<void>;
}
