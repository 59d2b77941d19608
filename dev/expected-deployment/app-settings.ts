import type { Deployment } from './deployment.ts';

/**
 * Settings of the deployment that differ in the local stack: endpoints, and the app's identity. Nothing else
 * is replaced.
 */
export interface Replaced {
  AzureWebJobsStorage__blobServiceUri: string;
  AzureWebJobsStorage__queueServiceUri: string;
  AzureWebJobsStorage__tableServiceUri: string;
  AzureWebJobsStorage__clientId: string;
  LOCKWATCH_CLIENT_ID: string;
  /** The run may watch more subscriptions than the scenario. */
  LOCKWATCH_SUBSCRIPTIONS: string;
  /** Those of the run's own sources. */
  LOCKWATCH_EVENT_SOURCES: string;
  /** 'none': no platform sign-in exists here. */
  LOCKWATCH_ACCESS: string;
  LOCKWATCH_AUDIT__fullyQualifiedNamespace: string;
  LOCKWATCH_AUDIT__clientId: string;
}

/**
 * Settings of the local stack that no deployment writes: the cloud's endpoints, the platform's own, and
 * intervals.
 */
export interface Added {
  NODE_EXTRA_CA_CERTS: string;
  IDENTITY_ENDPOINT: string;
  IDENTITY_HEADER: string;
  LOCKWATCH_ARM_ENDPOINT: string;
  LOCKWATCH_POWER_PLATFORM_ENDPOINT: string;
  LOCKWATCH_POWER_PLATFORM_API_ENDPOINT: string;
  LOCKWATCH_GRAPH_ENDPOINT: string;
  LOCKWATCH_SWEEP_SECONDS: string;
  LOCKWATCH_SWEEP_MAX_SECONDS: string;
  LOCKWATCH_ENVIRONMENT_LIST_SECONDS: string;
  LOCKWATCH_CLOSE_AFTER_SECONDS: string;
  LOCKWATCH_PUBLIC_URL: string;
}

/** The local stack has no Application Insights and no platform sign-in. */
const NOT_HERE = [
  'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
  'APPLICATIONINSIGHTS_CONNECTION_STRING',
  'OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID',
];
/** The settings that a run may omit, as a deployment without that feature would. */
const OPTIONAL = {
  auditLog: /^LOCKWATCH_AUDIT_/,
  webhook: /^LOCKWATCH_WEBHOOK_/,
} as const;

/**
 * The app's settings in the local stack: the expected ones, with the local differences replaced, and secrets
 * resolved from the vault where the app's identity may read them. Throws where a replaced setting is not
 * expected, an added one is, or a value remains that only Azure could supply.
 */
export function localStackSettings(options: {
  expected: Readonly<Record<string, string>>;
  deployment: Deployment;
  replaced: Replaced;
  added: Added;
  /** Values by the secret's name in the app's own vault. */
  secrets: Readonly<Record<string, string>>;
  without: readonly (keyof typeof OPTIONAL)[];
}): Record<string, string> {
  const { expected, deployment, replaced, added, secrets, without } = options;
  for (const name of Object.keys(replaced))
    if (expected[name] === undefined) throw new Error(`${name} is replaced here, but no deployment sets it.`);
  for (const name of Object.keys(added))
    if (expected[name] !== undefined) throw new Error(`${name} is set here, but the deployment sets it.`);
  const settings: Record<string, string> = {};
  for (const [name, value] of Object.entries({ ...expected, ...replaced })) {
    if (NOT_HERE.includes(name) || without.some((part) => OPTIONAL[part].test(name))) continue;
    settings[name] = resolved(value, deployment, secrets);
    if (settings[name].startsWith('['))
      throw new Error(`${name} is ${value}, which only Azure knows: name it among the replaced settings.`);
  }
  return { ...settings, ...added };
}

const SECRETS_USER = '4633458b-17de-408a-b874-0445c86b69e6';
const REFERENCE = /^@Microsoft\.KeyVault\(SecretUri=https:\/\/([^.]+)\.[^/]+\/secrets\/([^/)]+)\)$/;

/**
 * An unresolvable reference remains as it is ("Use Key Vault references", section Understand source values).
 */
function resolved(value: string, { grants }: Deployment, secrets: Readonly<Record<string, string>>): string {
  const [, vault = '', secret = ''] = REFERENCE.exec(value) ?? [];
  const mayRead = grants.some(
    ({ to, roleId, scope }) =>
      to.kind === 'app' && roleId === SECRETS_USER && scope.toLowerCase().endsWith(`/vaults/${vault}`),
  );
  return (mayRead && secrets[secret]) || value;
}
