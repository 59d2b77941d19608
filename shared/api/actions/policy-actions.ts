import { silencePolicy } from '../../incidents/actions.ts';
import { endSilences } from '../../incidents/end-silences.ts';
import { policyKey } from '../../incidents/ids.ts';
import type { Head, Person } from '../../incidents/incident.ts';
import type { Ports } from '../../pipeline/ports.ts';
import { readAndCommit } from '../../pipeline/read-and-commit.ts';
import { errorFields } from '../../telemetry/log.ts';
import { passingAnswer } from '../json-answer.ts';
import type { Answer } from '../problem.ts';
import { incidentSummary } from '../status/status-answer.ts';
import { ActProblem } from './action-error.ts';
import { commitAct } from './commit-action.ts';
import { findPolicy, policiesOfVault } from './find-policy.ts';
import type { Moment } from './moment.ts';
import { silenceTimes } from './silence-times.ts';

/** Reads the policy's truth now, decides, commits and tells as a sweep would, and answers with what it found. */
export async function answerCheck(named: string, ports: Ports): Promise<Answer> {
  const policyId = await findPolicy(named, ports);
  const [read] = await readAndCommit(new Map([[policyId, []]]), ports);
  if (!read) throw new ActProblem(404, `There is no policy '${named.slice(0, 200)}'.`);
  const { head, kind, incident } = read.transition;
  return passingAnswer({
    answeredAt: ports.clock.now(),
    asOf: head.readAt,
    ...nameOf(head),
    verdict: head.verdict,
    /** What this reading changed; `none`: all stands as it stood. */
    transition: kind,
    findings: head.findings
      .filter(({ verdict, follows }) => verdict !== 'clear' && follows === undefined)
      .map(({ trigger, verdict, summary, evidence, undo }) => ({
        trigger,
        verdict,
        summary,
        evidence,
        undo,
      })),
    cannotRead: Object.entries(head.parts)
      .filter(([, part]) => part.state === 'unknown' && part.reason !== 'follows')
      .map(([part, { reason, detail }]) => ({ part, reason: reason ?? null, detail: detail ?? null })),
    incident: incident ? incidentSummary(incident) : null,
    warnings: head.warnings,
  });
}

/** A silence as it was asked for. */
export interface AskedSilence {
  from?: Moment | undefined;
  until: Moment;
  why: string;
}

/** Silences one policy, now or later; `until: now` ends what stands and takes back what was planned. */
export async function answerPolicySilence(
  named: string,
  asked: AskedSilence,
  by: Person,
  ports: Ports,
): Promise<Answer> {
  const head = await silence(await findPolicy(named, ports), asked, by, ports);
  return passingAnswer({ answeredAt: ports.clock.now(), asOf: head.readAt, ...silenced(head) });
}

/** The same for every policy whose key lies in the vault. One that could not be silenced is told; the others are. */
export async function answerVaultSilence(
  named: string,
  asked: AskedSilence,
  by: Person,
  ports: Ports,
): Promise<Answer> {
  const { vaultId, policyIds } = await policiesOfVault(named, ports);
  const policies = await Promise.all(
    policyIds.map(async (policyId) => {
      try {
        const head = await silence(policyId, { ...asked, vaultId }, by, ports);
        return { ok: true, readAt: head.readAt, ...silenced(head) };
      } catch (error) {
        // A moment that makes no sense makes none for any of them.
        if (error instanceof ActProblem && error.status === 400) throw error;
        ports.log.warn('silence-failed', { policyId, ...errorFields(error) });
        const why =
          error instanceof ActProblem ? error.message : 'It could not be written just now. Try again.';
        return { ok: false, policyId, key: policyKey(policyId), why };
      }
    }),
  );
  const read = policies.flatMap((one) => ('readAt' in one ? [one.readAt] : []));
  return passingAnswer({
    answeredAt: ports.clock.now(),
    asOf: read.sort()[0] ?? null,
    vaultId,
    ok: policies.every(({ ok }) => ok),
    policies,
  });
}

async function silence(
  policyId: string,
  asked: AskedSilence & { vaultId?: string },
  by: Person,
  ports: Ports,
): Promise<Head> {
  const { why, vaultId, until } = asked;
  const ofVault = vaultId === undefined ? {} : { vaultId };
  if (until === 'now' && asked.from !== undefined)
    throw new ActProblem(400, "'until' is now, which ends a silence: leave 'from' out.", 'from');
  const { head } = await commitAct(
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
  return head;
}

function nameOf(head: Head) {
  return {
    policyId: head.policyId,
    key: policyKey(head.policyId),
    name: head.remembered.policy?.name ?? head.policyId.split('/').at(-1) ?? head.policyId,
  };
}

function silenced(head: Head) {
  return { ...nameOf(head), silences: head.silences ?? [] };
}
