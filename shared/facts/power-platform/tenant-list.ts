import type * as z from 'zod';
import { parseAs } from '../../azure/answer-schema.ts';
import { normalId } from '../../azure/arm-id.ts';
import type { Get } from '../../azure/azure-get.ts';
import type { Deadline } from '../../azure/deadline.ts';
import type { Failed, Refused } from '../../azure/outcome.ts';
import { malformed, unknown, unreadable } from '../../azure/outcome.ts';
import { eachPage } from '../../azure/pages.ts';
import type { Unknown } from '../../azure/part.ts';
import type { EnvironmentFact } from '../facts.ts';

/** One environment of the tenant, as one API lists it. */
export interface TenantRow {
  environment: EnvironmentFact;
  /** The encryption policy that it names, if it names one. */
  link?: PolicyLink;
}
export interface PolicyLink {
  /** `normalId` of the policy's ARM id. */
  policyId?: string;
  /** `systemKey` of the policy's system id. */
  systemId?: string;
}

/** One API's list of the tenant's environments. */
export interface TenantList {
  /** When the list was requested: it may lack later changes. ISO 8601, as is `at`. */
  askedAt: string;
  at: string;
  /** By the environment's id, lower case. */
  rows: ReadonlyMap<string, TenantRow>;
  /**
   * Whether a row names an encryption policy. A list that shows no link may be one that leaves links out, so
   * an environment without a link in it proves nothing.
   */
  showsLinks: boolean;
  /** Some row has an encryption policy that can't be identified. */
  hasUnknownLink: boolean;
  /** State words that have no documented meaning. */
  unknownStates: readonly string[];
}
/** No usable list. `refused`: the API itself said that this identity may not (403). */
export interface UnreadList {
  unread: Unknown;
  refused: boolean;
}

export interface ParsedRow extends TenantRow {
  hasUnknownLink?: boolean;
  unknownState?: string;
}

export interface ListRequest<T> {
  /** The API in a sentence: "The Power Platform API". */
  api: string;
  /** The right whose absence a refusal indicates, as the end of "It needs …". */
  right: string;
  target: string;
  schema: z.ZodType<T>;
  rowOf(answer: T): ParsedRow;
}

/**
 * Reads one API's list, page by page: Azure's answer for thousands of environments is many times larger than
 * the data kept from it.
 */
export async function readTenantList<T>(
  get: Get,
  deadline: Deadline,
  { api, right, target, schema, rowOf }: ListRequest<T>,
): Promise<TenantList | UnreadList> {
  const rows = new Map<string, TenantRow>();
  const unknownStates = new Set<string>();
  let hasUnknownLink = false;
  let number = 0;
  const faults: { what: string; because: string }[] = [];
  const outcome = await eachPage(get, target, deadline, (items) => {
    for (const item of items) {
      number += 1;
      const parsed = parseAs(schema, item);
      // A row that can't be read may be linked to any policy, so without it no policy's list is complete.
      if ('fault' in parsed) {
        faults.push({ what: `Environment ${number} of the list of ${api}`, because: parsed.fault });
        continue;
      }
      const { environment, link, ...noted } = rowOf(parsed.value);
      rows.set(environment.id, { environment, link });
      if (noted.hasUnknownLink) hasUnknownLink = true;
      if (noted.unknownState !== undefined && unknownStates.size < MAX_WORDS)
        unknownStates.add(noted.unknownState.slice(0, MAX_WORD));
    }
  });
  if (outcome.kind !== 'answered') return { unread: unreadable(outcome, right), refused: isRefusal(outcome) };
  // Every tenant has its default environment, which can't be deleted ("Power Platform environments
  // overview"), and the list omits environments that the caller may not see: an empty list would make each
  // policy look unlinked.
  if (number === 0) return { unread: unknown('forbidden', seesNone(api, right), outcome.at), refused: false };
  const [fault] = faults;
  if (fault) return { unread: malformed(fault.what, fault.because, outcome.at), refused: false };
  const showsLinks = [...rows.values()].some(({ link }) => link !== undefined);
  const { askedAt, at } = outcome;
  return { askedAt, at, rows, showsLinks, hasUnknownLink, unknownStates: [...unknownStates] };
}

const MAX_WORDS = 10;
const MAX_WORD = 40;

function isRefusal(outcome: Refused | Failed): boolean {
  return outcome.kind === 'refused' && outcome.status === 403;
}

function seesNone(api: string, right: string): string {
  return `${api} answered without a single environment, though every tenant has one: Lockwatch's identity may see none. It needs ${right}.`;
}

/**
 * A link from ids of either kind. A system id is compared by its last segment, a GUID, since only that part
 * is the same wherever it is written.
 */
export function linkOf(ids: readonly (string | undefined)[]): PolicyLink | undefined {
  const given = ids.filter((id) => id !== undefined);
  const policyId = given.find((id) => /^\/?subscriptions\//i.test(id));
  const systemId = given.find((id) => id !== policyId);
  if (given.length === 0) return undefined;
  return {
    ...(policyId === undefined ? {} : { policyId: normalId(policyId) }),
    ...(systemId === undefined ? {} : { systemId: systemKey(systemId) }),
  };
}

export function systemKey(systemId: string): string {
  return normalId(systemId).split('/').at(-1) ?? '';
}

/**
 * Both APIs' words for the state of a link, in the words of the admin API: "LinkingOnline" links without
 * disabling the environment. *Failed* says that an operation failed; the link is as it was before.
 */
export function linkStatusOf(word: string | undefined): string | undefined {
  return LINK_WORDS.get(word?.toLowerCase() ?? '') ?? word;
}

// A map, since an object also answers to words such as 'constructor'.
const LINK_WORDS: ReadonlyMap<string, string> = new Map([
  ['linkingonline', 'Linking'],
  ['unlinkingonline', 'Unlinking'],
  ...['Linked', 'Linking', 'Unlinking', 'NotLinked', 'LinkFailed', 'UnlinkFailed', 'Failed'].map(
    (word): [string, string] => [word.toLowerCase(), word],
  ),
]);
