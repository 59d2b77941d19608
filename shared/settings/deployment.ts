import type { Settings } from './settings.ts';

/**
 * The name of this deployment; undefined on the local host, unless it is set. App Service sets `WEBSITE_SITE_NAME`
 * ("Environment variables and app settings in Azure App Service").
 */
export function deploymentIn(
  { deploymentName }: Pick<Settings, 'deploymentName'>,
  { WEBSITE_SITE_NAME: siteName }: Readonly<Record<string, string | undefined>>,
): string | undefined {
  return deploymentName ?? (siteName?.trim() || undefined);
}
