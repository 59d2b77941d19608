/** A file that is no plan which can be read. Its message says so in one sentence, with the command that makes one. */
export class PlanFileError extends Error {
  override readonly name = 'PlanFileError';
}
