import { endSilences } from '../../incidents/end-silences.ts';
import { policyKey } from '../../incidents/ids.ts';
import type { Person, PolicyState } from '../../incidents/incident.ts';
import { silencePolicy } from '../../incidents/request-silence.ts';
import type { Ports } from '../../pipeline/ports.ts';
import { readAndCommit } from '../../pipeline/read-and-commit.ts';
import { errorFields } from '../../telemetry/log.ts';
import { policyNameOf } from '../../triggers/policy-chain.ts';
import { ProblemError } from '../problem.ts';
import { incidentSummary } from '../status/status-answer.ts';
import { afterActions, commitQuietly } from './commit-action.ts';
import { findPolicy, policiesOfVault } from './find-policy.ts';
import type { Moment } from './moment.ts';
import { silenceTimes } from './silence-times.ts';

/**
 * Reads the policy's observed state now, decides, commits and notifies as a sweep would, and returns the
 * result.
 */
export async function answerCheck(named: string, ports: Ports) {
  const policyId = await findPolicy(named, ports);
  const session = ports.facts.begin(ports.config.readBudgetMs, { askRefused: true });
  const [read] = await readAndCommit(new Map([[policyId, []]]), ports, session);
  if (!read) throw new ProblemError('not-found', `There is no policy '${named.slice(0, 200)}'.`);
  const { policyState, kind, incident } = read.transition;
  return {
    answeredAt: ports.clock.now(),
    asOf: policyState.readAt,
    ...nameOf(policyState),
    verdict: policyState.verdict,
    /** The change from this reading; `none`: nothing changed. */
    transition: kind,
    findings: policyState.findings
      .filter(({ verdict, follows }) => verdict !== 'clear' && follows === undefined)
      .map(({ trigger, verdict, summary, evidence, remediation }) => ({
        trigger,
        verdict,
        summary,
        evidence,
        remediation,
      })),
    cannotRead: Object.entries(policyState.parts)
      .filter(([, part]) => part.state === 'unknown' && part.reason !== 'follows')
      .map(([part, { reason, detail }]) => ({ part, reason: reason ?? null, detail: detail ?? null })),
    incident: incident ? incidentSummary(incident) : null,
    warnings: policyState.warnings,
  };
}

/** A silence as requested. */
export interface AskedSilence {
  from?: Moment | undefined;
  until: Moment;
  why: string;
}

/** Silences one policy, now or later; `until: now` ends a running silence and cancels a planned one. */
export async function answerPolicySilence(named: string, asked: AskedSilence, by: Person, ports: Ports) {
  const done = await silence(await findPolicy(named, ports), asked, by, ports);
  await afterActions([done], ports);
  const { policyState } = done.transition;
  return { answeredAt: ports.clock.now(), asOf: policyState.readAt, ...silenced(policyState) };
}

/**
 * The same for every policy whose key is in the vault. A policy that could not be silenced is reported; the
 * others are silenced.
 */
export async function answerVaultSilence(named: string, asked: AskedSilence, by: Person, ports: Ports) {
  const { vaultId, policyIds } = await policiesOfVault(named, ports);
  const committed: Awaited<ReturnType<typeof silence>>[] = [];
  const policies = await Promise.all(
    policyIds.map(async (policyId) => {
      try {
        const done = await silence(policyId, { ...asked, vaultId }, by, ports);
        committed.push(done);
        const { policyState } = done.transition;
        return { ok: true as const, readAt: policyState.readAt, ...silenced(policyState) };
      } catch (error) {
        // An invalid moment is invalid for all of them.
        if (error instanceof ProblemError && error.kind === 'bad-request') throw error;
        ports.log.warn('silence-failed', { policyId, ...errorFields(error) });
        const why =
          error instanceof ProblemError ? error.message : 'It could not be written just now. Try again.';
        return { ok: false as const, policyId, key: policyKey(policyId), why };
      }
    }),
  );
  await afterActions(committed, ports);
  const read = policies.flatMap((one) => ('readAt' in one ? [one.readAt] : []));
  return {
    answeredAt: ports.clock.now(),
    asOf: read.sort()[0] ?? null,
    vaultId,
    ok: policies.every(({ ok }) => ok),
    policies,
  };
}

async function silence(
  policyId: string,
  asked: AskedSilence & { vaultId?: string },
  by: Person,
  ports: Ports,
) {
  const { why, vaultId, until } = asked;
  const ofVault = vaultId === undefined ? {} : { vaultId };
  if (until === 'now' && asked.from !== undefined)
    throw new ProblemError('bad-request', "'until' is now, which ends a silence: leave 'from' out.", 'from');
  return commitQuietly(
    policyId,
    (before, now) =>
      until === 'now'
        ? endSilences(before, { why, ...ofVault }, by, now)
        : silencePolicy(
            before,
            { ...silenceTimes(asked, before.silences ?? [], now), why, ...ofVault },
            by,
            now,
          ),
    ports,
  );
}

function nameOf(policyState: PolicyState) {
  return {
    policyId: policyState.policyId,
    key: policyKey(policyState.policyId),
    name: policyNameOf(policyState.history),
  };
}

function silenced(policyState: PolicyState) {
  return { ...nameOf(policyState), silences: policyState.silences ?? [] };
}
