import { unreadableMessage } from '../signals/unreadable.ts';
import { nameOfError } from '../telemetry/error-name.ts';
import { errorFields } from '../telemetry/log.ts';
import { respond } from './on-message.ts';
import type { Ports } from './ports.ts';

/**
 * A message that failed ten times may still report a revocation: it is tried once more, and if that fails too
 * it is kept with the reason. Throws only if it can't even be kept, so that it returns to the queue.
 */
export async function respondToPoison(body: unknown, ports: Ports): Promise<void> {
  try {
    await respond(body, ports);
    ports.log.warn('poison-recovered');
  } catch (error) {
    ports.log.error('poison', errorFields(error));
    const reason = `It failed ten times in the queue, and again now: ${nameOfError(error, 'unknown error')}.`;
    await ports.unreadable.keep(unreadableMessage(body, reason), ports.clock.now());
  }
}
