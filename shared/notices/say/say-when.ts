/** The format of times in a message: in UTC, and also in the reader's own zone. */
export interface Times {
  /** "Sun 23 Nov 2025, 19:42 UTC (20:42 in Berlin)". Takes ISO 8601; anything else is reported as unknown. */
  moment(at: string | undefined): string;
  /** The short form: "23 Nov, 19:42 UTC (20:42 in Berlin)". */
  minute(at: string | undefined): string;
  /** The day alone, in UTC: "23 Nov". */
  date(at: string | undefined): string;
  /** The text with each ISO 8601 time in the form of `moment`. */
  inText(text: string): string;
  /** The time zones of the message. */
  note: string;
}

/** `timeZone`: an IANA name. Only UTC if it is UTC itself, absent, or unknown to this runtime. */
export function timesIn(timeZone?: string): Times {
  const zone = timeZone === undefined ? undefined : zoneOf(timeZone);
  const moment = (at: string | undefined) =>
    factsOf(at, zone, (date) => `${WEEKDAYS[date.getUTCDay()]} ${day(date)} ${date.getUTCFullYear()}`);
  return {
    moment,
    minute: (at) => factsOf(at, zone, day),
    date: (at) => dayOf(at),
    inText: (text) => text.replace(INSTANT, (at) => moment(at)),
    note: zone
      ? `Times are in UTC, and in brackets as clocks show it in ${zone.city}.`
      : 'All times are UTC.',
  };
}

interface Zone {
  city: string;
  clock: Intl.DateTimeFormat;
}

function zoneOf(timeZone: string): Zone | undefined {
  // The first use of Intl takes a cold process tens of milliseconds.
  if (UTC_NAMES.test(timeZone)) return undefined;
  try {
    const clock = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
    });
    if (clock.resolvedOptions().timeZone === 'UTC') return undefined;
    return { city: (timeZone.split('/').at(-1) ?? timeZone).replaceAll('_', ' '), clock };
  } catch (error) {
    // The settings reject such a name at the start; here the message matters more than its second time zone.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function dayOf(at: string | undefined): string {
  const date = new Date(at ?? '');
  return Number.isNaN(date.getTime()) ? 'a day that is not known' : day(date);
}

function factsOf(at: string | undefined, zone: Zone | undefined, dayOf: (date: Date) => string): string {
  const date = new Date(at ?? '');
  if (Number.isNaN(date.getTime())) return 'a time that is not known';
  const utc = `${dayOf(date)}, ${hour(date)} UTC`;
  if (!zone) return utc;
  // The zone's local time as if it were UTC, which makes a change of the day, month or year visible.
  const wall = wallClock(date, zone.clock);
  const otherDay =
    wall.toISOString().slice(0, 10) === date.toISOString().slice(0, 10) ? '' : `${dayOf(wall)}, `;
  return `${utc} (${otherDay}${hour(wall)} in ${zone.city})`;
}

function wallClock(date: Date, clock: Intl.DateTimeFormat): Date {
  const parts = new Map(clock.formatToParts(date).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  return new Date(Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute')));
}

function day(date: Date): string {
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
}

function hour(date: Date): string {
  return date.toISOString().slice(11, 16);
}

const UTC_NAMES = /^(?:Etc\/)?(?:UTC|UCT|Universal|Zulu|GMT|Greenwich)$/i;
const INSTANT = /\b\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z/g;
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
