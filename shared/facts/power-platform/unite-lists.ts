import type { EnvironmentApi } from '../environment-details.ts';
import { isShownDisabled, isShownRunning } from '../environment-state.ts';
import type { EnvironmentFact } from '../facts.ts';
import type { PolicyLink, TenantList, TenantRow } from './tenant-list.ts';

/** The tenant's environments as both APIs together show them. */
export interface TenantEnvironments {
  /** The earlier of the lists' times, ISO 8601. */
  askedAt: string;
  at: string;
  isComplete: boolean;
  /** By `normalId` of the policy's ARM id, and by `systemKey` of its system id. */
  byPolicy: ReadonlyMap<string, TenantMember[]>;
  bySystemId: ReadonlyMap<string, TenantMember[]>;
  someBySystemIdOnly: boolean;
  /** Over the whole tenant. */
  running: number;
  disabled: number;
  listed: readonly string[];
  policyOf: ReadonlyMap<string, string>;
  /** Both lists are complete, so one that lacks a member contradicts the other. */
  areCompared: boolean;
}
export interface TenantMember {
  environment: EnvironmentFact;
  lackedBy?: EnvironmentApi;
}

/** The lists that were read, at least one. Pure. */
export interface ReadLists {
  /** Whoever it answers sees all environments of the tenant. */
  admin?: TenantList;
  platform?: TenantList & { isWholeTenant: boolean };
  /** Ids that an API showed disabled when it last answered, if it does not answer now. */
  heldDisabled: ReadonlySet<string>;
}

/** No tenant has more; a longer list of ids proves no departure. */
const MAX_LISTED = 50_000;

/**
 * Membership is the union of the lists, by the environment's id: a row or a link that one of them lacks may
 * only be late there.
 */
export function uniteLists({ admin, platform, heldDisabled }: ReadLists): TenantEnvironments {
  const read = [admin, platform].filter((list) => list !== undefined);
  const isWhole = {
    admin: isTrusted(admin),
    platform: isTrusted(platform) && platform?.isWholeTenant === true,
  };
  const byPolicy = new Map<string, TenantMember[]>();
  const bySystemId = new Map<string, TenantMember[]>();
  const policyOf = new Map<string, string>();
  let someBySystemIdOnly = false;
  const count = { running: 0, disabled: 0 };
  for (const id of new Set(read.flatMap(({ rows }) => [...rows.keys()]))) {
    const rows = { admin: admin?.rows.get(id), platform: platform?.rows.get(id) };
    const environment = mergedRow(rows.admin, rows.platform, heldDisabled.has(id));
    if (!environment) continue;
    if (environment.deletion === undefined && isShownRunning(environment)) count.running += 1;
    if (environment.deletion === undefined && isShownDisabled(environment)) count.disabled += 1;
    const lackedBy =
      isWhole.admin && isWhole.platform
        ? (['admin', 'platform'] as const).find((api) => !rows[api]?.link)
        : undefined;
    const member: TenantMember = { environment, ...(lackedBy === undefined ? {} : { lackedBy }) };
    const links = [rows.admin?.link, rows.platform?.link].filter((link) => link !== undefined);
    for (const key of keysOf(links, 'policyId')) add(byPolicy, key, member);
    for (const key of keysOf(links, 'systemId')) add(bySystemId, key, member);
    const isUnlinked = NOT_A_LINK.has(environment.linkStatus);
    if (links.length > 0 && !isUnlinked)
      policyOf.set(id, links.find(({ policyId }) => policyId !== undefined)?.policyId ?? '');
    if (links.length > 0 && links.every(({ policyId }) => policyId === undefined)) someBySystemIdOnly = true;
  }
  const times = read.map(({ askedAt }) => askedAt).sort();
  const ids = new Set(read.flatMap(({ showsLinks, rows }) => (showsLinks ? [...rows.keys()] : [])));
  return {
    askedAt: times[0] ?? '',
    at:
      read
        .map(({ at }) => at)
        .sort()
        .at(-1) ?? '',
    isComplete: isWhole.admin || isWhole.platform,
    byPolicy,
    bySystemId,
    someBySystemIdOnly,
    ...count,
    policyOf,
    listed: ids.size > MAX_LISTED ? [] : [...ids],
    areCompared: isWhole.admin && isWhole.platform,
  };
}

/** A list without any link may have left the links out; an unidentified one may be any policy's. */
function isTrusted(list: TenantList | undefined): boolean {
  return list?.showsLinks === true && !list.hasUnknownLink;
}

/**
 * The state is the admin API's where it has one, since the words of the other are not published. An
 * environment that either shows disabled is disabled.
 */
function mergedRow(
  admin: TenantRow | undefined,
  platform: TenantRow | undefined,
  isHeldDisabled: boolean,
): EnvironmentFact | undefined {
  const base = admin?.environment ?? platform?.environment;
  if (!base) return undefined;
  const other = admin ? platform?.environment : undefined;
  const isStateless = base.runtimeState === undefined && base.instanceState === undefined;
  const isDisabled = isHeldDisabled || [base, other].some((one) => one !== undefined && isShownDisabled(one));
  const runtimeState =
    isDisabled && !isShownDisabled(base) ? 'Disabled' : isStateless ? other?.runtimeState : base.runtimeState;
  const deletion = base.deletion ?? other?.deletion;
  return {
    ...base,
    linkStatus: mergedLinkStatus(admin, platform),
    runtimeState,
    ...(deletion === undefined ? {} : { deletion }),
  };
}

const NOT_A_LINK: ReadonlySet<string | undefined> = new Set(['NotLinked', 'LinkFailed']);

function mergedLinkStatus(admin: TenantRow | undefined, platform: TenantRow | undefined): string | undefined {
  const linked = [admin, platform].filter((row) => row?.link !== undefined);
  const live = linked.find((row) => !NOT_A_LINK.has(row?.environment.linkStatus));
  return (live ?? linked[0])?.environment.linkStatus;
}

function keysOf(links: readonly PolicyLink[], field: keyof PolicyLink): Set<string> {
  return new Set(links.map((link) => link[field]).filter((key) => key !== undefined));
}

function add(map: Map<string, TenantMember[]>, key: string, member: TenantMember): void {
  const list = map.get(key);
  if (list) list.push(member);
  else map.set(key, [member]);
}
