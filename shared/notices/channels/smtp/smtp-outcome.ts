import type { Progress } from '../../../storage/incident-store.ts';
import type { SendFailure } from '../../notice.ts';
import { fieldOf } from '../http/vendor-failure.ts';

/** The result of a failed try to send mail, from nodemailer's error (nodemailer docs: Error reference). */
export function smtpFailure(error: unknown, host: string): SendFailure {
  const { code, command, responseCode, response } = fieldsOf(error);
  const answer = responseCode === undefined ? '' : ` ${responseCode}${enhancedCode(response)}`;
  // CONN is nodemailer's own name for the time before any command.
  const at = command && command !== 'CONN' ? ` at ${command}` : '';
  return {
    outcome: 'failed',
    permanent: isPermanent(responseCode, command),
    detail: `${host}: ${WORDS.get(code ?? '') ?? 'the mail could not be handed over'}${answer}${at}.`,
  };
}

/** What the server answered to recipients; not where it refused the sender, and therefore each of them. */
export function rejectedIn(error: unknown): unknown {
  return fieldsOf(error).command === 'MAIL FROM' ? undefined : fieldOf(error, 'rejectedErrors');
}

/**
 * Adds to the progress which recipients were refused for good. `deferred`: those refused for now; `failure`: why.
 */
export function noteRefusals(
  rejectedErrors: unknown,
  open: readonly string[],
  progress: Progress,
  host: string,
): { deferred: string[]; failure?: SendFailure } {
  const deferred: string[] = [];
  let failure: SendFailure | undefined;
  for (const error of Array.isArray(rejectedErrors) ? rejectedErrors : []) {
    const address = String(fieldOf(error, 'recipient')).toLowerCase();
    const to = open.find((one) => one.toLowerCase() === address);
    if (to === undefined) continue;
    const { command, responseCode, response } = fieldsOf(error);
    if (isPermanent(responseCode, command))
      progress.refused.push({ to, why: `${responseCode}${enhancedCode(response)} at ${command}` });
    else {
      deferred.push(to);
      failure ??= smtpFailure(error, host);
    }
  }
  return { deferred, failure };
}

/**
 * 5xx means that the same mail would be rejected again (RFC 5321, 4.2.1), but only after the server has
 * accepted the session: an admin can fix a refused login or missing TLS, so it is tried again.
 */
function isPermanent(responseCode: number | undefined, command: string | undefined): boolean {
  if (responseCode === undefined || responseCode < 500 || LOGIN_WANTED.has(responseCode)) return false;
  return command === 'MAIL FROM' || command === 'RCPT TO' || command === 'DATA';
}

/** RFC 4954, 6: authentication required, too weak, needs encryption. */
const LOGIN_WANTED: ReadonlySet<number> = new Set([530, 534, 535, 538]);

// A map, since an object also answers to codes such as 'constructor'.
const WORDS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ECONNECTION: 'the connection was closed',
    ETIMEDOUT: 'no answer in time',
    ESOCKET: 'the connection failed',
    EDNS: 'its name could not be resolved',
    ETLS: 'a secure connection could not be made',
    EAUTH: 'the user or password was refused',
    ENOAUTH: 'it wants a user and password',
    EENVELOPE: 'it refuses the sender or every recipient',
    EMESSAGE: 'it refuses the mail',
    EABORT: 'given up before it answered',
  }),
);

/**
 * The server's text may contain addresses; its enhanced status code (RFC 3463) has the same meaning and
 * doesn't.
 */
function enhancedCode(response: string | undefined): string {
  const code = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(response ?? '')?.[1];
  return code ? ` ${code}` : '';
}

function fieldsOf(error: unknown) {
  const fields: Record<string, unknown> = error instanceof Error ? { ...error } : {};
  const { code, command, responseCode, response } = fields;
  return {
    code: typeof code === 'string' ? code : undefined,
    // Only commands that nodemailer itself uses: "AUTH PLAIN", "RCPT TO".
    command: typeof command === 'string' && /^[A-Z0-9 -]{1,20}$/.test(command) ? command : undefined,
    responseCode: typeof responseCode === 'number' ? responseCode : undefined,
    response: typeof response === 'string' ? response : undefined,
  };
}
