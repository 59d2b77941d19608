import { normalId } from '../azure/arm-id.ts';
import type { FactsReader, Reading } from '../facts/reader.ts';
import type { PolicyRights, ResourceRights } from '../facts/rights.ts';
import { rightsReader } from '../facts/rights-reader.ts';
import type { PolicyState } from '../incidents/incident.ts';
import { linkedTo } from '../preview/affected-environments.ts';
import { isOvertaken } from './is-overtaken.ts';
import type { Ports } from './ports.ts';
import { hintsOfState } from './read-and-commit.ts';

/** How long one reading answers further questions: in an incident, several people ask the same. */
const KEPT_MS = 5 * 60_000;
/** A person waits, and no notice does. */
const MIN_BUDGET_MS = 20_000;

export interface RightsPorts {
  facts: FactsReader;
  clock: Pick<Ports['clock'], 'now'>;
  config: Partial<Pick<Ports['config'], 'readBudgetMs'>>;
}

interface KeptRights {
  atMs: number;
  /** ISO 8601. */
  askedAt: string;
  rights: Promise<PolicyRights>;
}
const kept = new WeakMap<FactsReader, Map<string, KeptRights>>();

/**
 * The rights around these policies, all of them in one read session. Nothing of it is stored; for five minutes, the same process answers from it again, except where a part could
 * not be read, or where the stored state shows a later reading or signal. Undefined: this process can't read Azure.
 */
export async function readRights(
  ports: RightsPorts,
  policyStates: readonly PolicyState[],
): Promise<PolicyRights[] | undefined> {
  const { facts, clock, config } = ports;
  const atMs = Date.parse(clock.now());
  const memory = kept.get(facts) ?? new Map<string, KeptRights>();
  kept.set(facts, memory);
  for (const [key, { atMs: before }] of memory)
    if (!(atMs >= before && atMs - before < KEPT_MS)) memory.delete(key);
  let begun: ReturnType<typeof beginReading> | undefined;
  const reading = policyStates.map((policyState) => {
    const key = normalId(policyState.policyId);
    const before = memory.get(key);
    if (before && !isOvertaken(policyState, before.askedAt)) return before.rights;
    begun ??= beginReading(
      facts.begin(Math.max(config.readBudgetMs ?? 0, MIN_BUDGET_MS), optionsFor(policyStates.length)),
    );
    const rights = begun?.(policyState);
    if (rights === undefined) return undefined;
    memory.set(key, { atMs, askedAt: clock.now(), rights });
    const forget = () => memory.delete(key);
    rights.then((read) => (isWhole(read) ? undefined : forget()), forget);
    return rights;
  });
  const read = await Promise.all(reading);
  return read.every((one) => one !== undefined) ? read : undefined;
}

/**
 * The list of environments costs more than all the rest, and the list of rights needs only their number. For one
 * policy somebody may wait in an incident; to read many leaves signals their share of the ARM rate limit.
 */
const optionsFor = (policies: number) => ({ skipsKnownMembers: true, sweep: policies > 1 });

function beginReading(session: Reading) {
  const { arm } = session;
  if (arm === undefined) return undefined;
  const readRightsOf = rightsReader(arm);
  return async (policyState: PolicyState): Promise<PolicyRights> => {
    const hints = hintsOfState(policyState);
    const facts = await session.read(policyState.policyId, hints);
    const linked = linkedTo({ facts, history: policyState.history }).length;
    return { ...(await readRightsOf(facts, hints)), linkedEnvironments: linked };
  };
}

function isWhole({ vault, policy }: PolicyRights): boolean {
  return [vault, policy].every((one) => one === undefined || isRead(one));
}

function isRead({ assignments, denials, unreadRoles }: ResourceRights): boolean {
  return unreadRoles.length === 0 && [assignments, denials].every((rows) => 'rows' in rows);
}
