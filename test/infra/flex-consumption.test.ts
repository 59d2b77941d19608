import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DEPLOYMENTS } from './deployment.ts';
import { flexRefusal } from './flex-consumption.ts';

/** A site that is accepted, with something more. */
const site = (more: {
  site?: Record<string, unknown>;
  config?: Record<string, unknown>;
  setting?: string;
}) => ({
  serverFarmId: 'plan',
  functionAppConfig: {},
  siteConfig: {
    minTlsVersion: '1.2',
    appSettings: [
      { name: 'LOCKWATCH_ACCESS', value: 'entra' },
      ...(more.setting ? [{ name: more.setting, value: 'x' }] : []),
    ],
    ...more.config,
  },
  ...more.site,
});

/** The published table of deprecations, and what reported refusals name beside it. */
const REFUSED_CONFIGURATION = [
  'ftpsState',
  'use32BitWorkerProcess',
  'netFrameworkVersion',
  'linuxFxVersion',
  'windowsFxVersion',
  'javaVersion',
  'powerShellVersion',
  'alwaysOn',
  'preWarmedInstanceCount',
  'functionAppScaleLimit',
  'functionsRuntimeScaleMonitoringEnabled',
  'vnetRouteAllEnabled',
];
const REFUSED_SITE = [
  'isReserved',
  'isXenon',
  'containerSize',
  'vnetRouteAllEnabled',
  'vnetContentShareEnabled',
];
const REFUSED_SETTINGS = [
  'WEBSITE_RUN_FROM_PACKAGE',
  'FUNCTIONS_EXTENSION_VERSION',
  'FUNCTIONS_WORKER_RUNTIME',
  'FUNCTIONS_WORKER_RUNTIME_VERSION',
  'FUNCTIONS_MAX_HTTP_CONCURRENCY',
  'FUNCTIONS_WORKER_PROCESS_COUNT',
  'FUNCTIONS_WORKER_DYNAMIC_CONCURRENCY_ENABLED',
  'ENABLE_ORYX_BUILD',
  'SCM_DO_BUILD_DURING_DEPLOYMENT',
  'WEBSITE_CONTENTAZUREFILECONNECTIONSTRING',
  'WEBSITE_CONTENTSHARE',
  'WEBSITE_CONTENTOVERVNET',
  'WEBSITE_DNS_SERVER',
  'WEBSITE_MAX_DYNAMIC_APPLICATION_SCALE_OUT',
  'WEBSITE_NODE_DEFAULT_VERSION',
  'WEBSITE_SKIP_CONTENTSHARE_VALIDATION',
  'WEBSITE_TIME_ZONE',
  'WEBSITE_VNET_ROUTE_ALL',
];

describe('Flex Consumption', () => {
  it('refuses ftpsState in Azure’s own words', () => {
    assert.equal(
      flexRefusal(site({ config: { ftpsState: 'Disabled' } })),
      'The following site configuration property (Site.SiteConfig.FtpsState) for Flex Consumption sites is invalid.  Please remove or rename it before retrying.',
    );
    assert.match(
      flexRefusal(site({ config: { ftpsState: 'Disabled', alwaysOn: true } })) ?? '',
      /list of 2 site configuration properties \(Site\.SiteConfig\.FtpsState, Site\.SiteConfig\.AlwaysOn\)/,
    );
  });

  it('refuses every property and app setting of its deprecation table, and accepts a site without them', () => {
    assert.equal(flexRefusal(site({})), undefined);
    for (const name of REFUSED_CONFIGURATION)
      assert.ok(flexRefusal(site({ config: { [name]: null } })), `siteConfig.${name} passes`);
    for (const name of REFUSED_SITE)
      assert.ok(flexRefusal(site({ site: { [name]: null } })), `${name} passes`);
    for (const name of REFUSED_SETTINGS)
      assert.ok(flexRefusal(site({ setting: name })), `the app setting ${name} passes`);
  });
});

describe('the function app, on Flex Consumption', () => {
  for (const deployed of DEPLOYMENTS)
    it(`of the scenario ${deployed.name} is accepted, with every site property and app setting`, () => {
      assert.deepEqual(deployed.one('Microsoft.Web/serverfarms').sku, {
        tier: 'FlexConsumption',
        name: 'FC1',
      });
      assert.equal(flexRefusal(deployed.one('Microsoft.Web/sites').properties), undefined);
    });

  it('has no policy for publishing over FTP, which the plan does not have', () => {
    for (const { name, resources } of DEPLOYMENTS)
      assert.ok(
        !resources.some((one) => /basicPublishingCredentialsPolicies\/ftp$/i.test(one.id)),
        `${name} has one`,
      );
  });
});
