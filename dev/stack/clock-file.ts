import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

/** Longer than the processes take to read the file again. */
const FOLLOWED_MS = 200;

export interface ClockFile {
  /** The arguments with which a process follows this clock. */
  args: string[];
  /** Moves the time of all processes that follow it. Resolves when they have followed. */
  moveAhead(ms: number): Promise<void>;
}

/** `directory`: where the file is kept. */
export async function createClockFile(directory: string): Promise<ClockFile> {
  const file = join(directory, 'clock');
  let aheadMs = 0;
  await writeFile(file, '0');
  const preload = pathToFileURL(join(import.meta.dirname, 'movable-clock.ts'));
  preload.searchParams.set('file', file);
  return {
    args: ['--import', preload.href],
    async moveAhead(ms) {
      aheadMs += ms;
      await writeFile(file, String(aheadMs));
      await sleep(FOLLOWED_MS);
    },
  };
}
