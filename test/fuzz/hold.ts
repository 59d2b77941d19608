import assert from 'node:assert/strict';
import { PLANTED } from './mutate.ts';

/** Own names of the prototypes, as they were before any input. */
const PROTOTYPES = [Object.prototype, Array.prototype, Function.prototype, Map.prototype, String.prototype];
const OWN = PROTOTYPES.map((one) => Reflect.ownKeys(one).map(String).join());

/** What must hold of any output: it is bounded plain data, holds no planted secret, and no prototype was changed. */
export function holds(output: unknown, most: number): void {
  const text = textOf(output);
  assert.ok(text.length <= most, `${text.length} characters, and ${most} are the most`);
  assert.ok(!text.includes(PLANTED), 'a secret of the input came back');
  assert.doesNotMatch(text, /\[native code\]|\[object \w+\]/, 'an object was written as text');
  isPlainPrototypes();
}

export function isPlainPrototypes(): void {
  PROTOTYPES.forEach((one, n) => {
    assert.equal(Reflect.ownKeys(one).map(String).join(), OWN[n], 'a prototype was changed');
  });
}

/** As text, every place of it. Fails on what is no data: a function that a name of the input led to. */
function textOf(value: unknown): string {
  if (value === undefined) return '';
  if (value instanceof Map) return textOf([...value]);
  if (value instanceof Set) return textOf([...value]);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (Array.isArray(value)) return value.map(textOf).join(',');
  if (typeof value === 'object' && value !== null) {
    const prototype: unknown = Object.getPrototypeOf(value);
    assert.ok(prototype === Object.prototype || prototype === null, 'an object of another kind');
    return Object.entries(value)
      .map(([name, inner]) => `${name}:${textOf(inner)}`)
      .join(',');
  }
  assert.ok(['string', 'number', 'boolean'].includes(typeof value) || value === null, `a ${typeof value}`);
  assert.ok(typeof value !== 'number' || Number.isFinite(value), `the number ${String(value)}`);
  return String(value);
}
