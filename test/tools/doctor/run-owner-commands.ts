import { execFileSync } from 'node:child_process';
import * as z from 'zod';
import {
  type DeployedSource,
  type Deployment,
  deploymentSchema,
} from '../../../dev/expected-deployment/deployment.ts';

/** The commands as bash hands them to `az`; a nested one answers `[…]` with its own words. */
export function azCalls(text: string): string[][] {
  const az = `az() { if [ "$3" = show ]; then local IFS=,; printf '[%s]' "$*"; else printf '%s\\037' "$@"; printf '\\036'; fi; }`;
  const printed = execFileSync('bash', ['--norc', '-e', '-u', '-c', `${az}\n${text}`], {
    encoding: 'utf8',
    env: {},
  });
  return printed
    .split('\x1e')
    .filter((call) => call !== '')
    .map((call) => call.split('\x1f').slice(0, -1));
}

/**
 * A deployment after these commands, as far as the simulator knows of it. Throws where Azure would refuse: a topic
 * without its group, an event subscription whose topic has no identity or lacks a right on the queue or the container
 * ("Event delivery with a managed identity"), an unknown command.
 */
export function afterCommands(
  before: Deployment,
  calls: readonly string[][],
  app: string,
): { deployment: Deployment; providers: Set<string>; topicLogs: Set<string> } {
  const deployment = structuredClone(before);
  const providers = new Set<string>();
  const groups = new Set<string>();
  const topicLogs = new Set<string>();
  const topics = new Map<string, Pick<DeployedSource, 'sourceId' | 'topicType' | 'location'>>();
  for (const call of calls) {
    const words = call.findIndex((word) => word.startsWith('-'));
    const option = (name: string) => {
      const at = call.indexOf(`--${name}`);
      if (at === -1) throw new Error(`az ${call.join(' ')} has no --${name}.`);
      return call[at + 1] ?? '';
    };
    const subscription = () => `/subscriptions/${option('subscription')}`;
    switch (call.slice(0, words).join(' ')) {
      case 'provider register':
        providers.add(`${option('subscription')}/${option('namespace')}`);
        break;
      case 'group create':
        groups.add(`${subscription()}/resourceGroups/${option('name')}`);
        break;
      case 'eventgrid system-topic create': {
        const group = `${subscription()}/resourceGroups/${option('resource-group')}`;
        if (!groups.has(group)) throw new Error(`ResourceGroupNotFound: ${group}`);
        option('mi-system-assigned');
        topics.set(`${group}/providers/Microsoft.EventGrid/systemTopics/${option('name')}`, {
          sourceId: option('source'),
          topicType: option('topic-type') as DeployedSource['topicType'],
          location: option('location'),
        });
        break;
      }
      case 'role assignment create': {
        const [, topicId] =
          /^\[eventgrid,system-topic,show,--ids,([^,]+),--query,identity\.principalId,/.exec(
            option('assignee-object-id'),
          ) ?? [];
        if (topicId === undefined && option('assignee-object-id') !== app) throw new Error('nobody');
        if (topicId !== undefined && !topics.has(topicId)) throw new Error(`ResourceNotFound: ${topicId}`);
        const to = topicId === undefined ? { kind: 'app' as const } : { kind: 'topic' as const, topicId };
        const grant = { scope: option('scope'), to, roleId: option('role') };
        const id = JSON.stringify(grant);
        if (deployment.grants.every((one) => one.id !== id)) deployment.grants.push({ id, ...grant });
        break;
      }
      case 'rest':
        putResource(deployment, topics, option('url'), JSON.parse(option('body')));
        break;
      case 'monitor diagnostic-settings create': {
        const id = `${option('resource')}/providers/Microsoft.Insights/diagnosticSettings/${option('name')}`;
        const logs = JSON.parse(option('logs'));
        if (call.includes('--workspace'))
          topicLogs.add(JSON.stringify({ id, workspace: option('workspace'), logs }));
        else {
          const rule = option('event-hub-rule');
          const hub = `${rule.replace(/\/authorizationRules\/.*/, '')}/eventhubs/${option('event-hub')}`;
          const properties = { eventHubAuthorizationRuleId: rule, eventHubName: option('event-hub'), logs };
          const others = deployment.auditSettings.filter((one) => one.id !== id);
          deployment.auditSettings = [...others, { id, vaultId: option('resource'), hubId: hub, properties }];
        }
        break;
      }
      default:
        throw new Error(`Nobody knows az ${call.join(' ')}.`);
    }
  }
  return { deployment, providers, topicLogs };
}

const permissionSchema = deploymentSchema.shape.roles.element.pick({
  actions: true,
  notActions: true,
  dataActions: true,
  notDataActions: true,
});

function putResource(
  deployment: Deployment,
  topics: ReadonlyMap<string, Pick<DeployedSource, 'sourceId' | 'topicType' | 'location'>>,
  url: string,
  { properties }: { properties: Record<string, unknown> },
): void {
  const { pathname, searchParams } = new URL(url);
  if (!searchParams.has('api-version')) throw new Error('MissingApiVersionParameter');
  const [scope = '', role] = pathname.split('/providers/Microsoft.Authorization/roleDefinitions/');
  if (role !== undefined) {
    const {
      roleName: name,
      description,
      permissions,
    } = z
      .object({ roleName: z.string(), description: z.string(), permissions: z.tuple([permissionSchema]) })
      .parse(properties);
    const others = deployment.roles.filter(({ id }) => id !== role);
    deployment.roles = [...others, { id: role, name, description, scope, ...permissions[0] }];
    return;
  }
  const [topicId = ''] = pathname.split('/eventSubscriptions/');
  const topic = topics.get(topicId);
  if (topic === undefined) throw new Error(`ResourceNotFound: ${topicId}`);
  const rights = deployment.grants.filter(({ to }) => to.kind === 'topic' && to.topicId === topicId);
  if (rights.length < 2) throw new Error('Managed Identity Authorization Error');
  const eventSubscription = { id: pathname, properties } as DeployedSource['eventSubscription'];
  const others = deployment.sources.filter((one) => one.topicId !== topicId);
  deployment.sources = [...others, { ...topic, topicId, eventSubscription }];
}
