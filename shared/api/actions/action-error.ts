import { type Answer, problem } from '../problem.ts';

/** An action that can't be done as requested. Its message states the problem and the remediation. */
export class ActionError extends Error {
  override readonly name = 'ActionError';
  readonly status: number;
  /** The field of the body, or the parameter, at fault. */
  readonly field: string | undefined;
  constructor(status: 400 | 404 | 409 | 412 | 413 | 415, detail: string, field?: string) {
    super(detail);
    this.status = status;
    this.field = field;
  }
}

/** As problem details, RFC 9457. */
export function problemOf({ status, message, field }: ActionError): Answer {
  return problem(status, TITLES[status] ?? 'Bad request', message, field === undefined ? {} : { field });
}

const TITLES: Record<number, string> = {
  404: 'Not found',
  409: 'Not possible now',
  412: 'Changed meanwhile',
  413: 'Too long',
  415: 'Not JSON',
};
