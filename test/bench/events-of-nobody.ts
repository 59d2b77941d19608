import { losesEventSource } from '../../shared/pipeline/loses-event-source.ts';
import { readMessage } from '../../shared/signals/read-message.ts';
import type { About } from '../../shared/signals/signal.ts';
import { isPolicyWrite, makeWatchList } from '../../shared/signals/watch-list.ts';
import { cpuClock, type Figure, pairedRatio } from './figure.ts';

const EVENTS = 2_000;
const SUBSCRIPTION = '11111111-1111-1111-1111-111111111111';

/**
 * Event Grid events that pass the filter of our event subscription and still concern nobody, with 1,000 policies
 * watched: read, and decided on as `respond` does. Floor: `JSON.parse` of the same text.
 */
export async function eventsOfNobody(): Promise<Figure> {
  const policies = Array.from({ length: 1000 }, (_, n) => ({
    policyId: `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.PowerPlatform/enterprisePolicies/ep-${n}`,
    vaultId: `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv-${n % 200}`,
    keyName: `cmk-${n}`,
    principalId: `22222222-0000-0000-0000-${String(n).padStart(12, '0')}`,
  }));
  const watched = { list: makeWatchList(policies), policies: [], hints: new Map() };
  const config = { watchedSubscriptions: [SUBSCRIPTION], auditNamespaces: [] };
  const isWanted = (about: About) =>
    isPolicyWrite(about) ||
    watched.list.concerns(about).length > 0 ||
    losesEventSource(about, watched, config);
  const texts = unwatchedEvents(EVENTS);
  const now = '2026-11-23T03:00:00.000Z';
  let wanted = 0;
  const measured = await pairedRatio(
    () => {
      for (const text of texts) wanted += readMessage(text, now, isWanted).signals.length;
    },
    () => {
      for (const text of texts) JSON.parse(text);
    },
    { pairs: 61, warmUp: 40 },
  );
  const cpuMs = cpuClock();
  for (const text of texts) wanted += readMessage(text, now, isWanted).signals.length;
  const cpuMsPerItem = cpuMs() / EVENTS;
  if (wanted > 0) throw new Error(`${wanted} signals that concern nobody were taken.`);
  const bytes = texts.reduce((sum, text) => sum + text.length, 0) / EVENTS;
  const detail = `${EVENTS} acts on other resources, ${(bytes / 1000).toFixed(1)} KB each`;
  return { name: 'Event Grid events that concern nobody', ...measured, budget: 1.3, detail, cpuMsPerItem };
}

/** So many acts on what nobody watches, as the queue brings them, in this subscription, numbered from `first`. */
export function unwatchedEvents(count: number, subscriptionId = SUBSCRIPTION, first = 0): string[] {
  return Array.from({ length: count }, (_, n) => unwatched(first + n, subscriptionId));
}

/** Vaults, role assignments, groups and diagnostic settings of others, as often as each may come. */
function unwatched(n: number, subscriptionId: string): string {
  const group = `/subscriptions/${subscriptionId}/resourceGroups/rg-web-${n % 9}`;
  const storage = `${group}/providers/Microsoft.Storage/storageAccounts/st${n}`;
  const role = `providers/Microsoft.Authorization/roleAssignments/${guid(n)}`;
  const kinds: [string, 'Write' | 'Delete', string][] = [
    ['KeyVault/vaults/write', 'Write', `${group}/providers/Microsoft.KeyVault/vaults/kv-other-${n}`],
    ['Authorization/roleAssignments/write', 'Write', `${storage}/${role}`],
    ['Authorization/roleAssignments/delete', 'Delete', `${group}/${role}`],
    ['Authorization/roleAssignments/write', 'Write', `${group}/${role}`],
    ['Resources/subscriptions/resourceGroups/delete', 'Delete', `${group}-${n}`],
    [
      'Insights/diagnosticSettings/write',
      'Write',
      `${storage}/providers/Microsoft.Insights/diagnosticSettings/all`,
    ],
  ];
  const [operation, scenario, scope] = kinds[n % kinds.length] ?? ['', 'Write', ''];
  return JSON.stringify(armEvent(n, `Microsoft.${operation}`, scenario, scope));
}

/** With the claims that a person's sign-in brings ("Azure subscription as an Event Grid source"). */
function armEvent(n: number, operation: string, scenario: 'Write' | 'Delete', scope: string) {
  const subscriptionId = scope.split('/')[2];
  const microsoft = 'http://schemas.microsoft.com';
  const xmlsoap = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims';
  return {
    id: guid(n),
    topic: `/subscriptions/${subscriptionId}`,
    subject: scope,
    eventType: `Microsoft.Resources.Resource${scenario}Success`,
    eventTime: '2026-11-23T02:59:58.6117357Z',
    dataVersion: '2',
    metadataVersion: '1',
    data: {
      authorization: {
        scope,
        action: operation,
        evidence: {
          role: 'Owner',
          roleAssignmentScope: `/subscriptions/${SUBSCRIPTION}`,
          roleAssignmentId: guid(1),
          roleDefinitionId: guid(2),
          principalId: guid(3),
          principalType: 'User',
        },
      },
      claims: {
        aud: 'https://management.core.windows.net/',
        iss: `https://sts.windows.net/${guid(4)}/`,
        iat: '1559081980',
        nbf: '1559081980',
        exp: '1559085880',
        [`${microsoft}/claims/authnclassreference`]: '1',
        [`${microsoft}/claims/authnmethodsreferences`]: 'pwd,mfa',
        aio: 'ATQAy/8LAAAAMf8cTUQpWAGtxLtUnGZkDqOoIfzM8lOFUXdiqDvBbm9bSXDkOVm5WAiPF0m5G4Bg',
        appid: guid(5),
        appidacr: '2',
        ipaddr: '203.0.113.7',
        name: 'Dana Vault',
        [`${microsoft}/identity/claims/objectidentifier`]: guid(3),
        [`${microsoft}/identity/claims/scope`]: 'user_impersonation',
        [`${microsoft}/identity/claims/tenantid`]: guid(4),
        [`${xmlsoap}/name`]: 'dana@contoso.example',
        [`${xmlsoap}/nameidentifier`]: 'pSV8Qkp8mNHRHqCqGRlX1Ud',
        [`${xmlsoap}/upn`]: 'dana@contoso.example',
        puid: '10037FFE801B8D2E',
        uti: 'y1Z2x3Q4y1Z2x3Q4y1Z2x3',
        ver: '1.0',
        wids: guid(6),
      },
      correlationId: guid(n),
      httpRequest: {
        clientRequestId: guid(n),
        clientIpAddress: '203.0.113.7',
        method: 'PUT',
        url: `https://management.azure.com${scope}?api-version=2024-01-01`,
      },
      resourceProvider: operation.split('/')[0],
      resourceUri: scope,
      operationName: operation,
      status: 'Succeeded',
      subscriptionId,
      tenantId: guid(4),
    },
  };
}

function guid(n: number): string {
  return `33333333-0000-4000-8000-${String(n).padStart(12, '0')}`;
}
