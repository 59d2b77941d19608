import { isShownDisabled } from '../../facts/environment-state.ts';
import type { EnvironmentFact } from '../../facts/facts.ts';
import { affectedEnvironments } from '../../incidents/environments.ts';
import type { AffectedEnvironment, Incident, PolicyState } from '../../incidents/incident.ts';
import { isLinked } from '../../triggers/lock-signs.ts';
import { policyNameOf } from '../../triggers/policy-chain.ts';
import type { SweepIntervals } from '../../visibility/slowed-subscriptions.ts';
import { ProblemError } from '../problem.ts';
import { incidentSummary, withAge } from './status-answer.ts';
import { policyIn } from './warnings-answer.ts';

export type DownBecauseOfKey = 'yes' | 'no' | 'unknown';
interface Judged {
  downBecauseOfKey: DownBecauseOfKey;
  /** One sentence or two: why, or why it is not known. */
  because: string;
}

/**
 * Whether one environment is down because of its key: what the service desk asks. `named`: its id, or its name
 * where no other has it. Pure. Throws `ProblemError`.
 */
export function environmentAnswer(
  policyStates: readonly PolicyState[],
  named: string,
  context: { now: string } & SweepIntervals,
) {
  const links = policyStates.flatMap((policyState) =>
    (policyState.history.environments?.members ?? [])
      .filter((member) => isCalled(member, named))
      .map((member) => ({ policyState: withAge(policyState, context), member })),
  );
  const ids = new Set(links.map(({ member }) => member.id.toLowerCase()));
  if (ids.size > 1)
    throw new ProblemError(
      'not-possible-now',
      `${ids.size} environments have the name '${named.slice(0, 100)}'. Use the id of the one that you mean: ${[...ids].slice(0, 5).join(', ')}.`,
    );
  // Two lists may link it to two policies while it moves: the graver one counts.
  const [judged] = links
    .map(({ policyState, member }) => ({ policyState, member, ...judge(policyState, member) }))
    .sort((one, other) => ORDER.indexOf(one.downBecauseOfKey) - ORDER.indexOf(other.downBecauseOfKey));
  if (!judged) throw noSuchEnvironment(policyStates, named);
  const { policyState, member, downBecauseOfKey, because, affected } = judged;
  const { incident, history } = policyState;
  return {
    answeredAt: context.now,
    asOf: policyState.readAt,
    id: member.id,
    displayName: member.displayName,
    downBecauseOfKey,
    because,
    /** Its state in the open incident; null: there is none. */
    state: affected?.state ?? null,
    mayBeDeletedFrom: affected && affected.state !== 'deleted' ? affected.deletedAt : null,
    recoverableUntil: affected?.recoverableUntil ?? null,
    environment: member,
    listedAt: history.environments?.asOf ?? null,
    listedBy: history.environments?.source ?? null,
    policy: policyIn(policyState),
    incident: incident ? incidentSummary(incident) : null,
  };
}

const ORDER: readonly DownBecauseOfKey[] = ['yes', 'unknown', 'no'];

function judge(
  policyState: PolicyState,
  member: EnvironmentFact,
): Judged & { affected?: AffectedEnvironment } {
  const { incident, history } = policyState;
  const policy = `the policy ${policyNameOf(history)}`;
  if (!isLinked(member))
    return { downBecauseOfKey: 'no', because: `It is listed at ${policy}, but is not linked to it.` };
  if (!policyState.supported)
    return {
      downBecauseOfKey: 'unknown',
      because: `The key of ${policy} is in a Managed HSM, which Lockwatch does not judge.`,
    };
  const id = member.id.trim().toLowerCase();
  const affected = incident && affectedEnvironments(incident, history).find((one) => one.id === id);
  if (incident && affected) return { ...judgeAffected(incident, affected), affected };
  return judgeByVerdict(policyState, member);
}

function judgeAffected(incident: Incident, { state, missingSince }: AffectedEnvironment): Judged {
  const cause = incident.causes[0]?.finding.summary ?? '';
  switch (state) {
    case 'locked':
      return {
        downBecauseOfKey: 'yes',
        because: `${cause} Environments of the policy are locked until the key can be used again.`,
      };
    case 'awaitingReEnable':
      return {
        downBecauseOfKey: 'yes',
        because:
          'The key can be used again. A person must enable the environment again: it does not come back by itself.',
      };
    case 'deleted':
      return { downBecauseOfKey: 'yes', because: `It was deleted during the incident. ${cause}`.trim() };
    case 'enabled':
      return {
        downBecauseOfKey: 'no',
        because: 'The key can be used again, and the environment is enabled.',
      };
    default:
      return {
        downBecauseOfKey: 'unknown',
        because:
          missingSince === undefined
            ? `${cause} Whether this environment is locked has not been seen.`.trim()
            : `The lists lack it since ${missingSince}, so its state is not known.`,
      };
  }
}

function judgeByVerdict(
  { verdict, findings, parts, readAt, warnings }: PolicyState,
  member: EnvironmentFact,
): Judged {
  const first = findings.find((finding) => finding.verdict === verdict && finding.follows === undefined);
  const summary = first?.summary ?? '';
  if (verdict === 'revoked')
    return { downBecauseOfKey: 'yes', because: summary || 'The key can not be used.' };
  if (verdict === 'suspected')
    return { downBecauseOfKey: 'unknown', because: `It may be: ${summary || 'the key may not be usable.'}` };
  if (verdict === 'unknown') {
    const unread = Object.entries(parts).find(
      ([, { state, reason }]) => state === 'unknown' && reason !== 'follows',
    );
    const [part, { reason, detail = reason }] = unread ?? ['', {}];
    const why = unread ? ` Its ${part} could not be read: ${detail ?? 'no reason is known'}.` : '';
    const old = warnings.at(-1);
    return {
      downBecauseOfKey: 'unknown',
      because: `Whether the key can be used is not known.${why || (old ? ` ${old}` : '')}`,
    };
  }
  if (isShownDisabled(member))
    return {
      downBecauseOfKey: 'no',
      because: `The key could be used at ${readAt}. Power Platform shows the environment as disabled, for another reason: an administrator, capacity or inactivity, for example.`,
    };
  return { downBecauseOfKey: 'no', because: `The key could be used at ${readAt}.` };
}

function isCalled({ id, displayName }: { id: string; displayName: string }, named: string): boolean {
  const wanted = named.trim().toLowerCase();
  return id.toLowerCase() === wanted || displayName.toLowerCase() === wanted;
}

/**
 * An environment without a key of its own is in no policy's list. Absence is proven only by lists that are known
 * to be complete.
 */
function noSuchEnvironment(policyStates: readonly PolicyState[], named: string): ProblemError {
  const called = named.slice(0, 100);
  const help = '/api/status lists all that are watched; use the id where the name is not certain.';
  const state = policyStates.find(({ history }) =>
    history.left?.environments.some((one) => isCalled(one, named)),
  );
  const left = state?.history.left?.environments.find((one) => isCalled(one, named));
  if (state && left)
    return new ProblemError(
      'not-found',
      `No watched policy lists an environment '${called}' now. It left the policy ${policyNameOf(state.history)}, which the list of ${left.at} was the first to show. ${help}`,
    );
  const doubtful = policyStates.filter(
    ({ history, parts }) => !history.environments?.isComplete || parts.environments?.state !== 'known',
  ).length;
  const why =
    policyStates.length === 0
      ? 'No policy has been read yet.'
      : doubtful === 0
        ? 'All lists were read, and are complete: so it is not down because of the key of a watched policy.'
        : `The lists of ${doubtful} of ${policyStates.length} policies are missing, old, or not known to be complete, so it may be one of theirs.`;
  return new ProblemError('not-found', `No watched policy lists an environment '${called}'. ${why} ${help}`);
}
