import * as z from 'zod';
import { TIME } from '../components.ts';

export const CHANNEL_STATE = z
  .object({
    name: z.string(),
    state: z.enum(['working', 'failing', 'unknown']).describe('unknown: nothing was ever sent there.'),
    failingSince: TIME.nullable(),
    lastSuccessAt: TIME.nullable(),
    lastError: z.string().nullable(),
    warning: z
      .string()
      .nullable()
      .describe('What is wrong with its settings, whatever its receiver answers.'),
    leftAloneUntil: TIME.nullable().describe('Until then only new alarms are sent to it.'),
    waiting: z
      .int()
      .nullable()
      .describe('Notices that are still to be delivered there; null: not counted in this answer.'),
    waitingSince: TIME.nullable(),
  })
  .meta({ id: 'Channel' });
