import { readFileSync } from 'node:fs';

/**
 * Loaded first into a process of the local stack (`--import`). Moves its time ahead by the milliseconds in the file
 * that the address names. The simulator, the storage, the receivers and the app follow one file, so they agree.
 */
const POLL_MS = 50;
const file = new URL(import.meta.url).searchParams.get('file') ?? '';
const RealDate = Date;
const realNow = RealDate.now;
let aheadMs = 0;

function follow(): void {
  const ahead = Number(readFileSync(file, 'utf8'));
  // Halfway through a write the file may be empty: then the next look reads it.
  if (ahead > aheadMs) aheadMs = ahead;
}

follow();
setInterval(follow, POLL_MS).unref();

const movedNow = () => realNow() + aheadMs;
globalThis.Date = new Proxy(RealDate, {
  construct: (target, given, newTarget) =>
    Reflect.construct(target, given.length === 0 ? [movedNow()] : given, newTarget),
  apply: () => new RealDate(movedNow()).toString(),
  get: (target, name) => (name === 'now' ? movedNow : Reflect.get(target, name)),
});
