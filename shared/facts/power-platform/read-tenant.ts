import type { TokenCredential } from '@azure/core-auth';
import type { HttpClient } from '@azure/core-rest-pipeline';
import { azureGet } from '../../azure/azure-get.ts';
import { before, type Deadline, deadlineIn } from '../../azure/deadline.ts';
import { unknown } from '../../azure/outcome.ts';
import type { Unknown } from '../../azure/part.ts';
import type { Clock } from '../../clock.ts';
import type { EnvironmentApi } from '../environment-details.ts';
import { isShownDisabled } from '../environment-state.ts';
import { isRegionOf, readAdminList } from './admin-list.ts';
import { readPlatformList } from './platform-list.ts';
import type { TenantList, UnreadList } from './tenant-list.ts';
import { readsWholeTenant } from './tenant-role.ts';
import { type TenantEnvironments, uniteLists } from './unite-lists.ts';

export interface ApiAddress {
  /** An https origin. */
  endpoint: string;
  scope: string;
}

export interface PowerPlatformOptions {
  /** The admin API ("BAP"). */
  admin: ApiAddress;
  /** The Power Platform API. Absent: it is not asked. */
  platform?: ApiAddress;
  credential: TokenCredential;
  clock: Clock;
  httpClient?: HttpClient;
}

/** An API that refused is asked again after this, since rights rarely change. */
const REFUSED_FOR_MS = 60 * 60_000;
/** One API that answers must not be held up by the other for longer than this. */
const PATIENCE_MS = 3000;
/** What an API showed counts for this long after its last answer. */
const HELD_FOR_MS = 24 * 60 * 60_000;

type WholeList = TenantList & { isWholeTenant: boolean };
type ReadList = WholeList | UnreadList;

interface Api {
  name: EnvironmentApi;
  read(deadline: Deadline): Promise<ReadList>;
  refusal?: { atMs: number; unread: Unknown };
  /** The ids that it last showed disabled. */
  disabled?: { atMs: number; ids: ReadonlySet<string> };
}

export type ReadTenant = (deadline: Deadline, askRefused: boolean) => Promise<TenantEnvironments | Unknown>;

/**
 * Reads the list of both APIs. Neither comes first: either alone is enough, and both together show what one
 * lacks. Keeps, for this process, which of them refused and what they last showed disabled.
 */
export function tenantReader(options: PowerPlatformOptions): ReadTenant {
  const { clock } = options;
  const apis = apisOf(options);
  return async (deadline, askRefused) => {
    const asked = apis.map((api) => ask(api, deadline, askRefused));
    const answers = await patiently(asked, clock);
    const lists = new Map<EnvironmentApi, WholeList>();
    const unread: Unknown[] = [];
    const held = new Set<string>();
    for (const [n, api] of apis.entries()) {
      const answer = answers[n] ?? tooSlow(clock);
      if (!('unread' in answer)) lists.set(api.name, answer);
      else {
        unread.push(answer.unread);
        // An API that refuses is no longer one of the two.
        if (!answer.refused && isFresh(api.disabled, HELD_FOR_MS))
          for (const id of api.disabled.ids) held.add(id);
      }
    }
    if (lists.size === 0) return notRead(unread);
    return uniteLists({ admin: lists.get('admin'), platform: lists.get('platform'), heldDisabled: held });
  };

  async function ask(api: Api, deadline: Deadline, askRefused: boolean): Promise<ReadList> {
    if (!askRefused && isFresh(api.refusal, REFUSED_FOR_MS))
      return { unread: { ...api.refusal.unread, readAt: clock.now() }, refused: true };
    const answer = await api.read(deadline);
    delete api.refusal;
    if ('unread' in answer) {
      if (answer.refused) api.refusal = { atMs: clock.nowMs(), unread: answer.unread };
      return answer;
    }
    const disabled = [...answer.rows].filter(([, { environment }]) => isShownDisabled(environment));
    api.disabled = { atMs: clock.nowMs(), ids: new Set(disabled.map(([id]) => id)) };
    return answer;
  }

  function isFresh<T extends { atMs: number }>(kept: T | undefined, forMs: number): kept is T {
    return kept !== undefined && clock.nowMs() - kept.atMs < forMs;
  }
}

function apisOf({ admin, platform, ...common }: PowerPlatformOptions): Api[] {
  const adminGet = azureGet({ ...common, ...admin, isSameService: isRegionOf(admin.endpoint) });
  const apis: Api[] = [
    {
      name: 'admin',
      async read(deadline) {
        const list = await readAdminList(adminGet, deadline);
        return 'unread' in list ? list : { ...list, isWholeTenant: true };
      },
    },
  ];
  if (!platform) return apis;
  const platformGet = azureGet({ ...common, ...platform });
  const identity = { credential: common.credential, scope: platform.scope };
  apis.push({
    name: 'platform',
    async read(deadline) {
      const [list, isWholeTenant] = await Promise.all([
        readPlatformList(platformGet, deadline),
        readsWholeTenant(platformGet, deadline, identity),
      ]);
      return 'unread' in list ? list : { ...list, isWholeTenant };
    },
  });
  return apis;
}

/** All answers, or those that are in a short while after the first list. Undefined: not in by then. */
async function patiently(
  asked: readonly Promise<ReadList>[],
  clock: Clock,
): Promise<readonly (ReadList | undefined)[]> {
  const arrived: (ReadList | undefined)[] = asked.map(() => undefined);
  const all = Promise.all(
    asked.map(async (answer, n) => {
      arrived[n] = await answer;
    }),
  );
  const aList = Promise.any(
    asked.map(async (answer) => {
      if ('unread' in (await answer)) throw NO_LIST;
    }),
  );
  // Where no API has a list, all of them have answered.
  await aList.then(() => before(deadlineIn(PATIENCE_MS, clock), () => all)).catch(() => all);
  return arrived;
}

const NO_LIST = new Error('no list');

function tooSlow(clock: Clock): UnreadList {
  return {
    unread: unknown('timeout', 'One list of environments was slower than the other.', clock.now()),
    refused: false,
  };
}

/** Why there is no list. A passing fault counts more than a refusal: that API may answer soon. */
function notRead(unread: readonly Unknown[]): Unknown {
  const [first] = unread;
  const passing = unread.find(({ reason }) => reason !== 'forbidden') ?? first;
  const detail = [...new Set(unread.map((part) => part.detail))].join(' ');
  return unknown(passing?.reason ?? 'notConfigured', detail, passing?.readAt ?? '');
}
