/** A fault that the developer can correct: printed in one line, without a stack. */
export class HostError extends Error {
  override name = 'HostError';
}

/**
 * The exit code after a fault that the runtime leaves unhandled: the only end after which the host is started
 * again.
 */
export const UNHANDLED_FAULT_EXIT_CODE = 75;

/** An error's message, in one line and without its stack. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n')[0] ?? '';
}
