import { KEY_ACTIONS } from '../../facts/facts.ts';
import { grantSteps } from '../grant-steps.ts';
import { CMK_PAGE } from '../links.ts';
import { heldDirectly } from '../permissions-revoked.ts';
import { subjectOf } from '../subject.ts';
import type { Advisory } from './advisory.ts';
import { absent, present, unknownAdvisory, unreadableAdvisory } from './make-advisory.ts';

/**
 * Removing the identity from the group, or emptying the group, locks the environments, and Azure emits no
 * event for it.
 */
export const permissionThroughGroup: Advisory = {
  id: 'permission-through-group',
  words: "The policy's identity may use the key only as a member of a group",
  link: CMK_PAGE,
  severities: ['warning'],
  judge(facts, history) {
    const subject = subjectOf(facts, history);
    const scope = facts.policyId;
    const self = permissionThroughGroup;
    const { permission } = facts;
    if (permission.state !== 'known')
      return unreadableAdvisory(self, scope, 'How the identity may use the key is', permission);
    const { readAt, value: fact } = permission;
    const throughGroups = fact.grants.filter(({ viaGroup, condition }) => viaGroup && !condition);
    const evidence = throughGroups.slice(0, SHOWN).map(({ id, roleName, scope: at, principalId }) => ({
      text: `Group ${principalId}: role ${roleName ?? 'not known'} at ${at}`,
      source: id,
      readAt,
    }));
    if (fact.missing.length > 0) {
      if (fact.perhapsGroups.length > 0)
        return unknownAdvisory(
          self,
          scope,
          'The identity has no access policy of its own; one of the others may be its group’s.',
        );
      return absent(self, scope, 'The identity may not use the key at all, not through a group either.');
    }
    const isPlain = KEY_ACTIONS.every((action) =>
      fact.grants.some(({ actions, condition }) => !condition && actions.includes(action)),
    );
    if (heldDirectly(fact)) return absent(self, scope, 'The identity holds the key by a grant of its own.');
    if (!isPlain || throughGroups.length === 0) {
      return absent(self, scope, 'The identity does not hold the key through a group alone.');
    }
    return present(self, scope, {
      summary: `The identity of the enterprise policy ${subject.policyName} may use the key only through a group: whoever changes that group's members can lock every environment of the policy.`,
      evidence,
      remediation: grantSteps(subject, fact.model, {
        lead: '',
        why: 'a grant of its own does not hang on a group',
      }),
    });
  },
};

const SHOWN = 3;
