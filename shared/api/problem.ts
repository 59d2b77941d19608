import type { AnswerCookie } from './access/session.ts';

/** The response of the HTTP functions to the runtime. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
  cookies?: AnswerCookie[];
}

/** Every kind of problem that an answer reports. `problem-help.ts` says of each when it comes and what to do. */
export const PROBLEMS = {
  'bad-request': { status: 400, title: 'Bad request' },
  'not-signed-in': { status: 401, title: 'Not signed in' },
  'not-allowed': { status: 403, title: 'Not allowed' },
  'not-found': { status: 404, title: 'Not found' },
  'wrong-method': { status: 405, title: 'Wrong method' },
  'not-possible-now': { status: 409, title: 'Not possible now' },
  'changed-meanwhile': { status: 412, title: 'Changed meanwhile' },
  'too-long': { status: 413, title: 'Too long' },
  'not-json': { status: 415, title: 'Not JSON' },
  'not-readable': { status: 500, title: 'Not readable' },
  'not-available': { status: 503, title: 'Not available' },
  'too-many-questions': { status: 503, title: 'Too many questions' },
  'not-started': { status: 503, title: 'Not started' },
} as const satisfies Record<string, { status: number; title: string }>;
export type ProblemKind = keyof typeof PROBLEMS;

/** A request that can't be answered. Its message states the problem and the remediation. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly kind: ProblemKind;
  /** The field of the body, the parameter or the header at fault. */
  readonly field: string | undefined;
  constructor(kind: ProblemKind, detail: string, field?: string) {
    super(detail);
    this.kind = kind;
    this.field = field;
  }
}

const PROBLEM_TYPE = 'application/problem+json';

/** The paragraph about a problem: in the documents at `docsUrl`, else on the app's own page of them. */
export function problemType(kind: ProblemKind, docsUrl?: string): string {
  return docsUrl === undefined ? `/docs#${kind}` : `${docsUrl}/api.md#${kind}`;
}

/**
 * Problem details, RFC 9457: `detail` names the field at fault and the remediation. The type is an address of
 * this app, so the help always has the app's own version, and needs no access to the internet. Section 3.1.1
 * recommends a full path where the address is relative. Where the documents are elsewhere, `withDocs` replaces it.
 */
export function problem(kind: ProblemKind, detail: string, more: Record<string, unknown> = {}): Answer {
  return {
    status: PROBLEMS[kind].status,
    headers: { 'content-type': PROBLEM_TYPE, 'cache-control': 'no-store' },
    body: JSON.stringify({ type: problemType(kind), ...PROBLEMS[kind], detail, ...more }),
  };
}

export function answerOfProblem({ kind, message, field }: ProblemError): Answer {
  return problem(kind, message, field === undefined ? {} : { field });
}

/** The answer to send: the type of a problem leads to the documents at `docsUrl`, if they have an address. */
export function withDocs(answer: Answer, docsUrl: string | undefined): Answer {
  if (docsUrl === undefined || answer.headers['content-type'] !== PROBLEM_TYPE) return answer;
  const document: { type: string } = JSON.parse(answer.body);
  const kind = document.type.split('#')[1] ?? '';
  return isProblemKind(kind)
    ? { ...answer, body: JSON.stringify({ ...document, type: problemType(kind, docsUrl) }) }
    : answer;
}

function isProblemKind(kind: string): kind is ProblemKind {
  return Object.hasOwn(PROBLEMS, kind);
}
