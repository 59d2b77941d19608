import * as z from 'zod';
import type { SettingDescription } from './description.ts';

/** Who may ask and act over HTTP. */
export const ACCESS = {
  access: {
    name: 'LOCKWATCH_ACCESS',
    meaning:
      'Who may ask and act over HTTP: entra (the platform’s sign-in, with the roles Lockwatch.Reader and Lockwatch.Operator), keys (a function key), or none (refused in Azure; for the local host only).',
    default: 'keys',
    example: 'entra',
    schema: z.enum(['entra', 'keys', 'none'], 'must be entra, keys or none'),
  },
  publicUrl: {
    name: 'LOCKWATCH_PUBLIC_URL',
    meaning: 'Base address of the app in links of notices. Without it: the address that Azure gave the app.',
    example: 'https://lockwatch.example.com',
    schema: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }),
  },
} as const satisfies Record<string, SettingDescription>;
