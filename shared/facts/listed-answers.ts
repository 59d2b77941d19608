import { createHash, randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { ArmSession } from '../azure/arm-client.ts';
import { armIdParts, normalId } from '../azure/arm-id.ts';
import { before, deadlineIn, LATE } from '../azure/deadline.ts';
import type { Answered, Outcome } from '../azure/outcome.ts';
import type { Clock } from '../clock.ts';
import { askPoliciesBeside } from './policy.ts';
import { askDenialsAround } from './role-answers.ts';

/**
 * What one process knows of Azure's lists: which rows showed exactly what the resource's own answer showed, and
 * which versions a key had when it was read itself.
 */
export interface ListMemory {
  rows: Map<string, { hash: string; untilMs: number }>;
  keys: Map<string, { hash: string; untilMs: number; body: unknown }>;
}

/** What the lists of one session gave, by name: their rows, or none in time. It is reserved for by that. */
export type ListsSeen = Map<string, unknown[] | 'none'>;

export interface ListUse {
  memory: ListMemory;
  seen: ListsSeen;
  subscriptions: readonly string[];
  /** The session only counts requests and gets no answer, so nothing is waited for. */
  isPlan?: boolean;
}

export type WithLists = typeof withLists;

/** A list that hangs must not hold back what could be read singly. */
const LIST_WITHIN_MS = 2_000;
/** The longest that a list, or a key's versions, are trusted in place of the resource's own answer. */
const TRUSTED_FOR_MS = 10 * 60_000;
/** More resources than any tenant that one app could read in time. */
const MAX_REMEMBERED = 20_000;

/**
 * A sweep's session: takes from one list per subscription what would otherwise be a request for each resource.
 *
 * A row of the lists of policies and vaults counts only while it is the row that was compared with the
 * resource's own answer and was equal to it. A row that is new, different, missing or shows less than the
 * resource leads to the single request, and so does one that was compared 10 minutes ago: nobody documents how
 * fresh these lists are. The current version of a key is read by itself only where the list of its versions has
 * changed, or that long ago. `subscriptions`: those whose policies are listed anyway.
 */
export function withLists(
  arm: ArmSession,
  { memory, seen, subscriptions, isPlan = false }: ListUse,
): ArmSession {
  const isWatched = (id: string) => {
    const { subscriptionId } = armIdParts(id);
    return subscriptions.some((watched) => watched.toLowerCase() === subscriptionId?.toLowerCase());
  };
  const { clock, keyVault } = arm;
  const inTime: InTime = async (name, listing) => {
    const listed = isPlan ? await listing : await before(deadlineIn(LIST_WITHIN_MS, clock), () => listing);
    const answered = listed !== LATE && listed.kind === 'answered' ? listed : undefined;
    seen.set(name, answered?.value ?? 'none');
    return answered;
  };
  const hasFailed = (name: string) => isPlan && seen.get(name) === 'none';
  const row = rowReader(memory, isPlan ? seen : undefined, inTime, clock);
  return {
    ...arm,
    get(id, query) {
      const single = () => arm.get(id, query);
      if (!POLICY_ID.test(id) || !isWatched(id)) return single();
      return row(id, { name: listOf('policies', id), ask: () => askPoliciesBeside(arm, id) }, single);
    },
    async list(id, query) {
      const vaultId = DENIALS_OF_VAULT.exec(id)?.[1];
      if (vaultId === undefined || query.includes('$filter')) return arm.list(id, query);
      const name = listOf('denials', vaultId);
      const listing = askDenialsAround(arm, vaultId);
      if (hasFailed(name)) return arm.list(id, query);
      const all = await inTime(name, listing);
      return all ? { ...all, value: all.value.filter((one) => mayReach(one, vaultId)) } : arm.list(id, query);
    },
    keyVault: {
      ...keyVault,
      vault(vaultId) {
        const { subscriptionId } = armIdParts(vaultId);
        const single = () => keyVault.vault(vaultId);
        return subscriptionId === undefined
          ? single()
          : row(
              vaultId,
              { name: listOf('vaults', vaultId), ask: () => keyVault.vaults(subscriptionId) },
              single,
            );
      },
      async key(vaultId, keyName, version) {
        const name = normalId(`${vaultId}/keys/${keyName}/versions/${version ?? ''}`);
        const versions = keyVault.keyVersions(vaultId, keyName);
        const remembered = fresh(memory.keys, name, clock);
        // Where those of one key can't be listed, those of the next in the same vault hardly can.
        const ofVault = normalId(vaultId);
        const listed = remembered && !hasFailed(ofVault) && (await inTime(ofVault, versions));
        if (remembered && listed && remembered.hash === hashOf(listed.value))
          return { ...listed, value: remembered.body };
        if (!isPlan) memory.keys.delete(name);
        const answer = await keyVault.key(vaultId, keyName, version);
        // The key's own answer does not wait for a slow list, and counts for that list only.
        void versions.then((list) => {
          if (list.kind !== 'answered' || answer.kind !== 'answered') return;
          const untilMs = trustedUntilMs(name, clock);
          remember(memory.keys, name, { hash: hashOf(list.value), body: answer.value, untilMs });
        });
        return answer;
      },
    },
  };
}

type InTime = (
  name: string,
  listing: Promise<Outcome<unknown[]>>,
) => Promise<Answered<unknown[]> | undefined>;

function listOf(what: 'policies' | 'vaults' | 'denials', id: string): string {
  return `${what} ${armIdParts(id).subscriptionId?.toLowerCase() ?? ''}`;
}

/** `planBy`: nothing is read, and what would be read is decided by these lists, where they have come. */
function rowReader({ rows }: ListMemory, planBy: ListsSeen | undefined, inTime: InTime, clock: Clock) {
  const indexes = new WeakMap<unknown[], Map<string, unknown>>();
  const indexOf = (list: unknown[]) => {
    const index = indexes.get(list) ?? byId(list);
    indexes.set(list, index);
    return index;
  };
  return async (
    id: string,
    list: { name: string; ask(): Promise<Outcome<unknown[]>> },
    askSingly: () => Promise<Outcome<unknown>>,
  ): Promise<Outcome<unknown>> => {
    const name = normalId(id);
    const compared = fresh(rows, name, clock);
    const listing = list.ask();
    const rowIn = (value: unknown[]) => {
      const item = indexOf(value).get(name);
      return { item, hash: item === undefined ? undefined : shownBy(item) };
    };
    const came = planBy?.get(list.name);
    if (came && (came === 'none' || compared?.hash !== rowIn(came).hash)) return askSingly();
    const listed = compared && (await inTime(list.name, listing));
    if (compared && listed) {
      const { item, hash } = rowIn(listed.value);
      if (compared.hash === hash) return { ...listed, value: item };
    }
    const answer = await askSingly();
    // The resource's own answer does not wait for a slow list; a list that does not come proves nothing.
    void listing.then((listed) => {
      if (listed.kind !== 'answered') return;
      const { hash } = rowIn(listed.value);
      if (hash !== undefined && answer.kind === 'answered' && shownBy(answer.value) === hash)
        remember(rows, name, { hash, untilMs: trustedUntilMs(name, clock) });
      else rows.delete(name);
    });
    return answer;
  };
}

/** Two rows of one id contradict each other, and neither counts. */
function byId(list: readonly unknown[]): Map<string, unknown> {
  const rows = new Map<string, unknown>();
  for (const one of list) {
    const id = idSchema.safeParse(one).data?.id;
    if (id !== undefined) rows.set(normalId(id), rows.has(normalId(id)) ? undefined : one);
  }
  return rows;
}

const POLICY_ID = /\/providers\/Microsoft\.PowerPlatform\/enterprisePolicies\/[^/]+\/*$/i;
const DENIALS_OF_VAULT =
  /^(.*\/providers\/Microsoft\.KeyVault\/vaults\/[^/]+)\/providers\/Microsoft\.Authorization\/denyAssignments$/i;
const idSchema = z.object({ id: z.string() });
const denialSchema = z.object({ properties: z.object({ scope: z.string() }) });

/** A deny assignment elsewhere in the subscription, even an unreadable one, says nothing about this vault. */
function mayReach(denial: unknown, vaultId: string): boolean {
  const scope = denialSchema.safeParse(denial).data?.properties.scope;
  if (scope === undefined || !/^\/subscriptions\//i.test(scope)) return true;
  const [one, other] = [`${normalId(scope)}/`, `${normalId(vaultId)}/`];
  return other.startsWith(one) || one.startsWith(other);
}

/** What counts of a resource: its id may be spelt otherwise, and `systemData` changes with nothing else. */
const shownSchema = z.object({
  kind: z.unknown(),
  location: z.unknown(),
  identity: z.unknown(),
  properties: z.unknown(),
});

function shownBy(resource: unknown): string {
  return hashOf(shownSchema.safeParse(resource).data ?? resource);
}

/** Of the content, in whatever order the names come. What is nested too deep equals nothing. */
function hashOf(value: unknown): string {
  try {
    const text = JSON.stringify(value, (_name, inner) => sorted(inner)) ?? '';
    return createHash('sha256').update(text).digest('base64');
  } catch (error) {
    if (error instanceof RangeError) return randomUUID();
    throw error;
  }
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function fresh<T extends { untilMs: number }>(
  memory: ReadonlyMap<string, T>,
  name: string,
  clock: Clock,
): T | undefined {
  const known = memory.get(name);
  // A clock that was set back must not extend the trust.
  const leftMs = known ? known.untilMs - clock.nowMs() : 0;
  return leftMs > 0 && leftMs <= TRUSTED_FOR_MS ? known : undefined;
}

function remember<T>(memory: Map<string, T>, name: string, value: T): void {
  if (memory.size >= MAX_REMEMBERED) memory.clear();
  memory.set(name, value);
}

/** Between half of that time and all of it, by the name, so that not all are due in the same sweep. */
function trustedUntilMs(name: string, clock: Clock): number {
  const part = (createHash('sha256').update(name).digest()[0] ?? 0) / 255;
  return clock.nowMs() + TRUSTED_FOR_MS * (0.5 + part / 2);
}
