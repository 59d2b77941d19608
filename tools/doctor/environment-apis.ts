import type { TokenCredential } from '@azure/core-auth';
import { environmentApis } from '../../shared/facts/power-platform/addresses.ts';
import { readAdminList } from '../../shared/facts/power-platform/admin-list.ts';
import { readPlatformList } from '../../shared/facts/power-platform/platform-list.ts';
import type { TenantList, UnreadList } from '../../shared/facts/power-platform/tenant-list.ts';
import { readsWholeTenant } from '../../shared/facts/power-platform/tenant-role.ts';
import { type AzureReader, asAsked, stateOf } from './azure-reader.ts';
import { grantEnvironments } from './remediation.ts';
import type { Check } from './report.ts';

interface Asked {
  name: string;
  endpoint: string;
  list: TenantList | UnreadList;
  isWholeTenant: boolean;
}

/**
 * Which of the two environment APIs answers this identity, and how much it shows. One that answers is enough,
 * so the other is only noted. Nothing where environments come from an inventory.
 */
export async function environmentApiChecks(
  azure: AzureReader,
  credential: TokenCredential,
): Promise<Check[]> {
  const { settings, cloud } = azure;
  if (settings.environmentsFrom === 'inventory') return [];
  const { platform } = environmentApis(settings, cloud);
  const asked = await Promise.all([askAdmin(azure), ...(platform ? [askPlatform(azure, credential)] : [])]);
  const isAnswered = asked.some(({ list }) => !('unread' in list));
  const checks = asked.flatMap((api) => checksOf(azure, api, isAnswered));
  if (platform) return checks;
  const says =
    'The address of the Power Platform API is not known in this cloud, so it is not asked. If your organisation knows it, set LOCKWATCH_POWER_PLATFORM_API_ENDPOINT.';
  return [...checks, { about: 'environments', id: 'Power Platform API', state: 'note', says }];
}

async function askAdmin(azure: AzureReader): Promise<Asked> {
  const { endpoint } = environmentApis(azure.settings, azure.cloud).admin;
  const list = await readAdminList(azure.powerPlatform, azure.deadline);
  return { name: 'The Power Platform admin API', endpoint, list, isWholeTenant: true };
}

async function askPlatform(azure: AzureReader, credential: TokenCredential): Promise<Asked> {
  const { settings, cloud, deadline, powerPlatformApi: get } = azure;
  const { platform } = environmentApis(settings, cloud);
  if (!get || !platform) throw new TypeError('Only an API with an address is asked.');
  const { endpoint, scope } = platform;
  const [list, isWholeTenant] = await Promise.all([
    readPlatformList(get, deadline),
    readsWholeTenant(get, deadline, { credential, scope }),
  ]);
  return { name: 'The Power Platform API', endpoint, list, isWholeTenant };
}

function checksOf(
  azure: AzureReader,
  { name, endpoint, list, isWholeTenant }: Asked,
  isAnswered: boolean,
): Check[] {
  const base = { about: 'environments' as const, id: endpoint };
  if ('unread' in list) {
    const says = `${name} gives no list. ${asAsked(list.unread.detail)}`;
    if (isAnswered) return [{ ...base, state: 'note', says }];
    const state = stateOf(list.unread.reason);
    if (state !== 'missing') return [{ ...base, state, says }];
    return [
      { ...base, state, says, rights: ['Power Platform reader'], remediation: grantEnvironments(azure) },
    ];
  }
  const count = list.rows.size;
  const linked = [...list.rows.values()].filter(({ link }) => link !== undefined).length;
  const whole = isWholeTenant
    ? 'It shows the whole tenant.'
    : 'Whether it shows the whole tenant is not known: no role of this identity at the tenant could be read.';
  const first: Check = list.showsLinks
    ? {
        ...base,
        state: isWholeTenant ? 'ok' : 'note',
        says: `${name} answers: ${count} environments, ${linked} with an encryption policy. ${whole}`,
      }
    : {
        ...base,
        state: 'note',
        says: `${name} answers: ${count} environments, none with an encryption policy. It may leave links out, so nothing follows from that.`,
      };
  if (list.unknownStates.length === 0) return [first];
  // Words from outside: quoted, with control characters escaped.
  const words = list.unknownStates.map((word) => JSON.stringify(word)).join(', ');
  const says = `${name} reports states whose meaning is not published: ${words}. Lockwatch takes them as unknown.`;
  return [first, { ...base, state: 'note', says }];
}
