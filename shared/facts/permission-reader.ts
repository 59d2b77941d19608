import { parseAs } from '../azure/answer-schema.ts';
import type { ArmSession } from '../azure/arm-client.ts';
import { armIdParts, normalId, sameId } from '../azure/arm-id.ts';
import { known, malformed, type Outcome, unknown, unreadable } from '../azure/outcome.ts';
import type { Part, Unknown } from '../azure/part.ts';
import type { Denial, PermissionFact } from './facts.ts';
import {
  byAccessPolicies,
  byRoles,
  type DenialVerdict,
  type DenyAssignment,
  denialOf,
  denialVerdict,
  type KeyUse,
  type RoleDefinition,
  reachesKey,
} from './permission.ts';
import {
  AUTHORIZATION_API,
  denyAssignmentSchema,
  type Rows,
  roleAssignmentSchema,
  roleDefinitionSchema,
  rowsOf,
  withEffectOf,
} from './role-answers.ts';
import type { VaultReading } from './vault.ts';

/** The key actions that the policy's identity may perform, in the model that the vault uses. */
export async function readPermission(
  arm: ArmSession,
  use: KeyUse,
  { part, accessPolicies, accessPolicyFault }: VaultReading,
): Promise<Part<PermissionFact>> {
  if (part.state !== 'known') {
    const why =
      part.state === 'gone'
        ? 'the vault is gone'
        : "the vault can't be read, and only it shows which model counts";
    return unknown('follows', `What the identity may do isn't known: ${why}.`, part.readAt);
  }
  if (part.value.rbac) return readRoles(arm, use);
  const fact = byAccessPolicies(use, accessPolicies, part.value.tenantId);
  return accessPolicyFault && fact.missing.length > 0 ? accessPolicyFault : known(fact, part.readAt);
}

/** Sends at once the requests that `readPermission` needs for a vault that uses role assignments. */
export function prefetchRoles(arm: ArmSession, use: KeyUse): void {
  askAssignments(arm, use);
  askDenials(arm, use);
  // The role that the documentation recommends ("Key Vault Crypto Service Encryption User"), so nearly always
  // this one.
  askRole(arm, use, 'e147488a-f6f5-4113-8e2d-b22465e65bf6');
}

async function readRoles(arm: ArmSession, use: KeyUse): Promise<Part<PermissionFact>> {
  const right = `Reader on the vault ${armIdParts(use.vaultId).name}, or above it`;
  prefetchRoles(arm, use);
  const [listed, denials] = await Promise.all([askAssignments(arm, use), readDenials(arm, use, right)]);
  const assignments = rowsOf(listed, roleAssignmentSchema, 'A role assignment', right);
  if ('unreadable' in assignments) return assignments.unreadable;

  const reaching = assignments.rows.filter((assignment) => reachesKey(assignment.scope, use));
  const roles = new Map<string, RoleDefinition>();
  const faults: Unknown[] = [];
  await Promise.all(
    [...new Set(reaching.map(({ roleDefinitionId }) => normalId(roleDefinitionId)))].map(async (id) => {
      const role = await readRole(arm, use, id);
      if ('state' in role) faults.push(role);
      else roles.set(id, role);
    }),
  );

  const standing = 'unreadable' in denials ? [] : denials.rows;
  const fact = byRoles(use, reaching, roles, standing);
  const denied = new Set(standing.flatMap(({ actions }) => actions));
  // A role or a row that can't be read may grant a missing action, unless a deny assignment denies that action
  // anyway.
  const fault = faults[0] ?? assignments.fault;
  if (fault && fact.missing.length > 0 && !fact.missing.some((action) => denied.has(action))) return fault;
  // Deny assignments only remove actions: an action missing without them is missing.
  const undecided = 'unreadable' in denials ? denials.unreadable : denials.fault;
  if (undecided && fact.missing.length === 0) return undecided;
  return known(fact, assignments.at);
}

/**
 * Assignments that reach the identity, through groups included. The request is made at the vault without
 * `atScope()`, so that it includes those at the key itself (Azure RBAC docs: "List Azure role assignments
 * using the REST API").
 */
function askAssignments(arm: ArmSession, { vaultId, principalId }: KeyUse): Promise<Outcome<unknown[]>> {
  return arm.list(`${vaultId}/providers/Microsoft.Authorization/roleAssignments`, assignedTo(principalId));
}

/** A quote in an OData string is doubled; the id is untrusted. */
function assignedTo(principalId: string): string {
  const text = principalId.replaceAll("'", "''");
  return `${AUTHORIZATION_API}&$filter=${encodeURIComponent(`assignedTo('${text}')`)}`;
}

/**
 * Every deny assignment at, above and below the vault: one list for all policies of the vault. No document
 * says whether a filter by principal would include those for everyone.
 */
function askDenials(arm: ArmSession, { vaultId }: KeyUse): Promise<Outcome<unknown[]>> {
  return arm.list(`${vaultId}/providers/Microsoft.Authorization/denyAssignments`, AUTHORIZATION_API);
}

/**
 * A role definition, looked up in the vault's subscription by its GUID: assignments at a management group
 * name theirs without a subscription, where our Reader right may not apply (Authorization REST: Role
 * Definitions - Get).
 */
function askRole(arm: ArmSession, { vaultId }: KeyUse, roleDefinitionId: string): Promise<Outcome<unknown>> {
  const { subscriptionId } = armIdParts(vaultId);
  const { name } = armIdParts(roleDefinitionId);
  const provider = `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization`;
  return arm.get(`${provider}/roleDefinitions/${name}`, AUTHORIZATION_API);
}

async function readRole(
  arm: ArmSession,
  use: KeyUse,
  roleDefinitionId: string,
): Promise<RoleDefinition | Unknown> {
  const outcome = await askRole(arm, use, roleDefinitionId);
  if (outcome.kind !== 'answered')
    return unreadable(
      outcome,
      "Reader on the vault's subscription (Microsoft.Authorization/roleDefinitions/read)",
    );
  const parsed = parseAs(roleDefinitionSchema, outcome.value);
  return 'fault' in parsed ? malformed('A role definition', parsed.fault, outcome.at) : parsed.value;
}

/**
 * The deny assignments that apply. A list for the identity shows whether one that names a group applies.
 * `fault`: why others may apply as well.
 */
async function readDenials(arm: ArmSession, use: KeyUse, right: string): Promise<Rows<Denial>> {
  const all = rowsOf(await askDenials(arm, use), denyAssignmentSchema, 'A deny assignment', right);
  if ('unreadable' in all) return all;
  const rows = await Promise.all(all.rows.map((denial) => withEffect(arm, denial, use)));
  const verdicts = rows.map((denial) => ({ denial, verdict: denialVerdict(denial, use) }));
  const applying = verdicts.filter(({ verdict }) => verdict === 'applies').map(({ denial }) => denial);
  const throughGroups = verdicts
    .filter(({ verdict }) => verdict === 'throughGroup')
    .map(({ denial }) => denial);
  const unsure = verdicts.flatMap(({ denial, verdict }) => {
    const why = UNSURE[verdict];
    return why ? [unknown('forbidden', `The deny assignment ${denial.name} ${why}.`, all.at)] : [];
  });
  let fault = unsure[0] ?? all.fault;
  if (throughGroups.length > 0) {
    const own = await readOwnDenials(arm, use, right);
    if ('unreadable' in own) fault ??= own.unreadable;
    else {
      applying.push(...throughGroups.filter((denial) => own.rows.some(({ id }) => sameId(id, denial.id))));
      fault ??= own.fault;
    }
  }
  return { rows: applying.map(denialOf), at: all.at, ...(fault ? { fault } : {}) };
}

const UNSURE: Readonly<Partial<Record<DenialVerdict, string>>> = {
  perhapsExcluded: "exempts groups, and whether the identity is in one of them can't be read",
  conditional: 'has a condition or an effect that only Azure can evaluate',
};

/** The effect of one that would deny: it is asked for by itself, since few vaults have any deny assignment. */
async function withEffect(arm: ArmSession, denial: DenyAssignment, use: KeyUse): Promise<DenyAssignment> {
  return denialVerdict(denial, use) === 'no' ? denial : withEffectOf(arm, denial);
}

async function readOwnDenials(arm: ArmSession, use: KeyUse, right: string): Promise<Rows<DenyAssignment>> {
  const scope = `${use.vaultId}/providers/Microsoft.Authorization/denyAssignments`;
  return rowsOf(
    await arm.list(scope, assignedTo(use.principalId)),
    denyAssignmentSchema,
    'A deny assignment',
    right,
  );
}
