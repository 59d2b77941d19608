import { admit } from '../api/access/admit.ts';
import { type Answer, problem, withDocs } from '../api/problem.ts';
import { docsBase } from './docs-base.ts';
import { SettingsError } from './settings.ts';

/**
 * The reason why the app can't start, for people and alerts: the names of the settings at fault, never a
 * value. Pure.
 */
function whyNotStarted(error: unknown): string {
  if (!(error instanceof SettingsError)) return `${NOTHING_WORKS} It failed while it started.`;
  const { settings } = error;
  const count = settings.length === 1 ? '1 setting is' : `${settings.length} settings are`;
  return `${NOTHING_WORKS} ${count} missing or wrong: ${settings.join(', ')}.`;
}
const NOTHING_WORKS = 'Lockwatch does not work: it watches nothing and notifies nobody.';

/**
 * The answer at every address of an app that can't start. The names are for admitted readers; where the
 * caller can't be identified, for nobody. With keys, the host has already checked one.
 */
export function notStartedAnswer(error: unknown, header: (name: string) => string | null): Answer {
  const access = error instanceof SettingsError ? error.access : undefined;
  const mayRead = access !== undefined && admit(access, 'read', header).admitted;
  const why = mayRead ? whyNotStarted(error) : `${NOTHING_WORKS} Its settings are missing or wrong.`;
  const more = mayRead
    ? "The app's log says what is wrong with each."
    : "The app's log names them, and so does this address to those who may read it.";
  const answer = problem('not-started', `${why} ${more} Change them, then restart the app.`, {
    ...(mayRead && error instanceof SettingsError ? { settings: error.settings } : {}),
  });
  // The app's own page of the documents can't be shown either.
  return withDocs(answer, error instanceof SettingsError ? error.docsUrl : docsBase({}));
}

/**
 * An app without functions answers 404 everywhere, and its platform says that it runs: nobody would notice.
 */
export class NotStartedError extends Error {
  override readonly name = 'NotStartedError';
  constructor(error: unknown) {
    super(whyNotStarted(error), { cause: error instanceof SettingsError ? undefined : error });
  }
}
