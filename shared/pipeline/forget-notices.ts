import { compareText } from '../compare-text.ts';
import { policyKey } from '../incidents/ids.ts';
import type { PolicyState } from '../incidents/incident.ts';
import type { IncidentStore, OutboxRow } from '../storage/incident-store.ts';
import type { VisibilityStore } from '../storage/visibility-store.ts';
import { errorFields } from '../telemetry/log.ts';
import type { Visibility } from '../visibility/visibility-state.ts';
import type { Ports } from './ports.ts';

const DAY_MS = 86_400_000;
/** Of a visibility gap, or of a silence: after its end. */
const KEPT_MS = 30 * DAY_MS;
/** Of a digest: for so long it can show which warnings people know of, if the stored state is damaged. */
const DIGEST_KEPT_MS = 90 * DAY_MS;
const CHECK_MS = 3_600_000;
/** As many as one transaction takes. */
const MAX_DELETED = 100;
/** So many policies in one sweep; all of them once a day. */
const MAX_POLICIES = 20;

/** When each store was last checked: once an hour is enough, and a process that starts anew may check again. */
const checkedAt = new WeakMap<VisibilityStore, number>();

/**
 * Deletes rows of old notices about Lockwatch itself, at most 100 in a sweep. Without it, their partition would
 * grow for ever. Never throws: the rows that stay are deleted by a later sweep.
 */
export async function forgetOldNotices({ visibility: store, clock, log }: Ports): Promise<void> {
  const nowMs = clock.nowMs();
  if (nowMs - (checkedAt.get(store) ?? Number.NEGATIVE_INFINITY) < CHECK_MS) return;
  try {
    const [{ visibility }, rows] = await Promise.all([store.read(clock.now()), store.listNotices()]);
    const expired = expiredNotices(rows, visibility, clock.now());
    await store.deleteNotices(expired.slice(0, MAX_DELETED));
    // If more are left, the next sweep goes on.
    if (expired.length <= MAX_DELETED) checkedAt.set(store, nowMs);
  } catch (error) {
    log.warn('old-notices-kept', errorFields(error));
  }
}

/** Where each store's round over the policies is: the keys that are still to be gone through. */
interface Round {
  begunMs: number;
  left: string[];
}
const rounds = new WeakMap<IncidentStore, Round>();

/**
 * Deletes rows of old notices about silences that belong to no incident: those of an incident move with it, and these
 * would stay in the partition of their policy for ever. Some policies in each sweep, and all once a day; a read costs
 * what is old there. One that is not delivered stays. Never throws: the rows that stay are deleted by a later sweep.
 */
export async function forgetOldSilences(
  policyStates: readonly PolicyState[],
  { store, clock, log }: Pick<Ports, 'store' | 'clock' | 'log'>,
): Promise<void> {
  const nowMs = clock.nowMs();
  const before = rounds.get(store);
  const isNew = !before || (before.left.length === 0 && nowMs - before.begunMs >= DAY_MS);
  const round = isNew
    ? { begunMs: nowMs, left: policyStates.map(({ policyId }) => policyKey(policyId)) }
    : before;
  rounds.set(store, round);
  const some = round.left.splice(0, MAX_POLICIES);
  try {
    const range = { from: 0, to: nowMs - KEPT_MS };
    const rows = await Promise.all(some.map((subject) => store.listOwnNotices(subject, range)));
    const expired = rows.flat().filter((row) => mayForget(row, nowMs));
    await store.deleteNotices(expired.slice(0, MAX_DELETED));
    // If more are left, the next sweep goes on with the same policies.
    if (expired.length > MAX_DELETED) round.left.unshift(...some);
  } catch (error) {
    log.warn('old-notices-kept', errorFields(error));
  }
}

/** Delivered or given up, and the silence that it is about has been over for as long. */
function mayForget({ state, createdAt, silence }: OutboxRow, nowMs: number): boolean {
  const ends = [createdAt, silence?.until ?? createdAt];
  return state !== 'pending' && ends.every((end) => nowMs - Date.parse(end) > KEPT_MS);
}

/**
 * The rows that nobody needs any more, the oldest first. A state that is rebuilt from the rows must not show a gap
 * again that has ended: so the end of a gap is kept for as long as a row with its beginning. Pure.
 */
export function expiredNotices(
  rows: readonly OutboxRow[],
  { gaps }: Pick<Visibility, 'gaps'>,
  now: string,
): OutboxRow[] {
  const needed = new Set(Object.keys(gaps));
  const mustStay = (row: OutboxRow) =>
    row.state === 'pending' ||
    Date.parse(now) - Date.parse(row.createdAt) <= (row.visibility?.warnings ? DIGEST_KEPT_MS : KEPT_MS) ||
    gapIdsOf(row).some((id) => needed.has(id));
  let expired = rows;
  for (;;) {
    const { stay = [], rest = [] } = Object.groupBy(expired, (row) => (mustStay(row) ? 'stay' : 'rest'));
    if (stay.length === 0) return rest.toSorted((a, b) => compareText(a.createdAt, b.createdAt));
    for (const id of stay.flatMap(gapIdsOf)) needed.add(id);
    expired = rest;
  }
}

function gapIdsOf({ visibility }: OutboxRow): string[] {
  return (visibility?.gaps ?? []).flatMap(({ id }) => id ?? []);
}
