import { Refusal } from './refusal.ts';

/** What is deployed into, and what Resource Manager refuses there. Plain data; each refusal below has its source. */
export interface ArmState {
  /** When a registration was asked for, by `<subscription>/<namespace>`; -Infinity: long ago. */
  registered: Record<string, number>;
  /** How long a registration takes. */
  registrationSeconds: number;
  /** Actions that the person lacks, by their beginning. */
  denied: string[];
  /** A subscription in which the person holds no right at all. */
  deniedIn?: string;
  /** A tag that an Azure Policy requires of each group. */
  requiredTag?: string;
  topics: object[];
  deletedVaults: object[];
  /** Operations that Resource Manager does not know here. */
  unknownOperations: string[];
}

/** Operations that the app's role names, as `az provider operation show` lists them, with one more. */
const OPERATIONS: Readonly<Record<string, Record<string, string[]>>> = {
  'Microsoft.Resources': { subscriptions: ['read'] },
  'Microsoft.PowerPlatform': { enterprisePolicies: ['read', 'write'] },
  'Microsoft.KeyVault': {
    vaults: ['read', 'write'],
    'locations/deletedVaults': ['read'],
    deletedVaults: ['read'],
    'vaults/keys': ['read'],
    'vaults/keys/versions': ['read'],
  },
  'Microsoft.Authorization': {
    roleAssignments: ['read'],
    roleDefinitions: ['read'],
    denyAssignments: ['read'],
    locks: ['read'],
    roleAssignmentScheduleInstances: ['read'],
    roleEligibilityScheduleInstances: ['read'],
  },
  'Microsoft.EventGrid': {
    systemTopics: ['read'],
    'systemTopics/eventSubscriptions': ['read'],
    eventSubscriptions: ['read'],
  },
  'Microsoft.Insights': { diagnosticSettings: ['read'] },
  'Microsoft.EventHub': {
    namespaces: ['read'],
    'namespaces/eventhubs': ['read'],
    'namespaces/authorizationRules': ['read'],
  },
};

/** Resource Manager as far as a deployment's hooks ask it. */
export function fakeArm(now: () => number, state: ArmState) {
  const registrationState = (subscription: string, namespace: string) => {
    const at = state.registered[`${subscription}/${namespace}`];
    if (at === undefined) return 'NotRegistered';
    return now() >= at + state.registrationSeconds * 1000 ? 'Registered' : 'Registering';
  };

  /** "Azure RBAC: troubleshoot", in Resource Manager's words. */
  const authorise = (action: string, scope: string) => {
    const isForeign = state.deniedIn !== undefined && scope.includes(state.deniedIn);
    if (!isForeign && !state.denied.some((begin) => action.startsWith(begin))) return;
    throw new Refusal(
      'Forbidden',
      'AuthorizationFailed',
      `The client 'me@example.com' with object id 'person-1' does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
    );
  };

  const validate = (scope: string, body: unknown) => {
    authorise('Microsoft.Resources/deployments/validate/action', scope);
    const resources: { type: string; name: string; tags?: Record<string, string> }[] =
      Object(body).properties.template.resources;
    for (const { type, name, tags = {} } of resources) {
      const action = `${type}/write`;
      // Azure/data-management-zone#214, Azure-Samples/azure-search-openai-demo#1483.
      if (state.denied.some((begin) => action.startsWith(begin)))
        throw new Refusal(
          'Bad Request',
          'InvalidTemplateDeployment',
          `The template deployment failed with error: 'Authorization failed for template resource '${name}' of type '${type}'. The client 'person-1' with object id 'person-1' does not have permission to perform action '${action}' at scope '${scope}/providers/${type}/${name}'.'.`,
        );
      // Azure/azure-monitor-baseline-alerts#906.
      if (type === 'Microsoft.Resources/resourceGroups' && state.requiredTag && !(state.requiredTag in tags))
        throw new Refusal(
          'Bad Request',
          'InvalidTemplateDeployment',
          'The template deployment failed because of policy violation. Please see details for more information.',
          {
            code: 'RequestDisallowedByPolicy',
            target: name,
            message: `Resource '${name}' was disallowed by policy. Policy identifiers: '[{"policyAssignment":{"name":"Require mandatory tags on resource groups","id":"/providers/Microsoft.Management/managementGroups/contoso/providers/Microsoft.Authorization/policyAssignments/Require-RG-Tags"}}]'.`,
          },
        );
    }
    return { properties: { provisioningState: 'Succeeded' } };
  };

  return (method: string, url: string, body?: unknown): unknown => {
    const { pathname, searchParams } = new URL(url, 'https://management.azure.com');
    if (!searchParams.has('api-version'))
      throw new Refusal(
        'Bad Request',
        'MissingApiVersionParameter',
        'The api-version query parameter is required.',
      );
    const [, subscription = '', rest = ''] =
      /^\/subscriptions\/([^/]+)\/providers\/(.+)$/.exec(pathname) ?? [];
    const scope = `/subscriptions/${subscription}`;
    const [, operationsOf] =
      /^\/providers\/Microsoft\.Authorization\/providerOperations\/(.+)$/.exec(pathname) ?? [];
    if (operationsOf !== undefined) {
      const types = Object.entries(OPERATIONS[operationsOf] ?? {});
      const operations = (type: string, verbs: string[]) =>
        verbs
          .map((verb) => `${operationsOf}/${type}/${verb}`)
          .filter((name) => !state.unknownOperations.includes(name))
          .map((name) => ({ name }));
      return {
        name: operationsOf,
        operations: [],
        resourceTypes: types.map(([name, verbs]) => ({ name, operations: operations(name, verbs) })),
      };
    }
    if (rest === 'Microsoft.EventGrid/systemTopics') {
      authorise('Microsoft.EventGrid/systemTopics/read', scope);
      // "Resolve errors for resource provider registration".
      if (registrationState(subscription, 'Microsoft.EventGrid') === 'NotRegistered')
        throw new Refusal(
          'Conflict',
          'MissingSubscriptionRegistration',
          "The subscription is not registered to use namespace 'Microsoft.EventGrid'. See https://aka.ms/rps-not-found for how to register subscriptions.",
        );
      return { value: state.topics };
    }
    if (rest === 'Microsoft.KeyVault/deletedVaults') {
      authorise('Microsoft.KeyVault/deletedVaults/read', scope);
      return { value: state.deletedVaults };
    }
    if (rest.startsWith('Microsoft.Resources/deployments/') && method === 'post')
      return validate(scope, body);
    const [, namespace = '', verb] = /^([\w.]+)(\/register)?$/.exec(rest) ?? [];
    if (namespace !== '' && verb === undefined && method === 'get')
      return { namespace, registrationState: registrationState(subscription, namespace) };
    if (namespace !== '' && method === 'post') {
      authorise(`${namespace}/register/action`, scope);
      state.registered[`${subscription}/${namespace}`] ??= now();
      return { namespace, registrationState: 'Registering' };
    }
    throw new Error(`Nobody asks for ${method} ${pathname}.`);
  };
}
