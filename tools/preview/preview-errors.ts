/** A file or an option that can't be used. The message says what to give instead. */
export class UnusableInputError extends Error {
  override readonly name = 'UnusableInputError';
}

/** Nobody answered: the app can't be reached, or it refuses. Nothing is known of the change. */
export class NotAnsweredError extends Error {
  override readonly name = 'NotAnsweredError';
}
