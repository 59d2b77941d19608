import type { Part } from '../../shared/azure/part.ts';
import type { EnvironmentFact, Facts } from '../../shared/facts/facts.ts';
import type { JudgedReading } from '../../shared/incidents/reading.ts';
import type { Signal } from '../../shared/signals/signal.ts';
import type { Finding, TriggerId, Verdict } from '../../shared/triggers/finding.ts';
import { TRIGGER_IDS } from '../../shared/triggers/finding.ts';
import type { History } from '../../shared/triggers/history.ts';

export const POLICY =
  '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg/providers/Microsoft.PowerPlatform/enterprisePolicies/cmk';
export const VAULT =
  '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv1';

const START = Date.parse('2026-11-23T03:00:00.000Z');

/** The n-th second of a test. */
export function at(seconds: number): string {
  return new Date(START + seconds * 1000).toISOString();
}

export function anEnvironment(n: number, more: Partial<EnvironmentFact> = {}): EnvironmentFact {
  return {
    id: `00000000-0000-0000-0000-${String(n).padStart(12, '0')}`,
    displayName: `Env ${n}`,
    sku: 'Production',
    region: 'europe',
    linkStatus: 'Linked',
    runtimeState: 'Enabled',
    instanceState: 'Ready',
    ...more,
  };
}
export function disabled(n: number, more: Partial<EnvironmentFact> = {}): EnvironmentFact {
  return anEnvironment(n, { runtimeState: 'Disabled', instanceState: 'Disabled', ...more });
}

export function aFinding(trigger: TriggerId, verdict: Verdict, more: Partial<Finding> = {}): Finding {
  return {
    trigger,
    verdict,
    summary: `${trigger} is ${verdict}.`,
    evidence: [],
    remediation: [],
    scope: trigger === 'policy-deleted' ? POLICY : VAULT,
    ...more,
  };
}

/** One finding for each trigger, in the register's order: clear, but for those named. */
function findings(
  verdicts: Partial<Record<TriggerId, Verdict | Finding>> = {},
  rest: Verdict = 'clear',
): Finding[] {
  return TRIGGER_IDS.map((trigger) => {
    const given = verdicts[trigger] ?? rest;
    return typeof given === 'string' ? aFinding(trigger, given) : given;
  });
}

export type Environments =
  | {
      source?: 'powerPlatform' | 'inventory';
      members: EnvironmentFact[];
      asOf?: string;
      isComplete?: true;
      unaccounted?: string[];
    }
  | { unreadable: true; members?: EnvironmentFact[]; asOf?: string; isComplete?: true };

export interface ReadingOptions {
  seconds: number;
  verdicts?: Partial<Record<TriggerId, Verdict | Finding>>;
  /** What every trigger that is not named says. */
  rest?: Verdict;
  /** Default: two production environments, read now. `unreadable` with members: only remembered. */
  environments?: Environments;
  signals?: Signal[];
  history?: Partial<History>;
  /** Default: an incident may close at once. */
  closeAfterMs?: number;
}

/** One judged reading, begun at that second. */
export function aReading(options: ReadingOptions): JudgedReading {
  const readAt = at(options.seconds);
  const environments = options.environments ?? { members: [anEnvironment(1), anEnvironment(2)] };
  const follows: Part<never> = { state: 'unknown', reason: 'follows', detail: 'not needed', readAt };
  const facts: Facts = {
    policyId: POLICY,
    readAt,
    policy: follows,
    vault: follows,
    deletedVault: follows,
    key: follows,
    permission: follows,
    environments:
      'unreadable' in environments
        ? { state: 'unknown', reason: 'timeout', detail: 'The environments did not answer in time.', readAt }
        : { state: 'known', readAt, value: listOf(environments, readAt) },
  };
  const history: History = { policyId: POLICY, ...options.history };
  if (environments.members) {
    const {
      asOf,
      source,
      environments: members,
    } = listOf({ ...environments, members: environments.members }, readAt);
    history.environments = { asOf, source, members };
    if ('unaccounted' in environments && environments.unaccounted)
      history.environments.unaccounted = environments.unaccounted;
    if (environments.isComplete) history.environments.isComplete = true;
  }
  return {
    facts,
    findings: findings(options.verdicts, options.rest),
    history,
    signals: options.signals ?? [],
    closeAfterMs: options.closeAfterMs ?? 0,
    now: at(options.seconds + 1),
  };
}

function listOf(
  list: { source?: 'powerPlatform' | 'inventory'; members: EnvironmentFact[]; asOf?: string },
  readAt: string,
) {
  return { source: list.source ?? 'powerPlatform', asOf: list.asOf ?? readAt, environments: list.members };
}

export function aSignal(seconds: number, more: Partial<Signal> = {}): Signal {
  return {
    id: `signal-${seconds}`,
    source: 'resourceManager',
    type: 'Microsoft.Resources.ResourceWriteSuccess',
    operation: 'Microsoft.KeyVault/vaults/write',
    outcome: 'success',
    scope: VAULT.toLowerCase(),
    at: at(seconds),
    ...more,
  };
}
