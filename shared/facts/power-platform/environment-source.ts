import { normalId } from '../../azure/arm-id.ts';
import { before, type Deadline, deadlineIn, LATE } from '../../azure/deadline.ts';
import { known, unknown } from '../../azure/outcome.ts';
import type { Part, Unknown } from '../../azure/part.ts';
import { isShownDisabled, isShownRunning } from '../environment-state.ts';
import type { EnvironmentReading, EnvironmentSource } from '../environments.ts';
import type { EnvironmentsFact } from '../facts.ts';
import { type PowerPlatformOptions, tenantReader } from './read-tenant.ts';
import { systemKey } from './tenant-list.ts';
import type { TenantEnvironments } from './unite-lists.ts';

export interface EnvironmentSourceOptions extends PowerPlatformOptions {
  /** For how long a session that may do so uses the list of an earlier one. Default: not at all. */
  reuseForMs?: number;
}

interface Asked {
  askedAt: string;
  answer: Promise<TenantEnvironments | Unknown>;
  /** A sweep has decided by it. */
  isUsed?: boolean;
}

/** Sweeps come at intervals, and a moment early now and then: the list of the one before is not used twice then. */
const ALMOST = 0.9;
/** How long sweeps let one list take, whatever their interval: a large tenant's comes in many pages. */
const LIST_MS = 60_000;
/** How long a sweep waits for it before it decides by the last one. */
const PATIENT_FOR_MS = 2_000;
/** And where there is none, by the members that are known: no cause is reported later because of a slow list. */
const GRACE_MS = 3_000;
/** A list that no sweep has decided by yet is used by the next one, at the longest interval as well. */
const UNUSED_FOR_MS = 10 * 60_000;

/**
 * Environments from Power Platform: one list for all policies of a read session, from both APIs where they
 * answer. Sweeps share one request, which may take longer than any of them: a later one uses its answer. A list
 * that is used again keeps its time, by which it is no further list.
 */
export function powerPlatformEnvironments({
  reuseForMs = 0,
  ...options
}: EnvironmentSourceOptions): EnvironmentSource {
  const read = tenantReader(options);
  const { clock } = options;
  let last: Asked | undefined;
  let running: Asked | undefined;
  /** When a policy was first found gone: each sweep finds it gone later than the list that it could use. */
  const goneSince = new Map<string, string>();
  const isYounger = ({ askedAt }: Asked, thanMs: number) => {
    const age = clock.nowMs() - Date.parse(askedAt);
    return age >= 0 && age < thanMs;
  };
  const ask = (deadline: Deadline, askRefused: boolean) => {
    const asked: Asked = { askedAt: clock.now(), answer: read(deadline, askRefused) };
    void asked.answer.then((answer) => {
      if (running === asked) running = undefined;
      if (!('state' in answer) && !(last && last.askedAt > asked.askedAt)) last = asked;
    });
    return asked;
  };
  const use = (asked: Asked) => {
    asked.isUsed = true;
    return asked.answer;
  };
  const shared = async (deadline: Deadline, askRefused: boolean, notBefore: string) => {
    const isSince = (asked: Asked | undefined) => asked !== undefined && asked.askedAt >= notBefore;
    if (last && isSince(last) && isYounger(last, ALMOST * reuseForMs)) return use(last);
    if (!isSince(running)) running = ask(deadlineIn(LIST_MS, clock), askRefused);
    const joined = running as Asked;
    const patience = deadlineIn(PATIENT_FOR_MS, clock);
    if ((await before(patience, () => joined.answer)) !== LATE) return use(joined);
    const isUsable =
      last && (isYounger(last, reuseForMs + LIST_MS) || (!last.isUsed && isYounger(last, UNUSED_FOR_MS)));
    if (last && isSince(last) && isUsable) return use(last);
    // Not `use`: where members are known, nobody has waited as long.
    if ((await before(deadline, () => joined.answer)) !== LATE) return joined.answer;
    return unknown('timeout', 'The list of environments is slow; the next sweep uses it.', clock.now());
  };
  const ofSweep = (deadline: Deadline, askRefused: boolean): EnvironmentReading => {
    let own: Promise<TenantEnvironments | Unknown> | undefined;
    return {
      graceMs: GRACE_MS,
      async forPolicy(policyId, policy) {
        own ??= shared(deadline, askRefused, '');
        const { systemId, goneAt } = await policy;
        const id = normalId(policyId);
        const since = goneAt === undefined ? undefined : (goneSince.get(id) ?? goneAt);
        if (since === undefined) goneSince.delete(id);
        else goneSince.set(id, since);
        const tenant = await (since === undefined ? own : shared(deadline, askRefused, since));
        return 'state' in tenant ? tenant : ofPolicy(tenant, policyId, systemId);
      },
    };
  };
  return {
    begin(deadline, { askRefused = false, mayReuse = false } = {}) {
      if (mayReuse) return ofSweep(deadline, askRefused);
      let latest: Asked | undefined;
      const list = (notBefore = '') => {
        if (!latest || latest.askedAt < notBefore) latest = ask(deadline, askRefused);
        return latest.answer;
      };
      return {
        async forPolicy(policyId, policy) {
          list();
          const { systemId, goneAt } = await policy;
          const tenant = await list(goneAt);
          return 'state' in tenant ? tenant : ofPolicy(tenant, policyId, systemId);
        },
      };
    },
  };
}

function ofPolicy(
  tenant: TenantEnvironments,
  policyId: string,
  systemId: string | undefined,
): Part<EnvironmentsFact> {
  // A policy that is gone has no system id: such an environment may be its own, and must not be dropped
  // unnoticed.
  if (systemId === undefined && tenant.someBySystemIdOnly) {
    const detail =
      'Some environments name their policy by its system id alone, and that of this policy is not known.';
    return unknown('invalidAnswer', detail, tenant.at);
  }
  const byId = tenant.byPolicy.get(normalId(policyId)) ?? [];
  const others = systemId === undefined ? [] : (tenant.bySystemId.get(systemKey(systemId)) ?? []);
  const members = [...new Set([...byId, ...others])];
  const environments = members.map(({ environment }) => environment);
  const own = environments.filter(({ deletion }) => deletion === undefined);
  const fact: EnvironmentsFact = {
    source: 'powerPlatform',
    asOf: tenant.askedAt,
    environments,
    isComplete: tenant.isComplete,
    outside: {
      running: tenant.running - own.filter(isShownRunning).length,
      disabled: tenant.disabled - own.filter(isShownDisabled).length,
    },
    listed: tenant.listed,
    policyOf: tenant.policyOf,
  };
  if (tenant.areCompared)
    fact.disputed = members.flatMap(({ environment: { id }, lackedBy }) =>
      lackedBy === undefined ? [] : [{ id, lackedBy }],
    );
  return known(fact, tenant.at);
}
