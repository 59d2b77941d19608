import type { World } from '../world/world.ts';
import type { Scenario } from './scenario.ts';

const SILENT = 'Azure raises no event where a token is refused (azure-sdk-for-js 22722 and 23224).';

/** Tokens of the app that are refused before their end. */
export const TOKEN_SCENARIOS: Scenario[] = [
  {
    ...scenario(
      'token-refused',
      "Refuses the tokens that the app has, before their end; the platform's identity endpoint gives others.",
    ),
    perform(draft) {
      revoke(draft);
      draft.app.tokens = [];
      return { events: [], audit: [], silent: SILENT };
    },
  },
  {
    ...scenario(
      'token-refused-and-cached',
      "Refuses the tokens that the app has, before their end; the platform's identity endpoint gives them again.",
    ),
    perform(draft) {
      revoke(draft);
      return { events: [], audit: [], silent: SILENT };
    },
  },
  {
    ...scenario('undo-token-refused', "The platform's identity endpoint gives tokens that are accepted."),
    perform(draft) {
      draft.app.tokens = draft.app.tokens.filter(({ id }) => !draft.app.revokedTokens.includes(id));
      return { events: [], audit: [], silent: SILENT };
    },
  },
];

function scenario(name: string, line: string) {
  return { name, line, raises: null, silent: SILENT };
}

function revoke({ app }: World): void {
  app.revokedTokens.push(...app.tokens.map(({ id }) => id));
}
