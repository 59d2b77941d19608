import { guidOf } from '../world/ids.ts';
import { readerRole } from '../world/make.ts';
import { linkedEnvironments, type World } from '../world/world.ts';
import { policyOf, type Scenario, ScenarioRefusedError, type Target } from './scenario.ts';

const SILENT = 'Power Platform’s own rights and registrations raise no Event Grid event';

/** Changes to what Lockwatch may see of the tenant's environments, in each of the two environment APIs. */
export const ENVIRONMENT_LIST_SCENARIOS: Scenario[] = [
  ...rights(
    'environment-reader-revoked',
    'Takes Lockwatch’s registration and its Power Platform reader role away: neither API lists environments.',
    (draft) => {
      draft.managementApplications = [];
      draft.powerPlatformRoles = [];
    },
  ),
  ...rights(
    'environment-registration-revoked',
    'Takes Lockwatch’s registration as a management application away: the admin API refuses.',
    (draft) => {
      draft.managementApplications = [];
    },
  ),
  ...rights(
    'environment-role-revoked',
    'Takes Lockwatch’s Power Platform reader role away: the Power Platform API refuses.',
    (draft) => {
      draft.powerPlatformRoles = [];
    },
  ),
  ...rights(
    'environment-role-on-group',
    'Leaves Lockwatch the reader role at one environment group only, with the policy’s environments in it.',
    (draft, target, now) => {
      const groupId = guidOf(`environment group ${policyOf(target).name}`);
      for (const environment of linkedEnvironments(draft, policyOf(target).id)) environment.groupId = groupId;
      narrow(draft, `environmentGroups/${groupId}`, now);
    },
  ),
  ...rights(
    'environment-role-on-one',
    'Leaves Lockwatch the reader role at the named environment only, or at the first of the policy.',
    (draft, target, now) => {
      const [first] = linkedEnvironments(draft, policyOf(target).id);
      const environment = target.environment ?? first;
      if (!environment)
        throw new ScenarioRefusedError(409, `No environment links to ${policyOf(target).name}.`, {
          field: 'policy',
        });
      narrow(draft, `environments/${environment.id}`, now);
    },
  ),
];

/** Only this part of the tenant, and only in the Power Platform API. */
function narrow(draft: World, part: string, now: number): void {
  draft.managementApplications = [];
  draft.powerPlatformRoles = [readerRole(draft.app.objectId, `/tenants/${draft.tenantId}/${part}`, now)];
}

function rights(
  name: string,
  line: string,
  take: (draft: World, target: Target, now: number) => void,
): Scenario[] {
  const base = { raises: null, silent: SILENT };
  const done = { events: [], audit: [], silent: SILENT };
  return [
    {
      ...base,
      name,
      line,
      perform(draft, { target, now }) {
        take(draft, target, now);
        return done;
      },
    },
    {
      ...base,
      name: `undo-${name}`,
      line: 'Gives Lockwatch its registration, and its Power Platform reader role at the tenant, again.',
      perform(draft, { now }) {
        draft.managementApplications = [draft.app.clientId];
        draft.powerPlatformRoles = [readerRole(draft.app.objectId, `/tenants/${draft.tenantId}`, now)];
        return done;
      },
    },
  ];
}
