/**
 * Reports where a stored value is not of the kind that this version writes: the path of the field, empty for
 * the value itself. Undefined: the value is valid.
 */
export type FieldCheck = (value: unknown) => string | undefined;

// Written by hand: every sweep checks thousands of policy states, and a schema library takes several times as
// long.

export const isText: FieldCheck = (value) => (typeof value === 'string' ? undefined : '');
export const isNumber: FieldCheck = (value) => (Number.isFinite(value) ? undefined : '');
export const isFlag: FieldCheck = (value) => (typeof value === 'boolean' ? undefined : '');
/** A time that can be parsed. */
export const isTime: FieldCheck = (value) =>
  typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? undefined : '';

export function optional(check: FieldCheck): FieldCheck {
  return (value) => (value === undefined ? undefined : check(value));
}

export function isOneOf(words: readonly string[]): FieldCheck {
  return (value) => (typeof value === 'string' && words.includes(value) ? undefined : '');
}

export function listOf(check: FieldCheck): FieldCheck {
  return (value) => {
    if (!Array.isArray(value)) return '';
    for (let n = 0; n < value.length; n += 1) {
      const fault = check(value[n]);
      if (fault !== undefined) return fault;
    }
    return undefined;
  };
}

export function recordOf(check: FieldCheck): FieldCheck {
  return (value) => {
    if (!isRecord(value)) return '';
    for (const one of Object.values(value)) {
      const fault = check(one);
      if (fault !== undefined) return fault;
    }
    return undefined;
  };
}

/** An object with these fields, of those that `T` has. Additional fields are accepted. */
export function objectOf<T>(fields: { [K in keyof T]?: FieldCheck }): FieldCheck {
  const checks = Object.entries(fields) as [string, FieldCheck][];
  return (value) => {
    if (!isRecord(value)) return '';
    for (const [name, check] of checks) {
      const fault = check(value[name]);
      if (fault !== undefined) return fault === '' ? name : `${name}.${fault}`;
    }
    return undefined;
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
