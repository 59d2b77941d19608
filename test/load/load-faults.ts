import type { Change } from './flood.ts';
import type { Outcome } from './outcome.ts';
import type { LoadSize } from './sizes.ts';

/** Only the heartbeat's message stays in the queue: it returns for ever. */
const HEARTBEAT_MESSAGES = 1;
const CARD_BYTES = 20_000;
const FIRST_REASONS: readonly string[] = ['opened', 'suspected'];

/**
 * How long after the change the first notice may be accepted. A queue that is behind delays an event, so the law is
 * that of the sweep (budget "key disabled with no event": interval + 5 s), and a sweep of that many policies takes as
 * long as Azure's reads: our share of the bucket is 15 a second (`SWEEP_SHARE` of `ARM_BUCKET`), and a policy takes
 * two reads (itself, its role assignments) besides those of its vault.
 */
export function boundSeconds({ sweepSeconds }: LoadSize, policies: number, vaults: number): number {
  const READS_A_SECOND = 15;
  return sweepSeconds + 5 + (2 * policies + 5 * vaults) / READS_A_SECOND;
}

/** From each change to the first notice of each of its policies, in seconds; Infinity where there is none. */
export function secondsToNotice(
  { policies, at }: Change,
  notices: Outcome['notices'],
  channel: string,
): number {
  const first = policies.map((policy) =>
    Math.min(
      ...notices.flatMap((notice) =>
        notice.policy === policy && notice.channel === channel && notice.sentAt !== undefined
          ? [Date.parse(notice.sentAt)]
          : [],
      ),
    ),
  );
  return (Math.max(...first) - Date.parse(at)) / 1000;
}

/** What was lost, doubled or left behind, a sentence each. Pure. */
export function faultsOf(size: LoadSize, changes: readonly Change[], outcome: Outcome): string[] {
  const { incidents, notices, received, messages } = outcome;
  const faults: string[] = [];
  const expect = (what: string, actual: number, wanted: number) => {
    if (actual !== wanted) faults.push(`${what}: ${actual}, not ${wanted}`);
  };
  const affected = changes.flatMap(({ policies }) => policies);
  const opened = Map.groupBy(incidents, ({ policy }) => policy);
  expect(
    'policies with an incident',
    affected.filter((policy) => opened.has(policy)).length,
    affected.length,
  );
  expect('incidents', incidents.length, affected.length);
  expect(
    'incidents that are revoked',
    incidents.filter(({ state }) => state === 'revoked').length,
    affected.length,
  );
  expect('rows of environments', outcome.environmentRows, size.environments + size.matter);

  for (const channel of ['teams', 'email'] as const) {
    const rows = notices.filter((notice) => notice.channel === channel);
    expect(`${channel}: notices not sent`, rows.filter(({ state }) => state !== 'sent').length, 0);
    const firsts = Map.groupBy(
      rows.filter(({ reason }) => FIRST_REASONS.includes(reason)),
      ({ policy }) => policy,
    );
    expect(
      `${channel}: policies reported`,
      affected.filter((policy) => firsts.has(policy)).length,
      affected.length,
    );
    expect(
      `${channel}: policies reported twice as new`,
      [...firsts.values()].filter((same) => same.length > 1).length,
      0,
    );
    const sent = new Set(rows.map(({ messageId }) => messageId));
    expect(`${channel}: messages received`, received[channel], sent.size);
    expect(`${channel}: messages about the shared vault`, outcome.aboutSharedVault[channel], 1);
  }
  if (outcome.largestCardBytes > CARD_BYTES)
    faults.push(`the largest card: ${outcome.largestCardBytes} bytes`);
  if (messages.queued > HEARTBEAT_MESSAGES) faults.push(`messages left in the queue: ${messages.queued}`);
  expect('poison messages', messages.poison, 0);
  expect('unreadable messages', messages.unreadable, size.unreadable);
  return faults;
}
