/** Passwords, connection strings and tokens have characters that no id and no name of Azure has. */
export const SECRET = 'pa55w0rd=S3cr3t+/kept~away==';

/** Each of these values is what a plan itself names the resource by, or whether it is a plan at all. */
const STRUCTURE =
  /^(?:format_version|resource_changes|address|type|mode|actions|changes|changeType|propertyChangeType|path|status)$/;

/** The same file, once for each of its values, with the secret in its place. */
export function* planted(
  value: unknown,
  put: (secret: unknown) => unknown,
  name = '',
): Generator<[string, unknown]> {
  if (STRUCTURE.test(name.split('.').at(-1) ?? '') && !Array.isArray(value)) return;
  if (typeof value === 'object' && value !== null) {
    for (const [field, inner] of Object.entries(value)) {
      const putField = (secret: unknown) => {
        const copy = Array.isArray(value) ? [...value] : { ...value };
        Object.assign(copy, { [field]: secret });
        return put(copy);
      };
      yield* planted(inner, putField, `${name}.${field}`);
    }
    if (/actions$/.test(name)) return;
  }
  yield [name, put(SECRET)];
  yield [name, put([SECRET])];
  yield [name, put({ [SECRET]: SECRET })];
}
