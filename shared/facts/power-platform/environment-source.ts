import { normalId } from '../../azure/arm-id.ts';
import { known, unknown } from '../../azure/outcome.ts';
import type { Part, Unknown } from '../../azure/part.ts';
import { isShownDisabled, isShownRunning } from '../environment-state.ts';
import type { EnvironmentSource } from '../environments.ts';
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
}

/** Sweeps come at intervals, and a moment early now and then: the list of the one before is not used twice then. */
const ALMOST = 0.9;

/**
 * Environments from Power Platform: one list for all policies of a read session, from both APIs where they
 * answer. A list that is used again keeps its time, by which it is no further list.
 */
export function powerPlatformEnvironments({
  reuseForMs = 0,
  ...options
}: EnvironmentSourceOptions): EnvironmentSource {
  const read = tenantReader(options);
  const { clock } = options;
  let last: Asked | undefined;
  const isFresh = ({ askedAt }: Asked) => {
    const age = clock.nowMs() - Date.parse(askedAt);
    return age >= 0 && age < ALMOST * reuseForMs;
  };
  return {
    begin(deadline, { askRefused = false, mayReuse = false } = {}) {
      let latest = mayReuse && last && isFresh(last) ? last : undefined;
      const list = (notBefore = '') => {
        if (!latest || latest.askedAt < notBefore) {
          const asked: Asked = { askedAt: clock.now(), answer: read(deadline, askRefused) };
          latest = asked;
          void asked.answer.then((answer) => {
            if (!('state' in answer)) last = asked;
          });
        }
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
