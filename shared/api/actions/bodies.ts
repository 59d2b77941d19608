import * as z from 'zod';
import { MAX_SILENCE_DAYS } from '../../incidents/silence-rows.ts';
import { isJsonType } from '../access/cross-site.ts';
import { ProblemError } from '../problem.ts';
import { fieldsOf } from '../read-query.ts';
import { readMoment } from './moment.ts';

const MAX_BYTES = 16 * 1024;

/** Plain text of a bounded length. It is escaped where it is shown to people. */
function text(most: number, what: string) {
  return z
    .string({
      error: ({ input }) => (input === undefined ? `is missing: give ${what}` : `must be a text: ${what}`),
    })
    .trim()
    .min(1, `is empty: give ${what}`)
    .max(most, `is too long: at most ${most} characters`)
    .refine((value) => !UNPRINTABLE.test(value), 'holds control characters: give plain text');
}
const UNPRINTABLE = /[^\P{Cc}\n\r\t]|[\u202A-\u202E\u2066-\u2069]/u;

function moment(example: string) {
  return z
    .string({
      error: ({ input }) => (input === undefined ? `is missing: give ${example}` : `must be ${example}`),
    })
    .max(40, `must be ${example}`)
    .transform((value, context) => {
      const read = readMoment(value);
      if (read === undefined)
        context.addIssue({ code: 'custom', message: `is '${value.slice(0, 40)}', and must be ${example}` });
      return read ?? z.NEVER;
    });
}

const why = text(500, 'why, in a sentence');
const by = text(80, 'who you are').refine((value) => !/[\n\r\t]/.test(value), 'must be one line');
const until = moment(
  `a time with its zone (2026-01-31T18:00:00Z), a duration of at most ${MAX_SILENCE_DAYS} days (4h, 2d), or now, which ends it`,
);
const from = moment('a time with its zone (2026-01-31T18:00:00Z), a duration from now (4h, 2d), or now');

/** The fields of the actions. Nothing else is accepted: a misspelt field must not be ignored. */
export const BODIES = {
  acknowledge: z.strictObject({ why: why.optional(), by: by.optional() }),
  silence: z.strictObject({ until, why, by: by.optional() }),
  supportCase: z.strictObject({
    number: text(64, 'the number of the request'),
    note: text(1000, 'a note').optional(),
    by: by.optional(),
  }),
  close: z.strictObject({ why, by: by.optional() }),
  plannedSilence: z.strictObject({ from: from.optional(), until, why, by: by.optional() }),
  check: z.strictObject({ by: by.optional() }),
  drill: z.strictObject({ by: by.optional() }),
} as const;

/** What an endpoint takes that is no action of a person. */
export interface TakenBody {
  maxBytes: number;
  /** What to send instead of a body that is not taken, in one sentence. */
  instead: string;
}

/** The raw body, not yet parsed. */
export interface SentBody {
  contentType: string | null;
  transferEncoding: string | null;
  bytes: Uint8Array;
}

/**
 * The runtime passes a body on only where Content-Length is given, so an empty body may be one that was lost:
 * Azure/azure-functions-host#4926 and #7930, GrpcMessageConversionExtensions.ToRpcHttp.
 */
const SEND_LENGTH =
  'Send the header Content-Length with a body: Azure Functions drops a body that comes without it (Transfer-Encoding: chunked).';

/**
 * Reads a body as one of `BODIES`. An empty one means `{}`, unless a body was announced: then its content is
 * unknown. Throws `ProblemError`, which names the field and the remediation.
 */
export function readActionBody<T>(schema: z.ZodType<T>, sent: SentBody, taken?: TakenBody): T {
  const isEmpty = sent.bytes.length === 0;
  if (isEmpty && sent.transferEncoding !== null)
    throw new ProblemError(
      'bad-request',
      `The body was empty when it arrived, and nothing was done. ${SEND_LENGTH}`,
    );
  const empty = isEmpty ? ` The body was empty. ${SEND_LENGTH}` : '';
  return checkBody(schema, asJson(sent, taken), taken ? ` ${taken.instead}` : empty, taken?.instead);
}

/** A body that is parsed already: of JSON, or a page's form. Throws `ProblemError`. */
export function checkBody<T>(schema: z.ZodType<T>, body: unknown, hint = '', instead = takes(schema)): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (!issue) throw new ProblemError('bad-request', 'The body is not what this takes.');
  if (issue.code === 'unrecognized_keys') {
    const key = (issue.keys[0] ?? '').slice(0, 40);
    throw new ProblemError('bad-request', `'${key}' is not taken here. ${instead}`, key);
  }
  const field = issue.path.join('.');
  if (field === '') throw new ProblemError('bad-request', `The body must be a JSON object. ${instead}`);
  throw new ProblemError('bad-request', `'${field}' ${issue.message}.${hint}`, field);
}

function takes(schema: z.ZodType): string {
  return `Use ${fieldsOf(schema).join(', ')}.`;
}

function asJson({ contentType, bytes }: SentBody, taken?: TakenBody): unknown {
  const most = taken?.maxBytes ?? MAX_BYTES;
  const instead = taken ? ` ${taken.instead}` : '';
  if (bytes.length > most)
    throw new ProblemError('too-long', `The body has ${bytes.length} bytes; ${most} are the most.${instead}`);
  if (bytes.length === 0) return {};
  // An HTML form of another site's page can't send this type without a CORS preflight (Fetch standard, CORS).
  if (!isJsonType(contentType))
    throw new ProblemError(
      'not-json',
      'The body must be JSON: send the header content-type: application/json.',
    );
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError)
      throw new ProblemError(
        'bad-request',
        'The body is not JSON in UTF-8. Send an object such as {"why": "…"}.',
      );
    throw error;
  }
}
