import { normalId } from '../../../azure/arm-id.ts';
import type { Notice } from '../../notice.ts';

export interface Recipients {
  to: readonly string[];
  /** More addresses, by the name or ARM id of a policy, lower case. */
  owners?: Readonly<Record<string, readonly string[]>>;
}

/**
 * The recipients of a notice: everybody who gets all mails, and the owners of every policy in it, by its name
 * or its ARM id. Each address once, in its first spelling.
 */
export function recipientsOf(notice: Notice, { to, owners = {} }: Recipients): string[] {
  const byPolicy = new Map(Object.entries(owners).map(([policy, list]) => [normalId(policy), list]));
  const all = [
    ...to,
    ...notice.incidents.flatMap(({ incident, policyName }) => [
      ...(byPolicy.get(normalId(policyName)) ?? []),
      ...(byPolicy.get(normalId(incident.policyId)) ?? []),
    ]),
  ];
  const once = new Map<string, string>();
  for (const address of all) {
    const key = address.trim().toLowerCase();
    if (key !== '' && !once.has(key)) once.set(key, address.trim());
  }
  return [...once.values()];
}
