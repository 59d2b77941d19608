import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CliError } from '../../../tools/deploy/cli.ts';
import { explain } from '../../../tools/deploy/refusals.ts';

const body = (reason: string, code: string, message = '', details?: object[]) =>
  `${reason}(${JSON.stringify({ error: { code, message, ...(details && { details }) } })})`;

/** What the command line prints, where it is known from, and what a person is told. */
const CASES: readonly (readonly [refusal: string, source: string, printed: string, sentence: RegExp])[] = [
  ['nobody is signed in', 'Azure CLI', "Please run 'az login' to setup account.", /Run: az login,/],
  [
    'a sign-in that expired',
    'Microsoft Entra error codes',
    'AADSTS700082: The refresh token has expired due to inactivity.',
    /Run: az login,/,
  ],
  [
    'another tenant',
    'Resolve common Azure deployment errors',
    body('Unauthorized', 'InvalidAuthenticationTokenTenant', 'The access token is from the wrong issuer.'),
    /another tenant.*az login --tenant/,
  ],
  [
    'a missing right',
    'Troubleshoot Azure RBAC',
    body(
      'Forbidden',
      'AuthorizationFailed',
      "The client 'a' with object id 'b' does not have authorization to perform action 'Microsoft.EventGrid/systemTopics/read' over scope '/subscriptions/s' or the scope is invalid.",
    ),
    /lack the right Microsoft\.EventGrid\/systemTopics\/read at \/subscriptions\/s\./,
  ],
  [
    'a right that a template needs',
    'Azure/data-management-zone#214',
    body(
      'Bad Request',
      'InvalidTemplateDeployment',
      "The template deployment failed with error: 'Authorization failed for template resource 'x' of type 'Microsoft.Authorization/roleAssignments'. The client 'a' with object id 'b' does not have permission to perform action 'Microsoft.Authorization/roleAssignments/write' at scope '/subscriptions/s/x'.'.",
    ),
    /lack the right Microsoft\.Authorization\/roleAssignments\/write at \/subscriptions\/s\/x\./,
  ],
  [
    'a tag that a policy requires',
    'Azure/azure-monitor-baseline-alerts#906',
    body(
      'Bad Request',
      'InvalidTemplateDeployment',
      'The template deployment failed because of policy violation.',
      [
        {
          code: 'RequestDisallowedByPolicy',
          message: `Resource 'rg' was disallowed by policy. Policy identifiers: '[{"policyAssignment":{"name":"Require-RG-Tags"}}]'.`,
        },
      ],
    ),
    /Azure Policy refuses the deployment \("Require-RG-Tags"\).*azd env set LOCKWATCH_TAGS/,
  ],
  [
    'the directory’s quota',
    'Azure/azure-powershell#3074',
    body(
      'Forbidden',
      'Directory_QuotaExceeded',
      'The directory object quota limit for the Principal has been exceeded.',
    ),
    /as many objects in Microsoft Entra ID as you may/,
  ],
  [
    'a right in Microsoft Entra ID',
    'Microsoft Graph error responses',
    body('Forbidden', 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.'),
    /Application Developer or Application Administrator/,
  ],
  [
    'a provider that is not registered',
    'Resolve errors for resource provider registration',
    body(
      'Conflict',
      'MissingSubscriptionRegistration',
      "The subscription is not registered to use namespace 'Microsoft.App'. See https://aka.ms/rps-not-found.",
    ),
    /az provider register --namespace Microsoft\.App --subscription/,
  ],
  [
    'a disabled subscription',
    'Azure subscription states',
    body('Conflict', 'ReadOnlyDisabledSubscription'),
    /is disabled/,
  ],
  ['a lock', 'Lock your Azure resources', body('Conflict', 'ScopeLocked'), /az lock list/],
  [
    'a deleted vault',
    'Azure-Samples/contoso-chat#55',
    body('Conflict', 'ConflictError', 'A vault with the same name already exists in deleted state.'),
    /was deleted and keeps its name/,
  ],
  [
    'a group in another region',
    'Resolve common Azure deployment errors',
    body('Conflict', 'InvalidResourceGroupLocation'),
    /azd env set AZURE_LOCATION/,
  ],
  [
    'throttling',
    'Resource Manager request limits',
    body('Too Many Requests', 'TooManyRequests'),
    /Wait a minute/,
  ],
  [
    'a proxy',
    'Use the Azure CLI behind a proxy',
    'Certificate verification failed. This typically happens when using Azure CLI behind a proxy',
    /REQUESTS_CA_BUNDLE/,
  ],
  [
    'no network',
    'Azure CLI',
    "HTTPSConnectionPool(host='x', port=443): Max retries exceeded",
    /can’t be reached|can not be reached/,
  ],
  ['an outage', 'Resource Manager', body('Service Unavailable', 'ServiceUnavailable'), /Wait a minute/],
  [
    'what nobody knows',
    'none',
    body('Bad Request', 'OuterCode', 'Outer.', [{ code: 'BrandNew', message: 'Something new.' }]),
    /a reason that Lockwatch does not know \(BrandNew: Something new\.\)/,
  ],
];

describe('a refusal that ends a hook', () => {
  for (const [refusal, source, printed, sentence] of CASES)
    it(`has a sentence and a remedy: ${refusal} (${source})`, () => {
      const said = explain(new CliError(`az rest --method get: ERROR: ${printed}`));
      assert.match(said, sentence);
      assert.match(said, /^[A-Z].*\.$/s);
      assert.match(said, /same command again|Wait|identity team/, 'it says what comes then');
      assert.doesNotMatch(said, /"error":/, 'no raw answer');
    });
});
