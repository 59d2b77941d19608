import { isUnder } from '../../../shared/azure/arm-id.ts';
import { isAtOrAbove, principalsOf } from '../world/access.ts';
import type { World } from '../world/world.ts';
import { denyAssignmentBody, roleAssignmentBody, roleDefinitionBody } from './arm-bodies.ts';
import { eligibilityBody, lockBody, scheduleInstanceBody } from './arm-guard-bodies.ts';
import type { ArmRequest, ArmRoute } from './arm-route.ts';
import { page } from './paging.ts';
import { failure, type SimulatorAnswer } from './serve.ts';

const API = { apiVersions: /^(2022-04-01|2018-07-01-preview|2018-07-01)$/, method: 'GET' as const };
const PROVIDER = '/providers/Microsoft\\.Authorization';
const scopeOf = (match: RegExpExecArray) => match[1] || '/';

/**
 * Role assignments, role definitions and deny assignments at any scope ("List Azure role assignments using
 * REST").
 */
export const AUTHORIZATION_ROUTES: readonly ArmRoute[] = [
  {
    ...API,
    path: new RegExp(`^(.*)${PROVIDER}/roleAssignments$`, 'i'),
    type: 'Microsoft.Authorization/roleAssignments',
    action: 'Microsoft.Authorization/roleAssignments/read',
    scope: scopeOf,
    answer: (asked) =>
      listAssigned(asked, asked.propagated.roleAssignments, (assignment) =>
        roleAssignmentBody(asked.propagated, assignment),
      ),
  },
  {
    ...API,
    path: new RegExp(`^(.*)${PROVIDER}/denyAssignments$`, 'i'),
    type: 'Microsoft.Authorization/denyAssignments',
    action: 'Microsoft.Authorization/denyAssignments/read',
    scope: scopeOf,
    answer: (asked) => listAssigned(asked, asked.propagated.denyAssignments, denyAssignmentBody),
  },
  {
    ...API,
    apiVersions: /^2020-10-01$/,
    path: new RegExp(`^(.*)${PROVIDER}/roleAssignmentScheduleInstances$`, 'i'),
    type: 'Microsoft.Authorization/roleAssignmentScheduleInstances',
    action: 'Microsoft.Authorization/roleAssignmentScheduleInstances/read',
    scope: scopeOf,
    answer: (asked) =>
      listAssigned(asked, asked.propagated.roleAssignments, (assignment) =>
        scheduleInstanceBody(asked.propagated, assignment),
      ),
  },
  {
    ...API,
    apiVersions: /^2020-10-01$/,
    path: new RegExp(`^(.*)${PROVIDER}/roleEligibilityScheduleInstances$`, 'i'),
    type: 'Microsoft.Authorization/roleEligibilityScheduleInstances',
    action: 'Microsoft.Authorization/roleEligibilityScheduleInstances/read',
    scope: scopeOf,
    answer: (asked) =>
      listAssigned(asked, asked.propagated.eligibleAssignments, (assignment) =>
        eligibilityBody(asked.propagated, assignment),
      ),
  },
  {
    ...API,
    apiVersions: /^(2020-05-01|2017-04-01|2016-09-01)$/,
    path: new RegExp(`^(.*)${PROVIDER}/locks$`, 'i'),
    type: 'Microsoft.Authorization/locks',
    action: 'Microsoft.Authorization/locks/read',
    scope: scopeOf,
    answer: ({ world, match, request, pageSize }) => {
      const items = world.locks.filter(({ scope }) => isAsked(world, scope, scopeOf(match), false));
      return page(items.map(lockBody), request, pageSize);
    },
  },
  {
    ...API,
    apiVersions: /^(2023-04-01|2022-06-01)$/,
    path: new RegExp(`^(.*)${PROVIDER}/policyAssignments$`, 'i'),
    type: 'Microsoft.Authorization/policyAssignments',
    action: 'Microsoft.Authorization/policyAssignments/read',
    scope: scopeOf,
    // This tenant has no assignment of Azure Policy.
    answer: ({ request, pageSize }) => page([], request, pageSize),
  },
  {
    ...API,
    path: new RegExp(`^(.*)${PROVIDER}/roleDefinitions/([^/]+)$`, 'i'),
    type: 'Microsoft.Authorization/roleDefinitions',
    action: 'Microsoft.Authorization/roleDefinitions/read',
    // A role definition may be read without a subscription in its id ("Role Definitions - Get By Id").
    scope: (match) => match[1] || '/providers/Microsoft.Management/managementGroups/contoso',
    answer({ propagated, match }) {
      const role = propagated.roleDefinitions.find((candidate) => candidate.id === match[2]?.toLowerCase());
      if (role) return { status: 200, body: roleDefinitionBody(propagated, role, match[1] ?? '') };
      return failure(
        404,
        'RoleDefinitionDoesNotExist',
        `The specified role definition with ID '${match[2]}' does not exist.`,
      );
    },
  },
];

function listAssigned<T extends { scope: string; principalId: string }>(
  asked: ArmRequest,
  all: readonly T[],
  body: (item: T) => object,
): SimulatorAnswer {
  const text = asked.request.url.searchParams.get('$filter') ?? '';
  const filter = readFilter(text);
  if (!filter)
    return failure(
      400,
      'UnsupportedQuery',
      `The filter '${text}' is not supported. Supported filters are atScope(), assignedTo('{value}') and principalId eq '{value}'.`,
    );
  const items = all.filter(
    (item) =>
      isAsked(asked.propagated, item.scope, scopeOf(asked.match), filter.atScope) &&
      concerns(asked.propagated, item, filter),
  );
  return page(items.map(body), asked.request, asked.pageSize);
}

interface Filter {
  atScope: boolean;
  assignedTo?: string;
  principalId?: string;
}

function readFilter(text: string): Filter | undefined {
  const filter: Filter = { atScope: false };
  for (const part of text.split(/\s+and\s+/i).filter((piece) => piece.trim() !== '')) {
    const assignedTo = /^\s*assignedTo\('([^']+)'\)\s*$/i.exec(part)?.[1];
    const principalId = /^\s*principalId\s+eq\s+'?([^']+?)'?\s*$/i.exec(part)?.[1];
    if (assignedTo) filter.assignedTo = assignedTo;
    else if (principalId) filter.principalId = principalId;
    else if (/^\s*atScope\(\)\s*$/i.test(part)) filter.atScope = true;
    else return undefined;
  }
  return filter;
}

/** Without atScope(): at, above and below the scope. */
function isAsked(world: World, scope: string, asked: string, atScope: boolean): boolean {
  return isAtOrAbove(world, scope, asked) || (!atScope && isUnder(scope, asked));
}

/** assignedTo() follows the principal's groups; principalId does not. */
function concerns(world: World, item: { principalId: string }, filter: Filter): boolean {
  const principal = item.principalId.toLowerCase();
  if (filter.assignedTo && !principalsOf(world, filter.assignedTo).includes(principal)) return false;
  return !filter.principalId || principal === filter.principalId.toLowerCase();
}
