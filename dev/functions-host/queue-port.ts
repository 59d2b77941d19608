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

/** The queue trigger's view of a storage queue. Errors carry `statusCode` and `code`, as those of the SDK. */
export interface HostQueue {
  name: string;
  exists(): Promise<boolean>;
  create(): Promise<void>;
  receive(most: number, hiddenSeconds: number): Promise<QueueMessage[]>;
  /** Hides the message for this long from now on and returns its new pop receipt. */
  hide(messageId: string, popReceipt: string, seconds: number): Promise<string>;
  delete(messageId: string, popReceipt: string): Promise<void>;
  /** The message lives seven days, as the runtime's poisoned messages do. */
  send(text: string): Promise<void>;
}
