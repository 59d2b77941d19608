import type { PolicyRights } from '../../facts/rights.ts';
import { ARM_OPERATION } from '../../signals/operation-names.ts';
import type { TriggerId } from '../../triggers/finding.ts';
import type { Holder } from './holders.ts';
import { atPolicy, atVault, type ControlRight, hasVault, onKey, type Right, rightInWords } from './right.ts';
import { whoHolds } from './who-can.ts';

/** One thing that has to be done for people to work again, and who can do it now. */
export interface Help {
  title: string;
  /** Absent: it is for every cause. */
  triggers?: TriggerId[];
  needs: string[];
  note?: string;
  unknown: string | null;
  holders: Holder[];
}

interface HelpStep {
  title: string;
  needs(rights: PolicyRights): readonly Right[] | null;
  note?: string;
}

const onVault =
  (...anyOf: string[]) =>
  (rights: PolicyRights) =>
    hasVault(rights) ? [atVault(rights, ...anyOf)] : null;

const UPDATE_KEY: HelpStep = {
  title: 'Enable the key again, or correct its dates and operations',
  needs: () => [onKey('update')],
};
const OPEN_NETWORK: HelpStep = {
  title: "Open the vault's network again",
  needs: onVault(ARM_OPERATION.vaultWrite),
};
const GRANT: HelpStep = {
  title: "Give the policy's identity its rights to the key again",
  needs: (rights) =>
    onVault(
      ...(rights.rbac === false
        ? [ARM_OPERATION.vaultWrite, ARM_OPERATION.accessPoliciesWrite]
        : [ARM_OPERATION.roleAssignmentWrite]),
    )(rights),
};
const REMOVE_DENIAL: HelpStep = {
  title: 'Delete the deny assignment, where one takes the right away',
  needs: (rights) => (rights.rbac === false ? null : onVault(ARM_OPERATION.denyAssignmentDelete)(rights)),
};
/** "Key Vault recovery overview": a vault is recovered by writing it again. Its role assignments do not come back. */
const RECOVER_VAULT: HelpStep = {
  title: 'Recover the deleted key vault',
  needs: (rights) => (hasVault(rights) ? [groupRight(rights.vault.id)] : null),
  note: 'Where its resource group is gone, that is made first.',
};
const RECOVER_KEY: HelpStep = { title: 'Recover the deleted key', needs: () => [onKey('recover')] };

function groupRight(vaultId: string): ControlRight {
  const scope = vaultId.replace(/\/providers\/.*$/i, '');
  return { plane: 'control', of: 'vault', anyOf: [ARM_OPERATION.vaultWrite], scope };
}

/** What undoes each trigger. A new trigger does not compile without its own. */
const HELP: Readonly<Record<TriggerId, readonly HelpStep[]>> = {
  // Only Microsoft Support can, and only perhaps.
  'policy-deleted': [],
  'vault-deleted': [RECOVER_VAULT, GRANT],
  'key-deleted': [RECOVER_KEY],
  'permissions-revoked': [GRANT, REMOVE_DENIAL],
  'key-disabled': [UPDATE_KEY],
  'key-version-disabled': [UPDATE_KEY],
  'public-access-disabled': [OPEN_NETWORK],
  'network-restricted': [OPEN_NETWORK],
  'key-expired': [UPDATE_KEY],
  'key-not-yet-active': [UPDATE_KEY],
  'key-unusable': [UPDATE_KEY],
  locked: [],
};

/** "Manage your customer-managed encryption key": who re-enables an environment needs to read its policy. */
const RE_ENABLE: HelpStep = {
  title: 'Re-enable the environments in the Power Platform admin center, once access is back',
  needs: (rights) => [atPolicy(rights, 'Microsoft.PowerPlatform/enterprisePolicies/read')],
  note: 'They also need to be a Power Platform administrator, which Lockwatch does not read.',
};

/** Who can help in an incident: each step of its remediation, and re-enabling. Pure. */
export function whoCanHelp(rights: PolicyRights, triggers: readonly TriggerId[]): Help[] {
  const steps = new Map<HelpStep, TriggerId[]>();
  for (const trigger of triggers)
    for (const step of HELP[trigger]) steps.set(step, [...(steps.get(step) ?? []), trigger]);
  return [...steps, [RE_ENABLE, undefined] as const].flatMap(([step, of]): Help[] => {
    const needed = step.needs(rights);
    if (needed === null) return [];
    const { unknown, holders } = whoHolds(needed, rights);
    return [
      {
        title: step.title,
        ...(of === undefined ? {} : { triggers: [...new Set(of)] }),
        needs: needed.map((right) => rightInWords(right, rights)),
        ...(step.note === undefined ? {} : { note: step.note }),
        unknown,
        holders: step === RE_ENABLE ? holders.filter(isPerhapsPerson) : holders,
      },
    ];
  });
}

/** An application re-enables nothing in the admin center. */
function isPerhapsPerson({ principalType }: Holder): boolean {
  return !/^(?:ServicePrincipal|Device)$/i.test(principalType ?? '');
}
