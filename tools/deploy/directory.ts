import { type Cli, textIn } from './cli.ts';
import { DeployError } from './refusals.ts';

/**
 * Microsoft Graph and the token exchange of each cloud ("Considerations for federated identity credentials").
 */
const GRAPH: Readonly<Record<string, { graph: string; exchange: string; issuer?: string }>> = {
  AzureCloud: { graph: 'https://graph.microsoft.com', exchange: 'api://AzureADTokenExchange' },
  AzureUSGovernment: { graph: 'https://graph.microsoft.us', exchange: 'api://AzureADTokenExchangeUSGov' },
  AzureChinaCloud: {
    graph: 'https://microsoftgraph.chinacloudapi.cn',
    exchange: 'api://AzureADTokenExchangeChina',
    // Its tokens name another host than the one at which the Azure CLI signs in.
    issuer: 'https://login.partner.microsoftonline.cn',
  },
};

export interface Directory {
  graph: string;
  exchange: string;
  tenantId: string;
  login: string;
}

/** The cloud and tenant that the Azure CLI is signed in to. */
export async function directoryOf(run: Cli): Promise<Directory> {
  const account: unknown = JSON.parse(await run('az', ['account', 'show', '--output', 'json']));
  const cloud: unknown = JSON.parse(await run('az', ['cloud', 'show', '--output', 'json']));
  const endpoints = GRAPH[textIn(account, 'environmentName') ?? 'AzureCloud'] ?? GRAPH.AzureCloud;
  const tenantId = textIn(account, 'tenantId');
  const login = textIn(cloud, 'endpoints', 'activeDirectory');
  if (!endpoints || tenantId === undefined || login === undefined)
    throw new DeployError('The Azure CLI names no tenant. Sign in: az login');
  const { graph, exchange, issuer = login.replace(/\/$/, '') } = endpoints;
  return { graph, exchange, tenantId, login: issuer };
}
