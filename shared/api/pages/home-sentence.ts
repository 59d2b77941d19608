import { between, count, duration } from '../../notices/say/words.ts';
import { CONDITIONS, type Condition } from './condition.ts';
import { downBecause } from './down-because.ts';
import { conditionOfPolicy, environmentsOfPolicy, type StatusPolicy } from './policy-condition.ts';

/** What is true of all policies, in one to four sentences, the gravest first. */
export interface HomeWords {
  condition: Condition;
  headline: string;
  others: string[];
}

/** Sentences about the whole tenant. `known`: the policies of the answer. Pure. */
export function homeWords(policies: readonly StatusPolicy[], now: string): HomeWords {
  if (policies.length === 0)
    return {
      condition: 'unknown',
      headline: 'No policy is watched yet.',
      others: [
        'Lockwatch has found no enterprise policy with a key of its own. It looks again at every sweep; Health says which subscriptions it can list.',
      ],
    };
  const groups = Map.groupBy(policies, (policy) =>
    policy.supported ? conditionOfPolicy(policy) : ('over' as const),
  );
  const present = CONDITIONS.filter((one) => groups.has(one) && one !== 'over');
  const sentences = present.map((one) => SENTENCES[one](groups.get(one) ?? [], present.length === 1, now));
  const unjudged = groups.get('over')?.length ?? 0;
  const last =
    unjudged === 0
      ? []
      : [
          `${count(unjudged, 'policy')} ${unjudged === 1 ? 'has its' : 'have their'} key in a Managed HSM, which Lockwatch does not judge.`,
        ];
  const [headline = 'Nothing here can be judged.', ...others] = sentences;
  return { condition: present[0] ?? 'unknown', headline, others: [...others, ...last] };
}

type Say = (policies: readonly StatusPolicy[], areAll: boolean, now: string) => string;

const SENTENCES: Record<Condition, Say> = {
  down: (policies, _, now) => {
    const { subject, isOne } = amountOf(policies);
    const since = earliest(policies.map(({ incident }) => incident?.openedAt ?? null));
    const by = earliest(policies.map(({ incident }) => incident?.recoverBy ?? null));
    const left = by === undefined ? undefined : (between(now, by) ?? 0);
    const deadline =
      left === undefined
        ? ''
        : left <= 0
          ? ' The first may be deleted already.'
          : ` The first may be deleted in ${duration(left)}.`;
    return `${subject} ${isOne ? 'is' : 'are'} offline${since === undefined ? '' : ` since ${clockOrDay(since, now)}`}${downBecause(policies)}.${deadline}`;
  },
  suspected: (policies) => {
    const { subject } = amountOf(policies);
    const empty = policies.filter(({ incident }) => incident?.noEnvironments).length;
    if (empty === policies.length)
      return `The key of ${count(empty, 'policy')} can't be used, and no environment is known to be affected.`;
    return `${subject} may be offline. It is not certain.`;
  },
  restored: (policies) => {
    const { subject, isOne } = amountOf(policies);
    return `Access is back for ${lower(subject)}, and a person must enable ${isOne ? 'it' : 'each of them'} again.`;
  },
  unknown: (policies, _, now) => {
    const { subject, isOne } = amountOf(policies);
    const oldest = earliest(policies.map(({ readAt }) => readAt));
    return `Whether ${lower(subject)} can use ${isOne ? 'its key' : 'their keys'} is not known${oldest === undefined ? '' : `. It was last read at ${clockOrDay(oldest, now)}`}.`;
  },
  fine: (policies, areAll) => {
    const { amount, isOne } = amountOf(policies);
    if (amount === undefined) return 'Every key can be used. Which environments use them could not be read.';
    if (amount === 0)
      return `Every key can be used. No environment is linked to ${count(policies.length, 'policy')}.`;
    if (areAll && !isOne) return `All ${count(amount, 'environment')} can use their keys.`;
    return `${count(amount, 'environment')} can use ${isOne ? 'its key' : 'their keys'}.`;
  },
  over: () => '',
};

/** The number of environments where it is known for every policy. */
function amountOf(policies: readonly StatusPolicy[]) {
  const counts = policies.map(environmentsOfPolicy);
  const amount = counts.includes(null) ? undefined : counts.reduce<number>((sum, one) => sum + (one ?? 0), 0);
  const isOne = amount === 1;
  const subject =
    amount === undefined || amount === 0
      ? `The environments of ${count(policies.length, 'policy')}`
      : count(amount, 'environment');
  return { amount, isOne, subject };
}

/** A headline is short: today the clock is enough. */
function clockOrDay(at: string, now: string): string {
  return at.slice(0, 10) === now.slice(0, 10) ? `${at.slice(11, 16)} UTC` : at;
}

function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function earliest(times: readonly (string | null)[]): string | undefined {
  return times
    .filter((at) => at !== null)
    .sort()
    .at(0);
}
