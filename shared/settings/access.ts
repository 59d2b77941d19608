import * as z from 'zod';
import type { SettingDescription } from '../settings-schema/description.ts';
import { fault, type SettingFault } from '../settings-schema/fault.ts';

/** Who may send read requests and actions over HTTP. */
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
  docsUrl: {
    name: 'LOCKWATCH_DOCS_URL',
    meaning:
      'Base address of these documents (docs/), to which every notice and every problem of the API links. Without it: the repository that package.json names, else the page /docs of the app.',
    example: 'https://github.com/contoso/lockwatch/blob/main/docs',
    schema: z.url({ protocol: /^https$/, error: 'must be an https URL' }),
  },
} as const satisfies Record<string, SettingDescription>;

/**
 * Faults between the access setting and the platform's own state. App Service sets `WEBSITE_AUTH_ENABLED` and
 * `WEBSITE_SITE_NAME` ("Environment variables and app settings in Azure App Service"). Without the platform's
 * sign-in in front, anyone could write its headers: then the app must answer nothing.
 */
export function accessFaults(
  values: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
): SettingFault[] {
  const { name } = ACCESS.access;
  if (values.access === 'none' && environment.WEBSITE_SITE_NAME)
    return [
      fault(name, " is 'none', which is for the local host only: in Azure anyone could read the answers."),
    ];
  if (values.access === 'entra' && environment.WEBSITE_AUTH_ENABLED?.trim().toLowerCase() !== 'true')
    return [
      fault(
        name,
        ` is 'entra', but the platform does not say that its sign-in is on (WEBSITE_AUTH_ENABLED is not True): anyone could pretend to be signed in. Turn on App Service Authentication with Microsoft as its provider, or set ${name} to keys.`,
      ),
    ];
  return [];
}
