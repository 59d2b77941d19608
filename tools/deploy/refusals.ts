import { CliError, listIn, textIn } from './cli.ts';

/** The deployment can't go on. Its message is one sentence and what to do, with commands on further lines. */
export class DeployError extends Error {
  override readonly name = 'DeployError';
}

interface Refusal {
  /** Against the codes of the answer and the text of the command line. */
  matches: RegExp;
  says(found: { message: string; text: string }): string;
}

/** The sign-in of the Azure CLI is missing or has ended: no other answer says anything then. */
export const SIGN_IN_ENDED =
  /az login|AADSTS(50076|50078|50079|50173|53003|65001|70043|700082|700084)\b|InvalidAuthenticationToken$|ExpiredAuthenticationToken|InteractionRequired/m;

const AGAIN = 'then run the same command again: it continues with what is there';

/**
 * What Microsoft Graph, Resource Manager and the Azure CLI answer, and what a person does then. The first
 * that matches is used. Codes: "Resolve common Azure deployment errors", "Microsoft Entra authentication and
 * authorization error codes", "Microsoft Graph error responses and resource types".
 */
const REFUSALS: readonly Refusal[] = [
  {
    // replication.ts has waited.
    matches: /still answers this after a minute/,
    says: () =>
      `Microsoft Entra ID has not replicated the app registration after a minute. Wait some minutes, ${AGAIN}.`,
  },
  {
    // The end of a sign-in, by expiry, by a new password, by a policy that asks for another factor.
    matches: SIGN_IN_ENDED,
    says: () => `Your sign-in to the Azure CLI is missing or has ended. Run: az login, ${AGAIN}.`,
  },
  {
    matches: /InvalidAuthenticationTokenTenant|SubscriptionNotFound|InvalidSubscriptionId/,
    says: () =>
      `The Azure CLI is signed in to another tenant than the subscription's, or the subscription is hidden from you. Run: az login --tenant <tenant id>, ${AGAIN}.`,
  },
  {
    matches: /RequestDisallowedByPolicy|disallowed by policy/,
    says: ({ message, text }) =>
      `An Azure Policy refuses the deployment${nameIn(message) ?? nameIn(text) ?? ''}. If it requires tags, set them: azd env set LOCKWATCH_TAGS "<tag>=<value>;<tag>=<value>"; otherwise ask whoever assigned it for an exemption, ${AGAIN}.`,
  },
  {
    // Azure/data-management-zone#214: so says the validation of a template.
    matches: /AuthorizationFailed|LinkedAuthorizationFailed|Authorization failed for template resource/,
    says({ message }) {
      const [, action] = /perform action '([^']+)'/.exec(message) ?? [];
      const [, scope] = /(?:over|at) scope '([^']+)'/.exec(message) ?? [];
      return `You lack the right ${action ?? 'that this step needs'}${scope === undefined ? '' : ` at ${scope}`}. Ask its owner for a role that has it (docs/deploy.md, "Before you begin", Your rights), wait up to ten minutes, ${AGAIN}.`;
    },
  },
  {
    matches: /Authorization_RequestDenied/,
    says: () =>
      `You lack the right to change this in Microsoft Entra ID. Ask for the role Application Developer or Application Administrator, or let your identity team make the app registration (docs/deploy.md, "An app registration of your own"), ${AGAIN}.`,
  },
  {
    // "Microsoft Entra service limits": 250 objects of a non-admin; deleted ones count for a while.
    matches: /Directory_QuotaExceeded|object quota limit/,
    says: () =>
      `You have made as many objects in Microsoft Entra ID as you may. Delete app registrations that you no longer need, deleted ones included, or let an administrator make this one, ${AGAIN}.`,
  },
  {
    // Azure/azure-dev: `azd pipeline config --applicationServiceManagementReference` exists for the same reason.
    matches: /ServiceManagementReference/i,
    says: () =>
      'This tenant requires a service management reference of every app registration. Let your identity team make it (docs/deploy.md, "An app registration of your own").',
  },
  {
    matches: /MissingSubscriptionRegistration|SubscriptionNotRegistered/,
    says({ message }) {
      const [, namespace = '<namespace>'] = /namespace '([^']+)'/.exec(message) ?? [];
      return `The subscription is not registered for ${namespace}. Let somebody with Contributor there run: az provider register --namespace ${namespace} --subscription <id>, ${AGAIN}.`;
    },
  },
  {
    matches: /ReadOnlyDisabledSubscription|DisabledSubscription|SubscriptionIsDisabled/,
    says: () =>
      `The subscription is disabled, so nothing can be made in it. Let its account administrator enable it again, ${AGAIN}.`,
  },
  {
    matches: /ScopeLocked/,
    says: () =>
      `A lock forbids the change. Find it with: az lock list --output table, let its owner remove it, ${AGAIN}.`,
  },
  {
    matches: /InvalidResourceGroupLocation/,
    says: () =>
      `The resource group is there already, in another region. Use its region (azd env set AZURE_LOCATION <region>) or another group (azd env set LOCKWATCH_RESOURCE_GROUP <name>), ${AGAIN}.`,
  },
  {
    // Azure-Samples/contoso-chat#55.
    matches: /VaultAlreadyExists|already exists in deleted state/,
    says: () =>
      `The app's own vault was deleted and keeps its name. Bring it back (docs/deploy.md, Uninstall), ${AGAIN}.`,
  },
  {
    matches: /TooManyRequests|Too Many Requests\(/,
    says: () => 'Azure asks for a pause (429). Wait a minute, then run the same command again.',
  },
  {
    // "Work behind a proxy" of the Azure CLI.
    matches: /CERTIFICATE_VERIFY_FAILED|Certificate verification failed/i,
    says: () =>
      'A proxy replaces the certificates on the way to Azure. Set REQUESTS_CA_BUNDLE to the file with your organisation’s certificates, then run the same command again.',
  },
  {
    matches: /Max retries exceeded|Connection (aborted|reset|refused)|getaddrinfo|Name or service not known/i,
    says: () =>
      'Azure can not be reached from this machine. Check network and proxy, then run the same command again.',
  },
  {
    matches: /(Service Unavailable|Internal Server Error|Bad Gateway|Gateway Timeout)\(|ServiceUnavailable/i,
    says: () => 'Azure could not answer just now. Wait a minute, then run the same command again.',
  },
];

/** The sentence for a failed command; where nothing is known of it, what Azure itself says. Pure. */
export function explain(error: CliError): string {
  const parsed = bodyOf(error.message);
  const codes = parsed.map(({ code }) => code).join('\n');
  for (const { matches, says } of REFUSALS) {
    if (!matches.test(`${codes}\n${error.message}`)) continue;
    const message =
      parsed.findLast(({ code, message }) => matches.test(`${code}\n${message}`))?.message ?? error.message;
    return says({ message, text: error.message });
  }
  if (error.message.includes('is not on the path')) return error.message;
  const [inner] = parsed.slice(-1);
  const asked = inner === undefined ? error.message : `${inner.code}: ${inner.message}`;
  return `Azure refuses this step for a reason that Lockwatch does not know (${asked.slice(0, 600)}). Correct that, ${AGAIN}.`;
}

/** The code of a failed command, or the begin of what it printed; for a check that nothing depends on. */
export function reasonOf(error: CliError): string {
  return bodyOf(error.message)[0]?.code ?? (error.message.split('\n')[0] ?? '').slice(0, 200);
}

/** Whether the code of a failed command, or of one of its details, is among these. */
export function hasCode(error: unknown, pattern: RegExp): error is CliError {
  return error instanceof CliError && pattern.test(error.message);
}

/** `az rest` prints the reason and, in brackets, the body. The innermost detail comes last. */
function bodyOf(text: string): { code: string; message: string }[] {
  const [, json] = /\((\{.*\})\)/s.exec(text) ?? [];
  if (json === undefined) return [];
  try {
    return errorsIn(Reflect.get(Object(JSON.parse(json)), 'error'));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return [];
  }
}

function errorsIn(error: unknown): { code: string; message: string }[] {
  const code = textIn(error, 'code');
  const own = code === undefined ? [] : [{ code, message: textIn(error, 'message') ?? '' }];
  return [...own, ...listIn(error, 'details').flatMap(errorsIn)];
}

function nameIn(message: string): string | undefined {
  const [, name] = /"policyAssignment\\*":\s*\{\s*\\*"name\\*":\s*\\*"([^"\\]+)/.exec(message) ?? [];
  return name === undefined ? undefined : ` ("${name}")`;
}
