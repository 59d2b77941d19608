import { homePage } from './home.ts';
import { incidentPage } from './incident.ts';
import type { Page } from './page.ts';
import { policyPage } from './policy.ts';

/** Every page. Its answer comes from the endpoint that it names, so its type is that endpoint's. */
export const PAGES: readonly Page<never>[] = [homePage, incidentPage, policyPage];
