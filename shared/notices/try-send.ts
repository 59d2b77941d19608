import type { DeliverPorts } from './deliver-ports.ts';
import type { Channel, Notice, SendResult } from './notice.ts';

/** One try on one channel, under a timeout. Never throws, whatever the channel does. */
export async function trySend(channel: Channel, notice: Notice, ports: DeliverPorts): Promise<SendResult> {
  const abort = new AbortController();
  const timedOut = `No answer within ${Math.round(ports.channelTimeoutMs / 1000)} s.`;
  const over = new AbortController();
  const timeout = ports.clock.sleep(ports.channelTimeoutMs, over.signal).then((): SendResult => {
    abort.abort();
    return { outcome: 'failed', permanent: false, detail: timedOut };
  });
  const tried = channel.send(notice, abort.signal).catch((error): SendResult => {
    // A channel must not throw. If it does, it is a bug, and it must not affect the other channels.
    ports.log.error('channel-bug', {
      channel: channel.name,
      kind: error instanceof Error ? error.name : 'unknown',
    });
    return {
      outcome: 'failed',
      permanent: false,
      detail: 'The channel failed in a way that it does not know.',
    };
  });
  const result = await Promise.race([tried, timeout]);
  over.abort();
  return result;
}
