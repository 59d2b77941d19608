/**
 * How the text of a variable of the azd environment is read. Lists and objects are JSON, or a short form without
 * quotation marks, which Windows PowerShell 5.1 strips from the arguments of programs (PowerShell/PowerShell#1995).
 * infra/variables.bicep reads the same texts. Each throws `SyntaxError` where the text is neither.
 */

/** `["a","b"]`, or `a;b`. */
export function textsIn(text: string): unknown[] {
  return isJson(text) ? jsonList(text) : partsOf(text);
}

/** `{"name":"value"}`, or `name=value;name=value`. */
export function pairsIn(text: string): [name: string, value: unknown][] {
  if (!isJson(text)) return partsOf(text).map(pairOf);
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new SyntaxError('not an object');
  return Object.entries(parsed);
}

/** JSON, or `id,location;id,location,auditLog`; after the location: `auditLog`, `noEvents`. */
export function vaultsIn(text: string): unknown[] {
  if (isJson(text)) return jsonList(text);
  return partsOf(text).map((vault) => {
    const [id, location, ...options] = vault.split(',').map((part) => part.trim());
    const unknown = options.filter((option) => !['auditLog', 'noEvents', ''].includes(option));
    if (unknown.length > 0) throw new SyntaxError(`'${unknown.join(',')}' is no option of a vault`);
    return { id, location, events: !options.includes('noEvents'), auditLog: options.includes('auditLog') };
  });
}

/** JSON, or `+49 15100000000;+1 5550100`. */
export function phonesIn(text: string): unknown[] {
  if (isJson(text)) return jsonList(text);
  return partsOf(text).map((phone) => {
    const [country = '', ...number] = phone.split(' ').filter((part) => part !== '');
    return { countryCode: country.replace('+', ''), phoneNumber: number.join('') };
  });
}

/** JSON, or `function:storageQueue=1;http=1`. */
export function instancesIn(text: string): unknown[] {
  if (isJson(text)) return jsonList(text);
  return partsOf(text).map((one) => {
    const [name, count] = pairOf(one);
    return { name, instanceCount: Number(count) };
  });
}

function isJson(text: string): boolean {
  return /^\s*[[{]/.test(text);
}

function jsonList(text: string): unknown[] {
  const parsed: unknown = JSON.parse(text);
  if (!Array.isArray(parsed)) throw new SyntaxError('not a list');
  return parsed;
}

function partsOf(text: string): string[] {
  return text
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function pairOf(pair: string): [name: string, value: string] {
  const at = pair.indexOf('=');
  if (at < 1) throw new SyntaxError(`'${pair}' has no name`);
  return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
}
