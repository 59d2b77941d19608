import { readMessage } from '../../shared/signals/read-message.ts';
import { makeWatchList } from '../../shared/signals/watch-list.ts';
import { type Figure, pairedRatio } from './figure.ts';

const EVENTS = 2_000;
const SUBSCRIPTION = '11111111-1111-1111-1111-111111111111';

/** Event Grid events that concern nobody, with 1,000 policies watched. Floor: `JSON.parse` of the same text. */
export function eventsOfNobody(): Figure {
  const list = makeWatchList(
    Array.from({ length: 1000 }, (_, n) => ({
      policyId: `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.PowerPlatform/enterprisePolicies/ep-${n}`,
      vaultId: `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv-${n % 200}`,
      keyName: `cmk-${n}`,
      principalId: `22222222-0000-0000-0000-${String(n).padStart(12, '0')}`,
    })),
  );
  const texts = Array.from({ length: EVENTS }, (_, n) => unwatched(n));
  const now = '2026-11-23T03:00:00.000Z';
  let wanted = 0;
  const ratio = pairedRatio(
    () => {
      for (const text of texts)
        wanted += readMessage(text, now, (signal) => list.concerns(signal).length > 0).signals.length;
    },
    () => {
      for (const text of texts) JSON.parse(text);
    },
  );
  if (wanted > 0) throw new Error(`${wanted} signals of vaults that nobody watches were taken.`);
  const detail = `${EVENTS} writes of other vaults, ${Math.round((texts[0]?.length ?? 0) / 100) / 10} KB each`;
  return { name: 'Event Grid events that concern nobody', ratio, budget: 1.3, detail };
}

function unwatched(n: number): string {
  const vault = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-web/providers/Microsoft.KeyVault/vaults/kv-other-${n}`;
  const scope = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims';
  return JSON.stringify({
    id: `e-${n}`,
    topic: `/subscriptions/${SUBSCRIPTION}`,
    subject: vault,
    eventType: 'Microsoft.Resources.ResourceWriteSuccess',
    eventTime: '2026-11-23T02:59:58.000Z',
    dataVersion: '2',
    metadataVersion: '1',
    data: {
      authorization: { scope: vault, action: 'Microsoft.KeyVault/vaults/write', evidence: { role: 'Owner' } },
      claims: {
        aud: 'https://management.azure.com/',
        [`${scope}/upn`]: 'dana@contoso.example',
        appid: 'a',
        groups: 'x'.repeat(1500),
      },
      correlationId: `c-${n}`,
      httpRequest: {
        clientRequestId: 'r',
        clientIpAddress: '203.0.113.7',
        method: 'PUT',
        url: `https://management.azure.com${vault}`,
      },
      resourceProvider: 'Microsoft.KeyVault',
      resourceUri: vault,
      operationName: 'Microsoft.KeyVault/vaults/write',
      status: 'Succeeded',
      subscriptionId: SUBSCRIPTION,
      tenantId: '33333333-3333-3333-3333-333333333333',
    },
  });
}
