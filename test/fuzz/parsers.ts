import type { FuzzedParser } from './fuzzed.ts';
import { AZURE_PARSERS } from './parse-azure.ts';
import { CHANNEL_PARSERS } from './parse-channels.ts';
import { PEOPLE_PARSERS } from './parse-people.ts';
import { PLAN_PARSERS } from './parse-plans.ts';
import { SIGNAL_PARSERS } from './parse-signals.ts';
import { STORED_PARSERS } from './parse-stored.ts';

/** Every parser of untrusted input. `register.test.ts` fails where a module that parses is in none of them. */
export const PARSERS: readonly FuzzedParser[] = [
  ...SIGNAL_PARSERS,
  ...AZURE_PARSERS,
  ...PEOPLE_PARSERS,
  ...STORED_PARSERS,
  ...CHANNEL_PARSERS,
  ...PLAN_PARSERS,
];

/** The modules that parse what is fuzzed elsewhere, or what nobody untrusted writes, with the reason. */
export const ELSEWHERE: Readonly<Record<string, string>> = {
  'api/serve-api.ts': 'every address in endpoints.test.ts',
  'api/match-endpoint.ts': 'every address in endpoints.test.ts',
  'api/problem.ts': 'a problem document of its own',
  'api/openapi.ts': 'copies a document of its own',
  'api/alternate.ts': 'every page in pages.test.ts',
  'api/pages/serve-page.ts': 'every page in pages.test.ts',
  'api/pages/not-started-page.ts': 'an address that the host has parsed, and a document of its own',
  'api/access/open-session.ts': 'an address that the host has parsed',
};
