import type { Assertion, Signal } from '../signals/signal.ts';
import type { Asserted, Finding, Trigger } from './finding.ts';
import type { History } from './history.ts';
import { lastReadAt } from './last-read.ts';
import { PERMISSION_PROPAGATION_MS } from './propagation.ts';
import { triggerOf } from './register.ts';

/**
 * The findings, with `suspected` in place of `unknown` where the current state can't be read and the
 * assertion of a signal is sufficient: a successful deletion of the vault, the policy or one of their
 * resource groups, or one of the three operations on the key. An assertion adds nothing where the reading
 * already found access revoked, and a later reading can refute it.
 */
export function withAssertions(
  findings: readonly Finding[],
  history: History,
  signals: readonly Signal[],
): Finding[] {
  if (findings.some(({ verdict }) => verdict === 'revoked')) return [...findings];
  return findings.map((finding) => {
    if (finding.verdict !== 'unknown') return finding;
    const trigger = triggerOf(finding.trigger);
    if (!trigger) return finding;
    for (const signal of signals) {
      const asserted = assertedBy(signal, trigger, history);
      if (asserted) return suspected(finding, signal, asserted);
    }
    return finding;
  });
}

function assertedBy(signal: Signal, trigger: Trigger, history: History): Asserted | undefined {
  const { assertion } = signal;
  if (!assertion || signal.outcome !== 'success') return undefined;
  const asserted = trigger.assertedBy?.(assertion, signal, history);
  if (!asserted) return undefined;
  const seenAt = lastReadAt(trigger, history);
  // Such a reading shows the operation's effect, so it outweighs the assertion.
  const isRefuted =
    seenAt !== undefined && Date.parse(seenAt) >= Date.parse(signal.at) + PERMISSION_PROPAGATION_MS;
  return isRefuted ? undefined : asserted;
}

function suspected(finding: Finding, signal: Signal, asserted: Asserted): Finding {
  const what = ASSERTED[signal.assertion?.what ?? 'deleted'];
  return {
    trigger: finding.trigger,
    verdict: 'suspected',
    summary: `Azure reported that ${what}, and the truth can't be read now to check it. ${finding.summary}`,
    evidence: [
      {
        text: `${signal.operation ?? signal.type} succeeded at ${signal.at} (event ${signal.id})`,
        source: signal.scope,
        readAt: signal.at,
      },
      ...finding.evidence,
    ],
    remediation: [
      {
        text: `Look for yourself whether ${what}: Lockwatch can't read it now. It needs the role Reader.`,
        portal: 'All resources → search for its name',
      },
    ],
    scope: finding.scope,
    ...asserted,
  };
}

const ASSERTED: Readonly<Record<Assertion['what'], string>> = {
  deleted: 'it, or the resource group that holds it, was deleted',
  keyDeleted: 'the key was deleted',
  keyPurged: 'the key was purged',
  keyDisabled: 'the key, or a version of it, was disabled',
};
