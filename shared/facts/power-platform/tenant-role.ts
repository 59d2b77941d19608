import type { TokenCredential } from '@azure/core-auth';
import * as z from 'zod';
import { optionalInstant, optionalText, parseAs } from '../../azure/answer-schema.ts';
import type { Get } from '../../azure/azure-get.ts';
import type { Deadline } from '../../azure/deadline.ts';
import { getPages } from '../../azure/pages.ts';
import { claimsIn } from '../../azure/token-claims.ts';

/**
 * "Tutorial: Assign roles to service principals (preview)", step 3: `value` with principalObjectId,
 * roleDefinitionId and scope.
 */
const ROLE_ASSIGNMENTS = '/authorization/roleAssignments?api-version=2024-10-01';

/** The same page, "Built-in role definitions": Power Platform reader. */
export const POWER_PLATFORM_READER = 'c886ad2e-27f7-4874-8381-5849b8d8a090';
/** Each of the built-in roles reads all resources. */
const READING_ROLES: ReadonlySet<string> = new Set([
  '0cb07c69-1631-4725-ab35-e59e001c51ea', // owner
  'ff954d61-a89a-4fbe-ace9-01c367b89f87', // contributor
  POWER_PLATFORM_READER,
  '95e94555-018c-447b-8691-bdac8e12211e', // role-based access control administrator
]);

/**
 * Whether this identity holds, by itself, a role that reads every environment of the tenant. False where that
 * can't be shown: a role held through a group, a custom role, or assignments that can't be read.
 */
export async function readsWholeTenant(
  get: Get,
  deadline: Deadline,
  { credential, scope }: { credential: TokenCredential; scope: string },
): Promise<boolean> {
  const outcome = await getPages(get, ROLE_ASSIGNMENTS, deadline);
  if (outcome.kind !== 'answered') return false;
  const objectId = await ownObjectId(credential, scope);
  return outcome.value.some((item) => {
    const parsed = parseAs(assignment, item);
    if ('fault' in parsed) return false;
    const { principalObjectId, roleDefinitionId, scope: at, expiresOn } = parsed.value;
    return (
      objectId !== undefined &&
      principalObjectId?.toLowerCase() === objectId &&
      READING_ROLES.has(roleDefinitionId?.toLowerCase() ?? '') &&
      /^\/tenants\/[^/]+\/?$/i.test(at ?? '') &&
      (expiresOn === undefined || expiresOn > outcome.at)
    );
  });
}

const assignment = z.object({
  principalObjectId: optionalText,
  roleDefinitionId: optionalText,
  scope: optionalText,
  expiresOn: optionalInstant.optional(),
});

async function ownObjectId(credential: TokenCredential, scope: string): Promise<string | undefined> {
  try {
    const token = await credential.getToken(scope);
    const { oid } = claimsIn(token?.token ?? '');
    return typeof oid === 'string' ? oid.toLowerCase() : undefined;
  } catch {
    return undefined; // whose assignments they are is then not known, and the list not known to be complete
  }
}
