import { activityPage } from './activity.ts';
import { blastRadiusPage } from './blast-radius.ts';
import { configurationPage } from './configuration.ts';
import { coveragePage } from './coverage.ts';
import { docsPage } from './docs.ts';
import { environmentPage } from './environment.ts';
import { healthPage } from './health.ts';
import { homePage } from './home.ts';
import { incidentPage } from './incident.ts';
import { incidentsPage } from './incidents.ts';
import type { Page } from './page.ts';
import { policyPage } from './policy.ts';
import { reportPage } from './report.ts';
import { vaultPage } from './vault.ts';
import { warningsPage } from './warnings.ts';
import { whoCanPage } from './who-can.ts';

/** Every page. Its answer comes from the endpoint that it names, so its type is that endpoint's. */
export const PAGES: readonly Page<never>[] = [
  homePage,
  incidentsPage,
  incidentPage,
  reportPage,
  policyPage,
  vaultPage,
  environmentPage,
  blastRadiusPage,
  whoCanPage,
  warningsPage,
  coveragePage,
  activityPage,
  healthPage,
  configurationPage,
  docsPage,
];
