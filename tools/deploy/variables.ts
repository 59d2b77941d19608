import { appSettingFaults, deploymentName, secretNameFaults } from './app-setting-faults.ts';
import {
  addressText,
  appSubnet,
  choiceOf,
  dnsZones,
  emails,
  groupName,
  guids,
  guidText,
  instances,
  matching,
  networkPrefix,
  phones,
  policies,
  secretUrl,
  subnet,
  tags,
  topics,
  type VariableSchema,
  vaults,
  whole,
  yesNoText,
} from './variable-schema.ts';

/**
 * Every variable of the azd environment that the deployment reads, with its schema: azd checks none, and a wrong
 * one would be found after half the deployment. test/tools/deploy/variables.test.ts compares the names with
 * infra/main.bicepparam and azure.yaml.
 */
export const VARIABLES: Readonly<Record<string, VariableSchema>> = {
  // `azd env new` accepts these, and infra/main.bicep at most 40 characters.
  AZURE_ENV_NAME: matching(/^[\w().-]{1,40}$/, 'a name of at most 40 letters, digits, ( ) _ - and dots'),
  AZURE_LOCATION: matching(/^[A-Za-z0-9 ]+$/, 'a region, such as westeurope'),
  AZURE_SUBSCRIPTION_ID: guidText,
  LOCKWATCH_RESOURCE_GROUP: groupName,
  LOCKWATCH_CLOUD: choiceOf('public', 'gcc', 'gcchigh', 'dod', 'china'),
  LOCKWATCH_TAGS: tags,
  LOCKWATCH_WATCHED_SUBSCRIPTIONS: guids,
  LOCKWATCH_MANAGEMENT_GROUP: matching(/^[\w().-]{1,90}$/, 'the id of a management group'),
  LOCKWATCH_WATCHED_VAULTS: vaults,
  LOCKWATCH_EXISTING_TOPICS: topics,
  LOCKWATCH_READING_ROLE: choiceOf('custom', 'Reader'),
  LOCKWATCH_READING_RIGHT: choiceOf('subscriptions', 'managementGroup'),
  LOCKWATCH_DELIVERY: choiceOf('queue', 'push'),
  LOCKWATCH_SEPARATE_DUTIES: yesNoText,
  LOCKWATCH_ACCESS: choiceOf('entra', 'keys'),
  LOCKWATCH_ENTRA_CLIENT_ID: guidText,
  LOCKWATCH_DEPLOYER_OBJECT_ID: guidText,
  LOCKWATCH_NODE_VERSION: choiceOf('24', '22'),
  LOCKWATCH_NAME: deploymentName,
  LOCKWATCH_SETTINGS: appSettingFaults,
  LOCKWATCH_SECRET_SETTINGS: secretNameFaults,
  LOCKWATCH_TEAMS: yesNoText,
  LOCKWATCH_TEAMS_WEBHOOK_URL: secretUrl('https'),
  LOCKWATCH_EMAIL_BY: choiceOf('none', 'communicationServices', 'graph', 'smtp'),
  LOCKWATCH_EMAIL_FROM: addressText,
  LOCKWATCH_EMAIL_TO: emails,
  LOCKWATCH_EMAIL_DOMAIN: matching(
    /^(managed|[a-z0-9-]+(\.[a-z0-9-]+)+)$/i,
    'managed, or a domain of your own',
  ),
  LOCKWATCH_SMTP_URL: secretUrl('smtp', 'smtps'),
  LOCKWATCH_ALERT_EMAILS: emails,
  LOCKWATCH_ALERT_SMS: phones,
  LOCKWATCH_ALERT_VOICE: phones,
  LOCKWATCH_DELETE_LOCK: yesNoText,
  LOCKWATCH_PRIVATE_NETWORK: yesNoText,
  LOCKWATCH_APP_PUBLIC_ACCESS: choiceOf('Enabled', 'Disabled'),
  LOCKWATCH_LOCK_VAULTS: yesNoText,
  LOCKWATCH_LOCK_POLICIES: policies,
  LOCKWATCH_NETWORK_GUARD: choiceOf('off', 'trustedServices', 'open'),
  LOCKWATCH_NETWORK_PREFIX: networkPrefix,
  LOCKWATCH_NAT_GATEWAY: yesNoText,
  LOCKWATCH_APP_SUBNET_ID: appSubnet,
  LOCKWATCH_ENDPOINT_SUBNET_ID: subnet,
  LOCKWATCH_PRIVATE_DNS_ZONES: dnsZones,
  // Values of `dataLocation` ("Region availability and data residency", Azure Communication Services).
  LOCKWATCH_EMAIL_DATA_LOCATION: choiceOf(
    ...['Africa', 'Asia Pacific', 'Australia', 'Brazil', 'Canada', 'Europe', 'France', 'Germany', 'India'],
    ...['Japan', 'Korea', 'Norway', 'Switzerland', 'UAE', 'UK', 'United States', 'usgov'],
  ),
  LOCKWATCH_INSTANCE_MEMORY_MB: choiceOf('512', '2048', '4096'),
  LOCKWATCH_MAXIMUM_INSTANCES: whole(40, 1000),
  LOCKWATCH_ALWAYS_READY: instances,
  LOCKWATCH_ALERT_SILENT_MINUTES: choiceOf('5', '10', '15', '30', '60'),
  LOCKWATCH_LOG_RETENTION_DAYS: whole(30, 730),
  LOCKWATCH_ZONE_REDUNDANT: yesNoText,
  LOCKWATCH_CODE_DEPLOYED: yesNoText,
};

/** What the deployment itself puts into the azd environment. */
const OUTPUTS =
  /^LOCKWATCH_(URL|APP_NAME|SECRET_VAULT|OWNER_TASKS|HEARTBEAT_ALERT_ID|IDENTITY_(PRINCIPAL|CLIENT)_ID|LOCAL_\w+)$/;

type Environment = Readonly<Record<string, string | undefined>>;

/** Every fault of every variable, each with its name. An empty variable counts as not set. Pure. */
export function variableFaults(environment: Environment): string[] {
  const faults = Object.entries(VARIABLES).flatMap(([name, check]) => {
    const text = environment[name]?.trim();
    return text ? check(text).map((fault) => separated(name, fault)) : [];
  });
  return [...faults, ...clashes((name) => environment[name]?.trim() || undefined)];
}

function separated(name: string, fault: string): string {
  return /^(must|is) /.test(fault) ? `${name} ${fault}` : `${name}: ${fault}`;
}

/** Variables that exclude or require each other. */
function clashes(given: (name: string) => string | undefined): string[] {
  const by = given('LOCKWATCH_EMAIL_BY') ?? 'none';
  const faults: string[] = [];
  if (by !== 'none' && !given('LOCKWATCH_EMAIL_TO'))
    faults.push(`LOCKWATCH_EMAIL_TO is missing: LOCKWATCH_EMAIL_BY is ${by}, and nobody would get an email.`);
  if ((by === 'graph' || by === 'smtp') && !given('LOCKWATCH_EMAIL_FROM'))
    faults.push(`LOCKWATCH_EMAIL_FROM is missing: LOCKWATCH_EMAIL_BY is ${by}, which needs a sender.`);
  const subnets = [given('LOCKWATCH_APP_SUBNET_ID'), given('LOCKWATCH_ENDPOINT_SUBNET_ID')];
  if (subnets.filter((one) => one !== undefined).length === 1)
    faults.push(
      'LOCKWATCH_APP_SUBNET_ID and LOCKWATCH_ENDPOINT_SUBNET_ID belong together: name both subnets, or neither.',
    );
  else if (subnets[0] !== undefined && given('LOCKWATCH_PRIVATE_NETWORK') !== 'true')
    faults.push('LOCKWATCH_APP_SUBNET_ID is set, and LOCKWATCH_PRIVATE_NETWORK is not true. Set it to true.');
  else if (subnets[0] !== undefined && subnets[0].toLowerCase() === subnets[1]?.toLowerCase())
    faults.push(
      'LOCKWATCH_ENDPOINT_SUBNET_ID must be another subnet than LOCKWATCH_APP_SUBNET_ID: one that is delegated holds no private endpoint.',
    );
  if (given('LOCKWATCH_DELIVERY') === 'push' && given('LOCKWATCH_APP_PUBLIC_ACCESS') === 'Disabled')
    faults.push(
      'LOCKWATCH_DELIVERY is push, and LOCKWATCH_APP_PUBLIC_ACCESS is Disabled: Event Grid reaches the app from the internet only. Set LOCKWATCH_DELIVERY to queue.',
    );
  const prevention = ['LOCKWATCH_LOCK_VAULTS', 'LOCKWATCH_LOCK_POLICIES', 'LOCKWATCH_NETWORK_GUARD'];
  if (given('LOCKWATCH_SEPARATE_DUTIES') === 'true') {
    if (given('LOCKWATCH_DELIVERY') === 'push')
      faults.push(
        'LOCKWATCH_SEPARATE_DUTIES is true, and LOCKWATCH_DELIVERY is push: the commands for the owners deliver to the queue. Set LOCKWATCH_DELIVERY to queue.',
      );
    for (const name of prevention.filter((one) => !['', 'false', 'off', '[]'].includes(given(one) ?? '')))
      faults.push(
        `${name} must be left out, because LOCKWATCH_SEPARATE_DUTIES is true: locks and policies are made in watched subscriptions, by their owners.`,
      );
  }
  return faults;
}

/** What is no fault, and probably not meant. Pure. */
export function variableWarnings(environment: Environment): string[] {
  const unknown = Object.keys(environment).filter(
    (name) =>
      /^LOCKWATCH_/.test(name) && environment[name]?.trim() && !(name in VARIABLES) && !OUTPUTS.test(name),
  );
  const alerts = ['LOCKWATCH_ALERT_EMAILS', 'LOCKWATCH_ALERT_SMS', 'LOCKWATCH_ALERT_VOICE'];
  return [
    ...unknown.map(
      (name) =>
        `Warning: ${name} is no variable of this deployment and has no effect. A setting of the app goes into LOCKWATCH_SETTINGS (docs/deploy.md, "The questions").`,
    ),
    ...(alerts.some((name) => !['', '[]'].includes(environment[name]?.trim() ?? ''))
      ? []
      : [
          'Warning: LOCKWATCH_ALERT_EMAILS is not set, so Azure Monitor notifies nobody. Then only the app itself can report that its storage was closed or that it stopped, and it may not be able to. Set it: azd env set LOCKWATCH_ALERT_EMAILS you@example.com',
        ]),
  ];
}
