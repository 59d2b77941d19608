import { armIdParts } from '../../azure/arm-id.ts';
import type { PolicyRights, ResourceRights } from '../../facts/rights.ts';

/**
 * Who may be able to do it without being in the list. The last sentence of each says where to look ("Azure Lighthouse
 * in managed service providers", "Elevate access to manage all Azure subscriptions", "Privileged Identity Management
 * for Groups").
 */
const NEVER_SEEN: readonly string[] = [
  'Members of a group: Lockwatch reads no memberships, so a group stands for everyone in it, and for everyone who may add members or is eligible for it.',
  'Somebody who holds one of several needed rights directly and another through a group.',
  'People of another tenant who manage these resources through Azure Lighthouse. Look under Service providers in the portal.',
  'Global Administrators of the tenant: they can give themselves User Access Administrator at the root at any time.',
  'Whoever can sign in as a listed application or managed identity: its owners, holders of its secrets, and those who can run code where it is used.',
  'Whoever can reset the password of a listed person.',
  'Conditions of role assignments are shown, and not judged. Azure Policy may refuse an operation to everybody.',
];

/** What the list can not hold, and what could not be read this time. */
export function cannotSee(policies: readonly PolicyRights[]): string[] {
  const unread = policies.flatMap((one) => [
    ...unreadFacts(one),
    ...[one.vault, one.policy].flatMap((resource) => unreadIn(resource)),
  ]);
  return [...new Set([...unread, ...NEVER_SEEN])];
}

function unreadFacts({ facts: { policyId, permission, policy }, vault }: PolicyRights): string[] {
  const { name } = armIdParts(policyId);
  if (vault === undefined && policy.state === 'unknown')
    return [`The key vault of the policy ${name} is not known, so who can change it is missing.`];
  return permission.state === 'unknown'
    ? [`What lets the identity of the policy ${name} use the key: ${permission.detail}`]
    : [];
}

function unreadIn(resource: ResourceRights | undefined): string[] {
  if (resource === undefined) return [];
  const { assignments, eligible, denials, locks, unreadRoles } = resource;
  const named = { 'Role assignments': assignments, 'Eligible roles': eligible, 'Deny assignments': denials };
  return [
    ...Object.entries(named).flatMap(([name, rows]) => {
      const why = 'unreadable' in rows ? rows.unreadable : rows.fault;
      return why ? [`${name}: ${why.detail}`] : [];
    }),
    ...(locks.state === 'unknown' ? [`Locks: ${locks.detail}`] : []),
    ...unreadRoles.map((id) => `The role ${id} could not be read, so those who hold it are missing.`),
  ];
}
