import * as z from 'zod';
import { httpsAddress, optionalFlag, optionalInstant, optionalText } from '../../azure/answer-schema.ts';
import type { Get } from '../../azure/azure-get.ts';
import type { Deadline } from '../../azure/deadline.ts';
import type { EnvironmentDeletion } from '../environment-details.ts';
import { environmentKey } from '../environment-state.ts';
import {
  linkOf,
  linkStatusOf,
  type ParsedRow,
  readTenantList,
  type TenantList,
  type UnreadList,
} from './tenant-list.ts';

/** Power Platform API docs: "Environments - List Environments For User". */
const PLATFORM_ENVIRONMENTS = '/environmentmanagement/environments?api-version=2024-10-01';

const RIGHT = "the Power Platform reader role, or an inventory file in the list's place";

/**
 * The list of the Power Platform API. It shows the environments that this identity may see by Power Platform
 * RBAC: all of the tenant, those of a group, or single ones.
 */
export function readPlatformList(get: Get, deadline: Deadline): Promise<TenantList | UnreadList> {
  return readTenantList(get, deadline, {
    api: 'The Power Platform API',
    right: RIGHT,
    target: PLATFORM_ENVIRONMENTS,
    schema,
    rowOf,
  });
}

/** A descriptive field must not make a list unreadable; a linking field must. */
const describes = optionalText.optional().catch(undefined);
const instant = optionalInstant.optional().catch(undefined);

const schema = z.object({
  id: z.string().min(1),
  displayName: describes,
  type: describes,
  state: describes,
  adminMode: optionalFlag.optional().catch(undefined),
  geo: describes,
  url: describes,
  deletedDateTime: instant,
  retentionDetails: z
    .object({ retentionPeriod: describes, backupsAvailableFromDateTime: instant })
    .nullish()
    .catch(undefined),
  enterprisePolicies: z
    .object({
      encryption: z.object({ id: optionalText, resourceId: optionalText, status: describes }).nullish(),
    })
    .nullish(),
});
type Answer = z.infer<typeof schema>;

function rowOf(answer: Answer): ParsedRow {
  const encryption = answer.enterprisePolicies?.encryption ?? undefined;
  const link = linkOf([encryption?.resourceId, encryption?.id]);
  return {
    environment: {
      id: environmentKey(answer.id),
      displayName: answer.displayName ?? answer.id,
      sku: answer.type ?? 'Unknown',
      region: answer.geo ?? '',
      url: httpsAddress(answer.url),
      linkStatus: linkStatusOf(encryption?.status),
      runtimeState: runtimeStateOf(answer),
      ...deletionOf(answer),
    },
    link,
    hasUnknownLink: link === undefined && encryption?.status !== undefined,
    unknownState: isKnownState(answer.state) ? undefined : answer.state,
  };
}

/**
 * The values of `state` are not published. Only the whole words that can mean nothing else are understood, in
 * the terms of the admin API; any other word says nothing.
 */
const STATES: ReadonlyMap<string, string> = new Map([
  ['disabled', 'Disabled'],
  ['enabled', 'Enabled'],
  ['ready', 'Enabled'],
]);

function isKnownState(state: string | undefined): boolean {
  return state === undefined || STATES.has(state.toLowerCase());
}

function runtimeStateOf({ state, adminMode }: Answer): string | undefined {
  const word = STATES.get(state?.toLowerCase() ?? '');
  return word === 'Enabled' && adminMode ? 'AdminMode' : word;
}

/** A time before Power Platform existed is a placeholder (0001-01-01). */
const EARLIEST = '2010';

function deletionOf({ deletedDateTime: at, retentionDetails }: Answer): { deletion?: EnvironmentDeletion } {
  if (at === undefined || at < EARLIEST) return {};
  const { retentionPeriod, backupsAvailableFromDateTime: backupsFrom } = retentionDetails ?? {};
  return {
    deletion: {
      at,
      ...(retentionPeriod === undefined ? {} : { retentionPeriod }),
      ...(backupsFrom === undefined ? {} : { backupsFrom }),
    },
  };
}
