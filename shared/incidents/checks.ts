/** Says where a stored value is not of the kind that this version writes: the path of the field. Undefined: it is. */
export type Check = (value: unknown, path: string) => string | undefined;

// Written by hand: every sweep checks thousands of heads, and a schema library takes several times as long for it.

export const isText: Check = (value, path) => (typeof value === 'string' ? undefined : path);
export const isNumber: Check = (value, path) => (Number.isFinite(value) ? undefined : path);
export const isFlag: Check = (value, path) => (typeof value === 'boolean' ? undefined : path);
/** A time that can be reckoned with. */
export const isTime: Check = (value, path) =>
  typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? undefined : path;

export function optional(check: Check): Check {
  return (value, path) => (value === undefined ? undefined : check(value, path));
}

export function isOneOf(words: readonly string[]): Check {
  return (value, path) => (typeof value === 'string' && words.includes(value) ? undefined : path);
}

export function listOf(check: Check): Check {
  return (value, path) => {
    if (!Array.isArray(value)) return path;
    for (let n = 0; n < value.length; n += 1) {
      const fault = check(value[n], path);
      if (fault !== undefined) return fault;
    }
    return undefined;
  };
}

export function recordOf(check: Check): Check {
  return (value, path) => {
    if (!isRecord(value)) return path;
    for (const one of Object.values(value)) {
      const fault = check(one, path);
      if (fault !== undefined) return fault;
    }
    return undefined;
  };
}

/** An object with these fields, of those that `T` has; more than these are fine. */
export function objectOf<T>(fields: { [K in keyof T]?: Check }): Check {
  const checks = Object.entries(fields) as [string, Check][];
  return (value, path) => {
    if (!isRecord(value)) return path;
    for (const [name, check] of checks) {
      const fault = check(value[name], path === '' ? name : `${path}.${name}`);
      if (fault !== undefined) return fault;
    }
    return undefined;
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
