import { normalId } from '../../azure/arm-id.ts';
import { compareText } from '../../compare-text.ts';
import { type Grant, KEY_ACTIONS } from '../../facts/facts.ts';
import { daysBetween } from '../days.ts';
import { grantSteps } from '../grant-steps.ts';
import { RBAC_GUIDE_PAGE } from '../links.ts';
import { subjectOf } from '../subject.ts';
import type { Advisory } from './advisory.ts';
import { absent, present, unreadableAdvisory } from './make-advisory.ts';

/** A grant that Azure revokes by itself: on a date, or when its condition no longer holds. */
export const permissionWithConditionOrTimeBound: Advisory = {
  id: 'permission-with-condition-or-time-bound',
  words: "The policy's identity may use the key only under a condition, or only until a date",
  link: RBAC_GUIDE_PAGE,
  severities: ['warning', 'urgent'],
  judge(facts, history, { now }) {
    const subject = subjectOf(facts, history);
    const scope = facts.policyId;
    const self = permissionWithConditionOrTimeBound;
    const { permission } = facts;
    if (permission.state !== 'known')
      return unreadableAdvisory(self, scope, 'How the identity may use the key is', permission);
    const { readAt, value: fact } = permission;
    if (fact.missing.length > 0) return absent(self, scope, 'The identity may not use the key at all.');
    const plain = fact.grants.filter(({ condition }) => !condition);
    const remediation = grantSteps(subject, fact.model, {
      lead: '',
      why: 'a grant without condition and without end stays',
    });
    if (!suffices(plain)) {
      return present(self, scope, {
        summary: `The identity of the enterprise policy ${subject.policyName} may use the key only under a condition, which only Azure can evaluate.`,
        evidence: fact.grants
          .filter(({ condition }) => condition)
          .slice(0, SHOWN)
          .map((grant) => ({ text: `${grantWords(grant)}: under a condition`, source: grant.id, readAt })),
        remediation,
      });
    }
    if (fact.model === 'accessPolicies') {
      return absent(self, scope, 'The vault uses access policies, which have neither condition nor end.');
    }
    const ends = facts.protection?.timeBound;
    if (ends?.state !== 'known')
      return unreadableAdvisory(self, scope, 'Whether the grant ends by itself is', ends);
    const endOf = new Map(ends.value.map(({ assignmentId, endsAt }) => [normalId(assignmentId), endsAt]));
    const lasting = plain.filter(({ id }) => !endOf.has(normalId(id)));
    if (suffices(lasting)) {
      return absent(self, scope, 'The identity holds the key without condition and without end.');
    }
    const ending = plain
      .map((grant) => ({ grant, endsAt: endOf.get(normalId(grant.id)) ?? '' }))
      .filter(({ endsAt }) => endsAt !== '')
      .sort((a, b) => compareText(a.endsAt, b.endsAt));
    const endsAt = ending[0]?.endsAt ?? '';
    return present(self, scope, {
      severity: daysBetween(now, endsAt) <= SOON_DAYS ? 'urgent' : 'warning',
      summary: `The identity of the enterprise policy ${subject.policyName} may use the key only until ${endsAt}: then every environment of the policy goes offline.`,
      evidence: ending.slice(0, SHOWN).map(({ grant, endsAt: at }) => ({
        text: `${grantWords(grant)}: ends on ${at}`,
        source: grant.id,
        readAt: ends.readAt,
      })),
      remediation,
    });
  },
};

const SOON_DAYS = 7;
const SHOWN = 3;

function suffices(grants: readonly Grant[]): boolean {
  return KEY_ACTIONS.every((action) => grants.some(({ actions }) => actions.includes(action)));
}

function grantWords({ roleName, scope }: Grant): string {
  return `Role ${roleName ?? 'not known'} at ${scope}`;
}
