import { armIdParts } from '../../azure/arm-id.ts';
import { azCommand } from '../az-command.ts';
import { LOCK_PAGE } from '../links.ts';
import { subjectOf } from '../subject.ts';
import type { Advisory } from './advisory.ts';
import { absent, present, unknownAdvisory, unreadableAdvisory } from './make-advisory.ts';

/**
 * After a lock, each environment is re-enabled by a person who has read access to the enterprise policy (Power
 * Platform docs: "Lock environments by revoking key vault access"). Roles that a person must first activate
 * (Privileged Identity Management) are not read.
 */
export const nobodyCanReenable: Advisory = {
  id: 'nobody-can-reenable',
  words: 'No user or group may read the enterprise policy, so nobody could re-enable its environments',
  link: LOCK_PAGE,
  severities: ['warning'],
  judge(facts, history) {
    const self = nobodyCanReenable;
    const { policyId, protection } = facts;
    const { policyName } = subjectOf(facts, history);
    const readers = protection?.policyReaders;
    if (readers?.state !== 'known')
      return unreadableAdvisory(self, policyId, `Who may read the policy ${policyName} is`, readers);
    const { readAt } = readers;
    const people = readers.value.filter(({ principalType }) => principalType !== undefined);
    const evidence = readers.value.slice(0, SHOWN).map((one) => ({
      text: `${one.principalType ?? 'Principal'} ${one.principalId}: role ${one.roleName ?? 'not known'} at ${one.scope}`,
      source: one.assignmentId,
      readAt,
    }));
    if (people.length > 0)
      return absent(self, policyId, `A user or a group may read the policy ${policyName}.`, evidence);
    if (readers.value.length > 0)
      return unknownAdvisory(
        self,
        policyId,
        `Azure does not tell whether those who may read the policy ${policyName} are people.`,
        evidence,
      );
    return present(self, policyId, {
      summary: `No user or group has a role that may read the policy ${policyName}, so after a lock nobody could re-enable its environments in the Power Platform admin center.`,
      evidence: [
        {
          text: 'Role assignments that reach the policy: none of a user or a group includes Microsoft.PowerPlatform/enterprisePolicies/read',
          source: policyId,
          readAt,
        },
      ],
      remediation: [
        {
          text: `Give the Power Platform administrators, best as a group, the role Reader on the policy ${policyName}. It needs Owner or User Access Administrator. Put the object id of the group after --assignee-object-id.`,
          command: azCommand(
            'role assignment create',
            ['--role', 'Reader'],
            ['--scope', policyId],
            ['--assignee-principal-type', 'Group'],
            ['--assignee-object-id', 'GROUP-OBJECT-ID'],
          ),
          portal: `All resources → Manage view → Show hidden types → ${armIdParts(policyId).name} → Access control (IAM) → Add role assignment → Reader`,
          link: LOCK_PAGE,
        },
      ],
    });
  },
};

/** A person checks only a few. */
const SHOWN = 3;
