import { Cron } from 'croner';
import { HostError } from './host-error.ts';
import { parseTimeSpan } from './time-span.ts';

export interface Schedule {
  /** The first occurrence after that time. */
  next(after: Date): Date;
  /** The timer object's value for daylight saving: a cron schedule follows the clock, an interval doesn't. */
  adjustForDst: boolean;
  /** The interval, where it is one. */
  spanMs?: number;
}

/**
 * Seconds may be left out; letters are only the names of months and days. NCRONTAB supports no L, W, # and ?.
 */
const FIELD =
  /^(?:[\d*]|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|sun|mon|tue|wed|thu|fri|sat)[\d*,/a-z-]*$/i;
const WORD = /^(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|sun|mon|tue|wed|thu|fri|sat)$/i;

/**
 * Reads a timer's schedule: an NCRONTAB expression of six fields (or five, without seconds) or a time span.
 * Throws HostError where it is neither.
 * Sources: "Timer trigger for Azure Functions", section "NCRONTAB expressions"; azure-webjobs-sdk-extensions,
 * TimerSchedule, CronSchedule and ConstantSchedule.
 */
export function parseSchedule(text: string, timeZone: string, functionName: string): Schedule {
  const spanMs = parseTimeSpan(text);
  if (spanMs !== undefined && spanMs > 0)
    return { next: (after) => new Date(after.getTime() + spanMs), adjustForDst: false, spanMs };
  const fault = `Function '${functionName}': the schedule '${text}' is neither an NCRONTAB expression nor a time span.`;
  const fields = text.trim().split(/\s+/);
  if ((fields.length !== 5 && fields.length !== 6) || !fields.every(isField)) throw new HostError(fault);
  // NCRONTAB accepts only 0 for Sunday.
  if (
    fields
      .at(-1)
      ?.split(/[,-]/)
      .some((part) => part.startsWith('7'))
  )
    throw new HostError(fault);
  let cron: Cron;
  try {
    // If both a day of the month and of the week are given, NCRONTAB requires both to match.
    cron = new Cron(text.trim(), {
      timezone: timeZone,
      mode: '5-or-6-parts',
      domAndDow: true,
      sloppyRanges: true,
      paused: true,
    });
    cron.nextRun();
  } catch (cause) {
    throw new HostError(fault, { cause });
  }
  return {
    next(after) {
      const next = cron.nextRun(after);
      if (!next) throw new HostError(`Function '${functionName}': the schedule '${text}' never comes.`);
      return next;
    },
    adjustForDst: true,
  };
}

/**
 * An interval below a minute, or more than one occurrence within the next minute: the runtime keeps no status
 * for such a timer. Source: azure-webjobs-sdk-extensions, TimerSchedule.Create.
 */
export function isSubMinute(schedule: Schedule, now: Date): boolean {
  if (schedule.spanMs !== undefined) return schedule.spanMs < 60_000;
  const second = schedule.next(schedule.next(now));
  return second.getTime() <= now.getTime() + 60_000;
}

function isField(field: string): boolean {
  return FIELD.test(field) && (field.match(/[a-z]+/gi) ?? []).every((word) => WORD.test(word));
}
