import * as z from 'zod';
import { readMoment } from './actions/moment.ts';
import { ProblemError } from './problem.ts';

/** One of these words, in any case. */
export function oneOf<const T extends readonly string[]>(words: T) {
  return z
    .string()
    .transform((given, context): T[number] => {
      const found = words.find((word) => word.toLowerCase() === given.toLowerCase());
      if (found === undefined)
        context.addIssue({
          code: 'custom',
          message: `is '${given.slice(0, 40)}', and must be one of ${words.join(', ')}`,
        });
      return found ?? z.NEVER;
    })
    .meta({ enum: [...words] });
}

/** A filter by an id or a name. */
export const NAMED = z.string();

/** A day begins at 00:00 UTC. */
export const POINT_IN_TIME = z
  .string()
  .transform((text, context) => {
    const moment = readMoment(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text);
    if (moment !== undefined && moment !== 'now' && 'at' in moment) return moment.at;
    context.addIssue({
      code: 'custom',
      message: `is '${text.slice(0, 40)}', and must be a day (2026-01-31, in UTC) or a time with its zone (2026-01-31T18:00:00Z)`,
    });
    return z.NEVER;
  })
  .describe('A day in UTC (2026-01-31) or a time with its zone (2026-01-31T18:00:00Z).');

export const NO_QUERY = z.strictObject({});

/**
 * Reads the parameters of an address. Throws `ProblemError`, which names the parameter and the remediation; an
 * unknown one is a fault: ignored, it would mislead (`?until=4h` would silence nothing).
 */
export function readQuery<T>(schema: z.ZodType<T>, parameters: URLSearchParams, method: 'GET' | 'POST'): T {
  const fields = fieldsOf(schema);
  const given = new Map<string, string>();
  for (const [name, value] of parameters) {
    if (name.toLowerCase() === 'code') continue; // the platform's own function key
    if (!fields.includes(name)) throw notTaken(name.slice(0, 40), fields, method);
    if (value.trim() === '')
      throw new ProblemError('bad-request', `'${name}' is empty. Give a value, or leave it out.`, name);
    if (given.has(name))
      throw new ProblemError('bad-request', `'${name}' stands twice. Ask for one at a time.`, name);
    given.set(name, value.trim());
  }
  const parsed = schema.safeParse(Object.fromEntries(given));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join('.') ?? '';
  throw new ProblemError('bad-request', `'${field}' ${issue?.message ?? 'is not understood'}.`, field);
}

/** The fields of an object's schema. */
export function fieldsOf(schema: z.ZodType): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function notTaken(name: string, fields: readonly string[], method: 'GET' | 'POST'): ProblemError {
  if (fields.length > 0)
    return new ProblemError('bad-request', `'${name}' is not a filter. Use ${fields.join(', ')}.`, name);
  const instead =
    method === 'POST'
      ? "Send an action's fields in the body, as JSON."
      : 'This address takes no parameters: leave it out.';
  return new ProblemError('bad-request', `'${name}' is not taken in the address. ${instead}`, name);
}
