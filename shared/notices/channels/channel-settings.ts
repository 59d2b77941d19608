import * as z from 'zod';
import { NOTICE_REASONS } from '../../incidents/notice-reason.ts';
import { type Descriptions, list, pairs } from '../../settings-schema/description.ts';
import { CHANNEL_KINDS } from './register.ts';

type Merged<U> = (U extends unknown ? (one: U) => void : never) extends (all: infer A) => void ? A : never;

const OF_KINDS: Merged<(typeof CHANNEL_KINDS)[number]['settings']> = Object.assign(
  {},
  ...CHANNEL_KINDS.map(({ settings }) => settings),
);

const REASONS = NOTICE_REASONS.map((reason) => reason.toLowerCase());

/** What each kind of channel brings, and what concerns all of them. A channel exists when its settings do. */
export const CHANNEL_SETTINGS = {
  ...OF_KINDS,
  routes: {
    name: 'LOCKWATCH_ROUTES',
    meaning:
      'Which channels a reason for speaking goes to: reason, =, channels with commas; reasons separated by semicolons. A reason that is not named goes to all.',
    example: 'reminder=email;warning=email,teams-ops',
    schema: pairs(
      z.enum(REASONS, `must name reasons of notices left of each =: ${NOTICE_REASONS.join(', ')}`),
      list(z.string().min(1), 'must name a channel behind each ='),
    ),
  },
  deploymentName: {
    name: 'LOCKWATCH_NAME',
    meaning:
      'The name of this deployment in every notice, on the pages and in the API, for people who get the notices of several. Without it: the name that Azure gave the app.',
    example: 'contoso-prod',
    schema: z
      .string()
      .regex(
        /^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,39}$/u,
        'must be at most 40 letters, digits, spaces, points or dashes',
      ),
  },
  timeZone: {
    name: 'LOCKWATCH_TIME_ZONE',
    meaning: 'The time zone (IANA) of the times in notices, which show UTC as well.',
    default: 'UTC',
    example: 'Europe/Berlin',
    schema: z.string().refine(isTimeZone, 'must be a time zone’s IANA name'),
  },
} as const satisfies Descriptions;

function isTimeZone(name: string): boolean {
  // The default needs no call to Intl, whose first use costs a cold process 10 ms.
  if (name === 'UTC') return true;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
