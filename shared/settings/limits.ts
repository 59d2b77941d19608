import * as z from 'zod';
import type { SettingDescription } from '../settings-schema/description.ts';

/** Above these, Lockwatch warns. */
export const LIMITS = {
  maxEnvironmentsPerPolicy: {
    name: 'LOCKWATCH_MAX_ENVIRONMENTS_PER_POLICY',
    meaning:
      'How many environments one enterprise policy may hold before Lockwatch warns: all of them go down together. Without it: any number.',
    example: '50',
    schema: z
      .string()
      .regex(/^[1-9]\d{0,5}$/, 'must be a whole number of environments')
      .transform(Number),
  },
} as const satisfies Record<string, SettingDescription>;
