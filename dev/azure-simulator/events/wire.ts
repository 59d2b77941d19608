import type { RaisedEvent } from '../scenarios/scenario.ts';
import type { World, WorldPerson } from '../world/world.ts';

/** An event in the Event Grid schema, as the documents of its two sources show it. */
export interface EventGridEvent {
  id: string;
  topic: string;
  subject: string;
  eventType: string;
  eventTime: string;
  data: Record<string, unknown>;
  dataVersion: string;
  metadataVersion: string;
}

export interface Raising {
  world: World;
  actor: WorldPerson;
  /** Milliseconds since the epoch. */
  now: number;
  id: string;
  correlationId: string;
}

/** Writes an event as Azure does. */
export function toWire(event: RaisedEvent, raising: Raising): EventGridEvent {
  return event.from === 'keyVault' ? keyVaultEvent(event, raising) : resourceManagerEvent(event, raising);
}

/** The subscription whose system topic carries it. */
export function subscriptionOf(event: RaisedEvent): string | undefined {
  const id = event.from === 'keyVault' ? event.vaultId : event.resource;
  return /^\/subscriptions\/([^/]+)/i.exec(id)?.[1];
}

/** "Azure Key Vault as Event Grid source": data in PascalCase, dates in seconds or null. */
function keyVaultEvent(
  event: Extract<RaisedEvent, { from: 'keyVault' }>,
  { now, id }: Raising,
): EventGridEvent {
  const vaultName = event.vaultId.split('/').at(-1) ?? '';
  const address = `https://${vaultName}.vault.azure.net`;
  const object = event.object;
  return {
    id,
    topic: event.vaultId,
    subject: object?.name ?? vaultName,
    eventType: `Microsoft.KeyVault.${event.type}`,
    eventTime: new Date(now).toISOString(),
    data: {
      Id: object ? `${address}/keys/${object.name}/${object.version}` : address,
      VaultName: vaultName,
      ObjectType: object ? 'Key' : 'Vault',
      ObjectName: object?.name ?? vaultName,
      Version: object?.version ?? null,
      NBF: object?.nbf ?? null,
      EXP: object?.exp ?? null,
    },
    dataVersion: '1',
    metadataVersion: '1',
  };
}

/** "Azure subscription as an Event Grid source". */
function resourceManagerEvent(
  event: Extract<RaisedEvent, { from: 'resourceManager' }>,
  { world, actor, now, id, correlationId }: Raising,
): EventGridEvent {
  const subscriptionId = subscriptionOf(event) ?? '';
  const method = { Write: 'PUT', Delete: 'DELETE', Action: 'POST' }[event.verb];
  return {
    id,
    topic: `/subscriptions/${subscriptionId}`,
    subject: event.resource,
    eventType: `Microsoft.Resources.Resource${event.verb}Success`,
    eventTime: new Date(now).toISOString(),
    data: {
      authorization: {
        scope: event.resource,
        action: event.operation,
        evidence: {
          role: actor.role,
          roleAssignmentScope: world.managementGroupId,
          principalId: actor.objectId,
          principalType: actor.upn ? 'User' : 'ServicePrincipal',
        },
      },
      claims: claimsOf(world, actor, now),
      correlationId,
      httpRequest: {
        clientRequestId: correlationId,
        clientIpAddress: actor.ipAddress,
        method,
        url: `https://management.azure.com${event.resource}?api-version=2024-11-01`,
      },
      resourceProvider: event.operation.split('/')[0],
      resourceUri: event.resource,
      operationName: event.operation,
      status: 'Succeeded',
      subscriptionId,
      tenantId: world.tenantId,
    },
    dataVersion: '2',
    metadataVersion: '1',
  };
}

function claimsOf(world: World, actor: WorldPerson, now: number): Record<string, string> {
  const issued = Math.floor(now / 1000) - 300;
  const schemas = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims';
  const person: Record<string, string> = actor.upn
    ? {
        name: actor.name,
        [`${schemas}/name`]: actor.upn,
        [`${schemas}/upn`]: actor.upn,
        'http://schemas.microsoft.com/identity/claims/scope': 'user_impersonation',
        idtyp: 'user',
      }
    : { idtyp: 'app' };
  return {
    aud: 'https://management.core.windows.net/',
    iss: `https://sts.windows.net/${world.tenantId}/`,
    iat: `${issued}`,
    nbf: `${issued}`,
    exp: `${issued + 4_800}`,
    appid: actor.applicationId,
    ipaddr: actor.ipAddress,
    'http://schemas.microsoft.com/identity/claims/objectidentifier': actor.objectId,
    'http://schemas.microsoft.com/identity/claims/tenantid': world.tenantId,
    ver: '1.0',
    ...person,
  };
}
