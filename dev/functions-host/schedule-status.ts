import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Schedule } from './schedule.ts';

export interface ScheduleStatus {
  /** The last occurrence that ran; none before the first. */
  last: Date | undefined;
  next: Date;
  lastUpdated: Date;
}

export interface StatusStore {
  /** undefined where no readable status is stored. */
  read(timerName: string): Promise<ScheduleStatus | undefined>;
  write(timerName: string, status: ScheduleStatus): Promise<void>;
}

/**
 * Keeps schedule statuses in files, one folder for each storage account. In Azure they are blobs of that
 * account (azure-webjobs-hosts/timers/…), so a fresh account begins without any.
 */
export function createStatusStore(directory: string, storageAddress: string): StatusStore {
  const account = createHash('sha256').update(storageAddress).digest('hex').slice(0, 16);
  const folder = join(directory, account);
  const fileOf = (timerName: string) => join(folder, `${encodeURIComponent(timerName)}.json`);
  return {
    async read(timerName) {
      let text: string;
      try {
        text = await readFile(fileOf(timerName), 'utf8');
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
        throw error;
      }
      return parseStatus(text);
    },
    async write(timerName, status) {
      await mkdir(folder, { recursive: true });
      const file = fileOf(timerName);
      // Written by renaming: a host that is killed while it writes leaves the former status.
      const draft = `${file}.${process.pid}.new`;
      await writeFile(draft, JSON.stringify(status));
      await rename(draft, file);
    },
  };
}

/**
 * Whether an occurrence was missed since the status was stored, and the status to continue with. A changed
 * schedule is adopted without counting as missed.
 * Source: azure-webjobs-sdk-extensions, ScheduleMonitor.CheckPastDueAsync.
 */
export function checkPastDue(
  kept: ScheduleStatus | undefined,
  now: Date,
  schedule: Schedule,
): { status: ScheduleStatus; isPastDue: boolean } {
  if (!kept)
    return { status: { last: undefined, next: schedule.next(now), lastUpdated: now }, isPastDue: false };
  const since = kept.last ?? kept.lastUpdated;
  const expected = schedule.next(since);
  let status = kept;
  if (kept.next.getTime() !== expected.getTime()) {
    const isOver = now > expected;
    status = {
      last: undefined,
      next: isOver ? schedule.next(now) : expected,
      lastUpdated: isOver ? now : since,
    };
  }
  return { status, isPastDue: now > status.next };
}

function parseStatus(text: string): ScheduleStatus | undefined {
  let json: { last?: unknown; next?: unknown; lastUpdated?: unknown } | null;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const next = toDate(json?.next);
  const lastUpdated = toDate(json?.lastUpdated);
  return next && lastUpdated ? { last: toDate(json?.last), next, lastUpdated } : undefined;
}

function toDate(value: unknown): Date | undefined {
  if (typeof value !== 'string') return undefined;
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
