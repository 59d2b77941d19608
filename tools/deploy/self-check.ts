import { listIn, textIn, valueIn } from './cli.ts';

export interface Checked {
  /**
   * ok: nothing is missing. warned: it runs, and something is missing. refused: the deployer has no right to
   * query it, which says nothing about the app. failed: it does not answer.
   */
  outcome: 'ok' | 'warned' | 'refused' | 'failed';
  lines: string[];
}

export interface AppAnswer {
  status: number;
  body: unknown;
}

/**
 * How long a new app may take until it answers: its package is mounted, and sign-in and references take
 * effect.
 */
const TRIES = 20;
const PAUSE_MS = 15_000;

/**
 * Queries the app's health, as the person who deployed it, and reports the missing parts in plain words.
 * Repeats for a few minutes while it does not answer yet.
 */
export async function selfCheck(ports: {
  ask(path: string): Promise<AppAnswer>;
  sleep(ms: number): Promise<void>;
}): Promise<Checked> {
  let health = await ports.ask('/api/health');
  for (let tries = 1; tries < TRIES && isNotYetThere(health); tries += 1) {
    await ports.sleep(PAUSE_MS);
    health = await ports.ask('/api/health');
  }
  if (health.status !== 200) return noAnswer(health);
  const coverage = await ports.ask('/api/coverage');
  if (coverage.status !== 200) return noAnswer(coverage);
  return sayMissing(health.body, coverage.body);
}

/** The missing parts according to the two answers. Pure. */
export function sayMissing(health: unknown, coverage: unknown): Checked {
  const lines: string[] = [];
  const policies = Number(valueIn(health, 'policies') ?? 0);
  if (policies === 0)
    lines.push(
      'No enterprise policy was found yet. The first sweep takes a minute, and new rights up to ten; if it stays so, check LOCKWATCH_WATCHED_SUBSCRIPTIONS.',
    );
  for (const part of listIn(health, 'cannotRead'))
    lines.push(`Can't read: ${textIn(part, 'detail') ?? JSON.stringify(part).slice(0, 300)}`);
  for (const gap of listIn(health, 'currentGaps')) {
    const remediation = textIn(gap, 'remediation');
    lines.push(
      `Can't see: ${textIn(gap, 'what') ?? 'something that is not named'}${remediation ? ` ${remediation}` : ''}`,
    );
  }
  for (const channel of listIn(health, 'channels'))
    if (textIn(channel, 'state') === 'failing')
      lines.push(`The channel ${textIn(channel, 'name') ?? ''} fails.`);
  if (valueIn(health, 'sweep', 'isSilent') === true) lines.push('No sweep has finished yet.');
  lines.push(...notWired(coverage));
  const begin = `Lockwatch answers: ${policies} enterprise ${policies === 1 ? 'policy' : 'policies'} watched.`;
  return lines.length === 0
    ? { outcome: 'ok', lines: [begin, 'Nothing is missing.'] }
    : { outcome: 'warned', lines: [begin, ...lines] };
}

function notWired(coverage: unknown): string[] {
  const UNWIRED: Readonly<Record<string, string>> = {
    event: 'Events are not wired: changes are found by the sweep alone.',
    audit:
      'The audit log is not wired: nobody is named for a disabled or deleted key. Optional (auditLog in LOCKWATCH_WATCHED_VAULTS).',
  };
  return Object.entries(UNWIRED).flatMap(([source, words]) =>
    valueIn(coverage, 'detectionSources', source, 'configured') === false ? [words] : [],
  );
}

function isNotYetThere({ status }: AppAnswer): boolean {
  return status === 0 || status === 404 || status >= 500;
}

function noAnswer({ status, body }: AppAnswer): Checked {
  if (status === 401) return refused('The app refuses your sign-in (401). Sign in again (az login).');
  if (status === 403) return refused('The app knows you, and you have no role there (403).');
  const detail = textIn(body, 'detail');
  const why = status === 0 ? 'It can not be reached.' : `It answers ${status}.`;
  const where =
    'Bad settings are listed by name in its log stream: az webapp log tail, or Application Insights, AppTraces.';
  return {
    outcome: 'failed',
    lines: [`The app does not answer as it should. ${why}${detail ? ` ${detail}` : ''} ${where}`],
  };
}

/** The right that the deployer lacks, and who can grant it. */
export function refused(why: string): Checked {
  const remediation =
    'You need the role Lockwatch.Reader or Lockwatch.Operator. An administrator grants it: Microsoft Entra admin center, ' +
    'Enterprise applications, Lockwatch, Users and groups. Then ask again: npm run deploy:hook -- postdeploy';
  return { outcome: 'refused', lines: [why, remediation] };
}
