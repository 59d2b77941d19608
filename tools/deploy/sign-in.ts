import { type Rest, textIn } from './cli.ts';
import { deployedNeeds } from './deployed-needs.ts';
import type { Directory } from './directory.ts';
import { DeployError, hasCode } from './refusals.ts';
import { type Need, needCommand, type Registration, registrationNeeds } from './registration-needs.ts';
import { awaitReplication, isNotReplicated, type WaitClock } from './replication.ts';

export interface SignInPorts {
  rest: Rest;
  clock: WaitClock;
  print(line: string): void;
}

/**
 * The app registration with which people sign in; made where LOCKWATCH_ENTRA_CLIENT_ID names none. It has our
 * two roles, requires one of them of everyone, and holds no secret. Returns its client id, which is stored as
 * soon as it is known. A registration that somebody else made stays as it is: what it lacks is printed, as
 * commands. So it is where the deployer may not change it.
 */
export async function ensureRegistration(
  ports: SignInPorts,
  { graph }: Directory,
  wanted: {
    environmentName: string;
    hostSubscription: string;
    clientId?: string;
    store(clientId: string): Promise<unknown>;
  },
): Promise<string> {
  const rest = awaitReplication(ports.rest, ports.clock);
  const names = namesOf(wanted.environmentName, wanted.hostSubscription);
  const clientId = wanted.clientId ?? (await makeRegistration(rest, graph, names));
  if (wanted.clientId === undefined) await wanted.store(clientId);
  const read = await readRegistration(ports.rest, rest, graph, clientId);
  const needs = registrationNeeds(graph, clientId, read);
  const isOurs =
    wanted.clientId === undefined ||
    textIn(read.application, 'uniqueName') === names.uniqueName ||
    textIn(read.application, 'displayName') === names.displayName;
  const missing = isOurs ? await meetNeeds(rest, needs) : needs;
  reportMissing(ports.print, clientId, missing);
  return clientId;
}

/** Both are made from the environment, so that a second run finds the same registration. */
function namesOf(environmentName: string, hostSubscription: string) {
  return {
    displayName: `Lockwatch (${environmentName})`,
    uniqueName: `lockwatch-${environmentName}-${hostSubscription.slice(0, 8)}`,
  };
}

/**
 * Made under a key of our own, and only where the directory has none with that key ("Upsert application").
 * Lists and readings of Microsoft Graph lag by seconds to minutes, so a search by name before a POST would
 * make a second registration in a run that follows closely.
 */
async function makeRegistration(
  rest: Rest,
  graph: string,
  { displayName, uniqueName }: ReturnType<typeof namesOf>,
): Promise<string> {
  const url = `${graph}/v1.0/applications(uniqueName='${uniqueName}')`;
  const body = { displayName, signInAudience: 'AzureADMyOrg' };
  try {
    const made = await rest.send('patch', url, body, { Prefer: 'create-if-missing' });
    const clientId = textIn(made, 'appId');
    if (clientId !== undefined) return clientId;
  } catch (error) {
    if (isDenied(error)) throw new DeployError(noRightToRegister(graph, url, body), { cause: error });
    if (!isKeyTaken(error)) throw error;
    await refuseDeleted(rest, graph, displayName);
  }
  // It exists already, and the answer has no body (204), or its key is taken by it.
  const clientId = textIn(await rest.get(`${url}?$select=appId`), 'appId');
  if (clientId === undefined)
    throw new DeployError(
      'Microsoft Graph returned no client id of the app registration. Run the same command again: it continues with the registration that is there.',
    );
  return clientId;
}

/** microsoftgraph/msgraph-bicep-types#137 (a deleted one keeps its key) and #202. */
function isKeyTaken(error: unknown): boolean {
  return hasCode(error, /same value for property uniqueName already exists/i);
}

/** A deleted registration keeps its key for 30 days ("Restore or permanently delete deleted applications"). */
async function refuseDeleted(rest: Rest, graph: string, displayName: string): Promise<void> {
  const items = `${graph}/v1.0/directory/deletedItems`;
  const deleted = await unlessRefused(
    rest.list(`${items}/microsoft.graph.application?$select=id,displayName`),
    isDenied,
  );
  const names = Array.isArray(deleted) ? deleted : [];
  const id = textIn(
    names.find((one) => textIn(one, 'displayName') === displayName),
    'id',
  );
  if (id === undefined) return;
  throw new DeployError(
    `The app registration '${displayName}' was deleted less than 30 days ago and keeps its name. Restore it, then run the same command again: az rest --method post --url ${items}/${id}/restore (or delete it for good: az rest --method delete --url ${items}/${id})`,
  );
}

function noRightToRegister(graph: string, url: string, body: object): string {
  const make = needCommand({ what: '', method: 'patch', url, body }).replace(
    '--headers ',
    '--headers Prefer=create-if-missing ',
  );
  const later = registrationNeeds(graph, '<client id>', { application: undefined, principal: undefined });
  return [
    'You may not make app registrations in this tenant. Let your identity team run the commands below, then run: azd env set LOCKWATCH_ENTRA_CLIENT_ID <client id>, and the same command again; or let function keys guard the app: azd env set LOCKWATCH_ACCESS keys',
    `  ${make}`,
    ...later.map((need) => `  ${needCommand(need)}`),
  ].join('\n');
}

/** `forPrincipal`: before the deployment, a missing service principal is to be made, and not waited for. */
async function readRegistration(
  forPrincipal: Rest,
  rest: Rest,
  graph: string,
  clientId: string,
): Promise<Registration> {
  return {
    application: await readApplication(rest, graph, clientId),
    principal: await unlessRefused(
      forPrincipal.get(`${graph}/v1.0/servicePrincipals(appId='${clientId}')`),
      (error) => isDenied(error) || isNotReplicated(error),
    ),
  };
}

async function readApplication(rest: Rest, graph: string, clientId: string): Promise<unknown> {
  try {
    return await unlessRefused(rest.get(`${graph}/v1.0/applications(appId='${clientId}')`), isDenied);
  } catch (error) {
    if (!isNotReplicated(error)) throw error;
    throw new DeployError(
      `LOCKWATCH_ENTRA_CLIENT_ID names the app registration ${clientId}, and there is none. If it was deleted, restore it (Microsoft Entra admin center, App registrations, Deleted applications); or run: azd env set LOCKWATCH_ENTRA_CLIENT_ID ""`,
      { cause: error },
    );
  }
}

async function unlessRefused(
  asked: Promise<unknown>,
  isExpected: (error: unknown) => boolean,
): Promise<unknown> {
  try {
    return await asked;
  } catch (error) {
    if (!isExpected(error)) throw error;
    return undefined;
  }
}

/** Sends each request; returns those that the person may not send. */
async function meetNeeds(rest: Rest, needs: readonly Need[]): Promise<Need[]> {
  const refused: Need[] = [];
  for (const need of needs)
    try {
      if (need.isIncomplete) refused.push(need);
      else await rest.send(need.method, need.url, need.body);
    } catch (error) {
      if (isDenied(error)) refused.push(need);
      else if (!need.existsAlready || !hasCode(error, need.existsAlready)) throw error;
      else if (need.thenAlso) refused.push(...(await meetNeeds(rest, [need.thenAlso])));
    }
  return refused;
}

function reportMissing(print: (line: string) => void, clientId: string, missing: readonly Need[]): void {
  if (missing.length === 0) return;
  print(
    `The app registration ${clientId} lacks: ${missing.map(({ what }) => what).join('; ')}. Until it has them, people may not be able to sign in. Its owner, or an Application Administrator, runs (bash or Cloud Shell):`,
  );
  for (const need of missing) print(`  ${needCommand(need)}`);
  print('The deployment goes on.');
}

/** What can be set only once the app exists; where the deployer may not, it is printed. */
export async function completeRegistration(
  ports: SignInPorts,
  { graph, login, tenantId, exchange }: Directory,
  known: { clientId: string; url: string; identityPrincipalId: string; deployerObjectId: string },
): Promise<void> {
  const rest = awaitReplication(ports.rest, ports.clock);
  const { clientId } = known;
  // The service principal was asked for minutes ago: waiting for it is right here.
  const read = await readRegistration(rest, rest, graph, clientId);
  const listed = async (url: string) => {
    const items = await unlessRefused(rest.list(url), isDenied);
    return Array.isArray(items) ? items : [];
  };
  const needs = deployedNeeds(
    graph,
    clientId,
    { ...known, issuer: `${login}/${tenantId}/v2.0`, audience: exchange },
    {
      ...read,
      credentials: await listed(
        `${graph}/v1.0/applications(appId='${clientId}')/federatedIdentityCredentials`,
      ),
      assignments:
        read.principal === undefined
          ? []
          : await listed(`${graph}/v1.0/servicePrincipals(appId='${clientId}')/appRoleAssignedTo`),
    },
  );
  reportMissing(ports.print, clientId, await meetNeeds(rest, needs));
}

/** "Microsoft Graph error responses": 403. The same code also comes for what is not replicated yet. */
function isDenied(error: unknown): boolean {
  if (isNotReplicated(error)) return false;
  return hasCode(error, /Authorization_RequestDenied|Authorization_IdentityNotFound|\bForbidden\(/);
}
