import { at, listAt, textAt } from './deployment.ts';

/**
 * What Azure Resource Manager says to a site on Flex Consumption: nothing, or its own refusal (error 51021). Regions
 * differ: older stamps ignore such a property, newer ones refuse it (Azure/terraform-azurerm-avm-res-web-site#360), so a
 * deployment that passed in one region proves nothing. Hence only what is known to be accepted passes here, and what
 * is new needs a source: "App settings reference for Azure Functions", section Flex Consumption plan deprecations.
 */
export function flexRefusal(properties: unknown): string | undefined {
  const names = (value: unknown) => Object.keys(typeof value === 'object' && value !== null ? value : {});
  const config = at(properties, 'siteConfig');
  const refusals = [
    refusal('site property', 'site properties', 'Site.', names(properties), SITE),
    refusal(
      'site configuration property',
      'site configuration properties',
      'Site.SiteConfig.',
      names(config),
      SITE_CONFIGURATION,
    ),
    refusal(
      'app setting',
      'app settings',
      'Site.SiteConfig.AppSettings.',
      listAt(config, 'appSettings').map((one) => textAt(one, 'name')),
      APP_SETTINGS,
    ),
  ];
  return refusals.find((one) => one !== undefined);
}

/** Azure-Samples/azure-functions-flex-consumption-samples, IaC/bicep and E2E/HTTP-VNET-EH. */
const SITE =
  /^(serverFarmId|siteConfig|functionAppConfig|httpsOnly|publicNetworkAccess|keyVaultReferenceIdentity|virtualNetworkSubnetId)$/;
/**
 * What hashicorp/terraform-provider-azurerm sends for Flex Consumption (ExpandSiteConfigFunctionFlexConsumptionApp),
 * without what the published table or a reported refusal names.
 */
const SITE_CONFIGURATION =
  /^(appSettings|cors|healthCheckPath|http20Enabled|(scm)?minTlsVersion|(scm)?ipSecurityRestrictions(DefaultAction|UseMain)?)$/i;
/** The root without a page of the host's, the host's own connections by identity, telemetry, sign-in without a secret, and the app's own. */
const APP_SETTINGS =
  /^(AzureWebJobsDisableHomepage|AzureWebJobsStorage__((blob|queue|table)ServiceUri|credential|clientId)|APPLICATIONINSIGHTS_(CONNECTION|AUTHENTICATION)_STRING|OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID|LOCKWATCH_\w+)$/;

/** Word for word: microsoft/azure-pipelines-tasks#21032 (several), Azure/azure-functions-host#10643 (one). */
function refusal(
  one: string,
  several: string,
  prefix: string,
  names: string[],
  accepted: RegExp,
): string | undefined {
  const refused = names
    .filter((name) => !accepted.test(name))
    .map((name) => `${prefix}${name.charAt(0).toUpperCase()}${name.slice(1)}`);
  if (refused.length === 0) return undefined;
  return refused.length === 1
    ? `The following ${one} (${refused[0]}) for Flex Consumption sites is invalid.  Please remove or rename it before retrying.`
    : `The following list of ${refused.length} ${several} (${refused.join(', ')}) for Flex Consumption sites is invalid.  Please remove or rename them before retrying.`;
}
