import { unwatchedEvents } from '../bench/events-of-nobody.ts';

/** The n-th event that concerns nobody: it goes around the watched subscriptions. */
export function eventOfNobody(n: number, subscriptions: readonly string[]): string {
  return unwatchedEvents(1, subscriptions[n % subscriptions.length], n)[0] ?? '';
}

/** A write of a network perimeter that no vault is in: nobody can know that from the event alone. */
export function perimeterWrite(n: number, subscriptionId: string): string {
  const event = JSON.parse(unwatchedEvents(1, subscriptionId, n)[0] ?? '{}');
  const operation = 'Microsoft.Network/networkSecurityPerimeters/profiles/accessRules/write';
  const perimeter = `/subscriptions/${subscriptionId}/resourceGroups/rg-web-1/providers/Microsoft.Network/networkSecurityPerimeters/nsp-web`;
  const scope = `${perimeter}/profiles/all/accessRules/rule-${n}`;
  const at = new Date().toISOString();
  return JSON.stringify({
    ...event,
    id: crypto.randomUUID(),
    subject: scope,
    eventType: 'Microsoft.Resources.ResourceWriteSuccess',
    eventTime: at,
    data: {
      ...event.data,
      authorization: { ...event.data.authorization, scope, action: operation },
      resourceProvider: 'Microsoft.Network',
      resourceUri: scope,
      operationName: operation,
    },
  });
}

/** Text that is no event: each is another, so that none is taken for a copy. */
export function unreadableText(n: number): string {
  return n % 2 === 0 ? `no event ${n}` : JSON.stringify({ id: n, eventType: ['x'], data: 'y' });
}
