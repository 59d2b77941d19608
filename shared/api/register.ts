import { acknowledgeEndpoint } from './actions/acknowledge-endpoint.ts';
import { checkEndpoint } from './actions/check-endpoint.ts';
import { closeEndpoint } from './actions/close-endpoint.ts';
import { drillEndpoint } from './actions/drill-endpoint.ts';
import { policySilenceEndpoint } from './actions/policy-silence-endpoint.ts';
import { previewEndpoint } from './actions/preview-endpoint.ts';
import { silenceEndpoint } from './actions/silence-endpoint.ts';
import { supportCaseEndpoint } from './actions/support-case-endpoint.ts';
import { vaultSilenceEndpoint } from './actions/vault-silence-endpoint.ts';
import type { Endpoint } from './endpoint.ts';
import { activityEndpoint } from './status/activity-endpoint.ts';
import { blastRadiusEndpoint } from './status/blast-radius-endpoint.ts';
import { configurationEndpoint } from './status/configuration-endpoint.ts';
import { coverageEndpoint } from './status/coverage-endpoint.ts';
import { environmentEndpoint } from './status/environment-endpoint.ts';
import { factsEndpoint } from './status/facts-endpoint.ts';
import { healthEndpoint } from './status/health-endpoint.ts';
import { incidentEndpoint } from './status/incident-endpoint.ts';
import { incidentsEndpoint } from './status/incidents-endpoint.ts';
import { openApiEndpoint } from './status/openapi-endpoint.ts';
import { policyEndpoint } from './status/policy-endpoint.ts';
import { reportEndpoint } from './status/report-endpoint.ts';
import { statusEndpoint } from './status/status-endpoint.ts';
import { vaultEndpoint } from './status/vault-endpoint.ts';
import { warningsEndpoint } from './status/warnings-endpoint.ts';
import { whoCanEndpoint } from './status/who-can-endpoint.ts';

/** Every endpoint, in the order of the documents. */
export const ENDPOINTS: readonly Endpoint[] = [
  statusEndpoint,
  incidentsEndpoint,
  incidentEndpoint,
  reportEndpoint,
  activityEndpoint,
  environmentEndpoint,
  policyEndpoint,
  vaultEndpoint,
  blastRadiusEndpoint,
  warningsEndpoint,
  coverageEndpoint,
  healthEndpoint,
  configurationEndpoint,
  whoCanEndpoint,
  factsEndpoint,
  previewEndpoint,
  acknowledgeEndpoint,
  silenceEndpoint,
  supportCaseEndpoint,
  closeEndpoint,
  checkEndpoint,
  policySilenceEndpoint,
  vaultSilenceEndpoint,
  drillEndpoint,
  openApiEndpoint(() => ENDPOINTS),
];
