import { isUnder, normalId, sameId } from '../../azure/arm-id.ts';

/** A query that can't be answered: names the parameter and the remediation. */
export class FilterError extends Error {
  override readonly name = 'FilterError';
  readonly field: string;
  constructor(field: string, message: string) {
    super(message);
    this.field = field;
  }
}

/**
 * Reads the filters that an answer supports. Throws `FilterError`; an unknown parameter is a fault, not
 * ignored.
 */
export function readFields<F extends string>(
  parameters: URLSearchParams,
  fields: readonly F[],
): { [field in F]?: string } {
  const filter: { [field in F]?: string } = {};
  for (const [name, value] of parameters) {
    if (name.toLowerCase() === 'code') continue; // the platform's own function key
    const field = fields.find((one) => one === name);
    if (!field)
      throw new FilterError(
        name.slice(0, 40),
        `'${name.slice(0, 40)}' is not a filter. Use ${fields.join(', ')}.`,
      );
    if (value.trim() === '') throw new FilterError(field, `'${field}' is empty. Give an id or a name.`);
    if (filter[field] !== undefined)
      throw new FilterError(field, `'${field}' stands twice. Ask for one at a time.`);
    filter[field] = value.trim();
  }
  return filter;
}

/**
 * True where this ARM id is the wanted one, or contains it (a vault contains its keys), or has the wanted
 * name.
 */
export function isNamed(id: string, wanted: string): boolean {
  if (wanted.includes('/')) return sameId(id, wanted) || isUnder(wanted, id);
  return normalId(id).split('/').at(-1) === wanted.toLowerCase();
}
