import * as z from 'zod';

/** A text; null and absent are the same on the wire. */
export const optionalText = z
  .string()
  .nullish()
  .transform((text) => text?.trim() || undefined);
export const optionalFlag = z
  .boolean()
  .nullish()
  .transform((flag) => flag ?? undefined);

/** An instant as ISO 8601 in UTC; undefined where it is missing or invalid. */
export const optionalInstant = optionalText.transform((text) => {
  const ms = Date.parse(text ?? '');
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
});
/** Seconds since the epoch, Key Vault's format for times, to ISO 8601. */
export const optionalSeconds = z
  .number()
  .min(-8.64e12)
  .max(8.64e12)
  .nullish()
  .transform((seconds) =>
    seconds === undefined || seconds === null ? undefined : new Date(seconds * 1000).toISOString(),
  );

/**
 * Checks an answer against its documented schema; unknown additional fields are accepted. A fault names field
 * and problem, never the value.
 */
export function parseAs<T>(schema: z.ZodType<T>, body: unknown): { value: T } | { fault: string } {
  const count = (uses.get(schema) ?? 0) + 1;
  uses.set(schema, count);
  const parsed = schema.safeParse(body, { jitless: count <= USES_WITHOUT_CODE });
  if (parsed.success) return { value: parsed.data };
  const issue = parsed.error.issues[0];
  const field = issue?.path.join('.') || 'the whole answer';
  return { fault: `${field} is not of the documented kind` };
}

/** zod writes code for a schema at its first use otherwise, and a cold process waits longer for that than it saves. */
const USES_WITHOUT_CODE = 3;
const uses = new WeakMap<z.ZodType, number>();

/** It becomes a link that people click, so only https is accepted. */
export function httpsAddress(text: string | undefined): string | undefined {
  const url = URL.parse(text ?? '');
  return url?.protocol === 'https:' ? url.href : undefined;
}
