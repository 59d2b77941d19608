import * as z from 'zod';

/**
 * Each setting has a name, a meaning, a default (or none: then it is required or off) and an example; the
 * settings table is generated from it. Values come from the environment, as Azure passes app settings.
 */
export interface SettingDescription {
  name: string;
  meaning: string;
  default?: string;
  example: string;
  /** Its value is never shown, not even in part. */
  secret?: boolean;
  required?: boolean;
  /** Read by the Functions host as well. */
  host?: boolean;
  /**
   * May be set several times: without a name, and with a name of its own in it (letters and digits; see
   * names.ts).
   */
  many?: boolean;
  schema: z.ZodType<unknown, string>;
}

/** Settings by their short names. */
export type Descriptions = Readonly<Record<string, SettingDescription>>;

type ValueOf<D> = D extends { schema: z.ZodType<infer T, string> } ? T : never;
type IsThere<D> = D extends { required: true } | { default: string } ? true : false;
type HeldValue<D> = D extends { many: true }
  ? Readonly<Record<string, ValueOf<D>>>
  : IsThere<D> extends true
    ? ValueOf<D>
    : ValueOf<D> | undefined;
/**
 * Every setting by its short name; those without a default may be absent. A setting that may be set several
 * times is keyed by its given name, in lower case; the one without a name by ''.
 */
export type ValuesOf<D> = { [K in keyof D]: HeldValue<D[K]> };

export const guid = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'must be a GUID');
export const list = <T>(item: z.ZodType<T, string>, whenNone = 'must name at least one') =>
  z
    .string()
    .transform((text) =>
      text
        .split(/[,;\s]+/)
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .pipe(z.array(item).min(1, whenNone));
/**
 * HTTP clients refuse an address with a user in it (Fetch standard, 5.4): better at the start than at 3 a.m.
 */
export const httpsUrl = z
  .url({ protocol: /^https$/, error: 'must be an https URL' })
  .refine((text) => !/:\/\/[^/?#]*@/.test(text), 'must not hold a user or password before the host');
export const tokenScope = z
  .string()
  .regex(/^https:\/\/[a-z0-9.-]+\/\.default$/i, 'must be a token scope (https://…/.default)');
export const seconds = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+(\.\d+)?$/, 'must be a number of seconds')
    .transform(Number)
    .pipe(z.number().min(least, `must be at least ${least}`).max(most, `must be at most ${most}`));
export const yesNo = z.enum(['true', 'false'], 'must be true or false').transform((text) => text === 'true');
export const email = z.email('must be an email address');
export const vaultName = z.string().regex(/^[a-z0-9-]{3,24}$/i, 'must be vault names, or none');

/** "a=1,2;b=3" as an object keyed by the names left of =, in lower case. */
export const pairs = <T>(name: z.ZodType<string, string>, value: z.ZodType<T, string>) =>
  z
    .string()
    .transform((text, context) => {
      const parts = text
        .split(/[;\n]+/)
        .map((part) => part.trim())
        .filter((part) => part !== '');
      return parts.map((part) => {
        const at = part.indexOf('=');
        if (at < 1) context.addIssue({ code: 'custom', message: 'must be name=value pairs with semicolons' });
        return [part.slice(0, Math.max(at, 0)).trim().toLowerCase(), part.slice(at + 1).trim()] as const;
      });
    })
    .pipe(z.array(z.tuple([name, value])).min(1, 'must name at least one'))
    .transform((entries): Record<string, T> => Object.fromEntries(entries));
