import { type Facts, type Grant, KEY_ACTIONS, type KeyAction, type PermissionFact } from '../facts/facts.ts';
import { AUDIT_OPERATION } from '../signals/audit-operations.ts';
import { ARM_OPERATION, VAULT_EVENT } from '../signals/operation-names.ts';
import { azCommand } from './az-command.ts';
import { PERMISSION_CHANGES } from './changing-operations.ts';
import { SUBSCRIPTION_EVENTS, VAULT_EVENTS, VAULT_LOG } from './detection-sources.ts';
import type { Finding, RemediationStep, Trigger, Verdict } from './finding.ts';
import type { FindingSubject } from './finding-subject.ts';
import { grantSteps } from './grant-steps.ts';
import type { History } from './history.ts';
import { DENY_PAGE, LOCK_PAGE, RBAC_GUIDE_PAGE } from './links.ts';
import { clear, unknownFinding, unreadableFinding } from './make-finding.ts';
import { listActions, permissionEvidence } from './permission-evidence.ts';
import { type Subject, subjectOf } from './subject.ts';
import { withTenant } from './tenant-mismatch.ts';
import { withVanished } from './vanished-from-policy.ts';

/**
 * The identity must be able to read the key, wrap and unwrap with it, under the vault's permission model.
 * Switching the model invalidates every grant of the other one; a deny assignment overrides any grant.
 */
export const permissionsRevoked: Trigger<'permissions-revoked'> = {
  id: 'permissions-revoked',
  words: 'Revoking key vault permissions from the enterprise policy',
  link: LOCK_PAGE,
  about: 'permission',
  detectionSources: {
    needs: ['permission'],
    event: {
      shows: [
        ARM_OPERATION.vaultWrite,
        ARM_OPERATION.accessPoliciesWrite,
        ARM_OPERATION.roleAssignmentDelete,
        ARM_OPERATION.roleAssignmentWrite,
        ARM_OPERATION.roleDefinitionWrite,
        ARM_OPERATION.roleDefinitionDelete,
        ARM_OPERATION.denyAssignmentWrite,
        VAULT_EVENT.accessPolicyChanged,
      ],
      but: 'not what is changed at a management group, nor who belongs to a group',
      sources: [SUBSCRIPTION_EVENTS, VAULT_EVENTS],
    },
    audit: {
      shows: [
        AUDIT_OPERATION.VaultPatch,
        AUDIT_OPERATION.VaultPut,
        AUDIT_OPERATION.VaultAccessPolicyChangedEventGridNotification,
      ],
      but: 'access policies and the permission model only; role assignments are not in the log',
      sources: [VAULT_LOG],
    },
  },
  alwaysRaisesEvent: false,
  operations: PERMISSION_CHANGES,
  hides: null,
  assertedBy: null,
  isUndoneByPeople: true,
  causedByTime: null,
  judge(facts, history) {
    const subject = subjectOf(facts, history);
    const found = judgeGrants(facts, history, subject);
    return withVanished(withTenant(found, facts, history, subject), facts, history, subject);
  },
};

/** The grants alone: what the identity may do under the vault's permission model. */
function judgeGrants(facts: Facts, history: History, subject: Subject): Finding {
  if (facts.permission.state !== 'known') {
    return unreadableFinding(
      'permissions-revoked',
      facts.policyId,
      "The identity's permissions",
      facts.permission,
    );
  }
  const { value: fact, readAt } = facts.permission;
  const flipped = fact.missing.length > 0 && modelFlipped(fact, history);
  // One identity's grants concern one policy; a switched model affects every policy of the vault at once.
  const scope = flipped && subject.vaultId !== undefined ? subject.vaultId : facts.policyId;
  const { verdict, summary } = verdictOf(fact, history, flipped);
  const evidence = permissionEvidence(fact, subject, history, flipped, readAt);
  if (verdict === 'clear') return clear('permissions-revoked', scope, summary, evidence);
  if (verdict === 'unknown') return unknownFinding('permissions-revoked', scope, summary, evidence);
  return {
    trigger: 'permissions-revoked',
    verdict,
    summary,
    evidence,
    remediation: remediation(fact, subject, flipped),
    scope,
    subject: lossItems(fact, flipped),
  };
}

/** The key actions that the identity has lost, and the assignments or settings that block them. */
function lossItems(fact: PermissionFact, flipped: boolean): FindingSubject {
  const isDenied = fact.missing.some((action) => denied(fact).includes(action));
  return [
    `identity ${fact.principalId.toLowerCase()}`,
    ...fact.missing.map((action) => `${action} is missing`),
    ...(fact.missing.length === 0 ? ['only under a condition'] : []),
    ...(flipped ? [`the vault was switched to ${modelName(fact)}`] : []),
    ...(isDenied ? ['denied by a deny assignment'] : []),
  ];
}

function modelName({ model }: PermissionFact): string {
  return model === 'rbac' ? 'role assignments' : 'access policies';
}

/**
 * True where every action is allowed, and none of them only under a condition that Azure alone can evaluate.
 */
export function heldUnconditionally({ missing, grants }: PermissionFact): boolean {
  const conditional = grants.filter(({ condition }) => condition);
  return (
    missing.length === 0 &&
    KEY_ACTIONS.every((action) => gives(plain(grants), action) || !gives(conditional, action))
  );
}

/** True where grants to the identity itself, not to a group, cover every action. */
export function heldDirectly({ grants }: PermissionFact): boolean {
  const direct = plain(grants).filter(({ viaGroup }) => !viaGroup);
  return KEY_ACTIONS.every((action) => gives(direct, action));
}

/** True where this reading shows the use of the key revoked, not only doubtful. */
export function isRevoked(fact: PermissionFact, history: History): boolean {
  const flipped = fact.missing.length > 0 && modelFlipped(fact, history);
  return verdictOf(fact, history, flipped).verdict === 'revoked';
}

function plain(grants: Grant[]): Grant[] {
  return grants.filter(({ condition }) => !condition);
}

function gives(grants: Grant[], action: KeyAction): boolean {
  return grants.some(({ actions }) => actions.includes(action));
}

function modelFlipped(fact: PermissionFact, history: History): boolean {
  const before = history.permission;
  return before?.grantedAt !== undefined && before.model !== fact.model;
}

function verdictOf(
  fact: PermissionFact,
  history: History,
  flipped: boolean,
): { verdict: Verdict; summary: string } {
  const before = history.permission;
  if (fact.missing.length === 0) {
    if (heldUnconditionally(fact)) {
      return { verdict: 'clear', summary: "The policy's identity can read, wrap and unwrap." };
    }
    // Azure documents conditions for storage and for delegation only, so their effect on a key is not known.
    // A grant that had no condition before and has one now was changed; one that always had a condition may
    // well work.
    return {
      verdict: before?.grantedAt === undefined ? 'unknown' : 'suspected',
      summary: "The policy's identity holds the key only under a condition, which only Azure can evaluate.",
    };
  }
  const lost = `The policy's identity has no permission on the encryption key any more (${listActions(fact.missing)})`;
  if (flipped) {
    return {
      verdict: 'revoked',
      summary: `${lost}: the vault was switched to ${modelName(fact)}, and the earlier grants no longer count.`,
    };
  }
  const groups = fact.perhapsGroups.flatMap(({ actions }) => actions);
  const perhaps = fact.missing.every((action) => groups.includes(action) && !denied(fact).includes(action));
  const direct = before?.directGrantAt !== undefined && before.model === fact.model;
  if (perhaps && !direct) {
    return {
      verdict: 'suspected',
      summary: `The policy's identity has no access policy of its own that lets it ${listActions(fact.missing)}; one of the other entries may be a group that it belongs to.`,
    };
  }
  return { verdict: 'revoked', summary: `${lost}.` };
}

function denied(fact: PermissionFact): KeyAction[] {
  return fact.denials.flatMap(({ actions }) => actions);
}

function remediation(fact: PermissionFact, subject: Subject, flipped: boolean): RemediationStep[] {
  const vault = subject.vaultName ?? 'the vault';
  const steps: RemediationStep[] = fact.denials.map(({ name, id, scope }) => ({
    text: `Lift the deny assignment ${name} at ${scope}. Nobody can delete one directly: change the deny settings of the deployment stack or managed application that made it. The command shows what is denied to whom (role Reader); for a deployment stack it needs Azure Deployment Stack Owner.`,
    command: azCommand('rest --method get', ['--url', id], ['--url-parameters', 'api-version=2022-04-01']),
    portal: `Key vaults → ${vault} → Access control (IAM) → Deny assignments`,
    link: DENY_PAGE,
  }));
  const onlyDenied =
    fact.missing.length > 0 &&
    fact.missing.every((action) => denied(fact).includes(action) && gives(plain(fact.grants), action));
  if (onlyDenied) return steps;
  if (flipped) {
    steps.push({
      text: 'Switch the vault back to its earlier permission model: the earlier grants count again. It needs Owner, or Key Vault Contributor and User Access Administrator together, on the vault.',
      command: azCommand(
        'keyvault update',
        ['--name', subject.vaultName],
        ['--resource-group', subject.resourceGroup],
        ['--subscription', subject.subscriptionId],
        ['--enable-rbac-authorization', fact.model === 'rbac' ? 'false' : 'true'],
      ),
      portal: `Key vaults → ${vault} → Settings → Access configuration → Permission model`,
      link: RBAC_GUIDE_PAGE,
    });
  }
  return [
    ...steps,
    ...grantSteps(subject, fact.model, {
      lead: flipped ? 'Or keep the new model: ' : '',
      why: 'it needs to read the key, wrap and unwrap',
    }),
  ];
}
