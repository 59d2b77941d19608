/** A fault that the person at the keyboard can mend: told in one line, without a stack. */
export class HostError extends Error {
  override name = 'HostError';
}

/** The exit code of a host that ends on a fault that the runtime leaves unhandled: the one end after which to start it again. */
export const UNHANDLED_FAULT_EXIT_CODE = 75;

/** What an error says, in one line and without its stack. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n')[0] ?? '';
}
