import { before, deadlineIn, LATE } from '../azure/deadline.ts';
import type { Facts } from '../facts/facts.ts';
import type { ReadBeside } from '../facts/reader.ts';
import type { NoticeReason } from '../incidents/notice-reason.ts';
import type { Signal } from '../signals/signal.ts';
import type { StoredPolicyState } from '../storage/incident-store.ts';
import { entryOf } from '../storage/read-model.ts';
import { decideOnReading } from './decide-on-reading.ts';
import type { Ports, Watched } from './ports.ts';

/** What one policy's reading shows of others: a cause that they share. */
export interface SharedCause {
  beside: ReadBeside;
  policyIds: ReadonlySet<string>;
}

/** The longest that the others wait for the first. */
const FIRST_MS = 2_000;
const ALARMS: ReadonlySet<NoticeReason> = new Set(['opened', 'confirmed', 'worsened']);

/**
 * Whether the reading of this policy calls for an alarm about a cause that others share: their vault is gone,
 * or nobody can reach it. Azure's throttling budget lets hundreds of policies be read only over minutes, in
 * parts; people are notified of such a cause once, as soon as it is seen.
 */
export async function sharedCauseOf(
  reading: Promise<[StoredPolicyState | undefined, Facts]>,
  signals: Signal[],
  { list }: Watched,
  { clock, config }: Pick<Ports, 'clock' | 'config'>,
): Promise<SharedCause | undefined> {
  const read = await before(deadlineIn(FIRST_MS, clock), () => reading);
  if (read === LATE) return undefined;
  const [stored, facts] = read;
  const { networkReading, closeAfterMs } = config;
  const options = { now: clock.now(), networkReading, closeAfterMs };
  const { notices, incident, policyState } = decideOnReading(
    stored?.policyState,
    { facts, signals },
    options,
  );
  const [root] = incident?.causes ?? [];
  const { vaultId, keyName } = entryOf(policyState);
  if (root?.verdict !== 'revoked' || vaultId === undefined) return undefined;
  // What an identity may do is its own, at a place that the vault has moved to as well.
  if (root.trigger === 'permissions-revoked' || facts.movedVault?.state === 'known') return undefined;
  if (!notices.some(({ reason }) => ALARMS.has(reason))) return undefined;
  return { beside: { facts, vaultId, keyName }, policyIds: new Set(list.sharing(root.scope)) };
}
