import type { Check, CheckSubject } from './report.ts';

/** The paragraph about each kind of check, in docs/. */
export const PARAGRAPHS: Readonly<Record<CheckSubject, string>> = {
  subscription: 'deploy.md#several-subscriptions',
  policies: 'deploy.md#what-the-app-may-read',
  policy: 'deploy.md#what-the-app-may-read',
  vault: 'deploy.md#what-the-app-may-read',
  deletedVault: 'deploy.md#what-the-app-may-read',
  key: 'deploy.md#what-the-app-may-read',
  permission: 'deploy.md#what-the-app-may-read',
  environments: 'deploy.md#power-platform-three-options',
  actorNames: 'deploy.md#microsoft-graph-only-if-you-ask-for-it',
  locks: 'deploy.md#what-can-be-prevented-and-what-cannot',
  rotation: 'detection.md#early-warnings',
  grantEnds: 'detection.md#early-warnings',
  keyHolders: 'security.md#a-vault-admin',
  vaultGuards: 'deploy.md#what-can-be-prevented-and-what-cannot',
  appRights: 'deploy.md#permissions-one-by-one',
  registrations: 'deploy.md#before-you-begin',
  eventGrid: 'detection.md#detection-sources',
  auditLog: 'detection.md#detection-sources',
  storage: 'operations.md#what-is-in-the-queues',
  channels: 'integrate.md#channels',
};

/** Each check with the address of its paragraph. `base`: of the documents. */
export function withParagraphs(checks: readonly Check[], base: string): Check[] {
  return checks.map((check) => ({ ...check, docs: `${base}/${PARAGRAPHS[check.about]}` }));
}
