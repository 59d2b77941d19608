/** Fields whose texts come from outside: names of resources and people, and what services answered. */
const UNTRUSTED: ReadonlySet<string> = new Set([
  'application',
  'because',
  'cannotJudge',
  'channel',
  'command',
  'detail',
  'displayName',
  'geo',
  'ipAddress',
  'keyName',
  'keyVersion',
  'lastError',
  'location',
  'name',
  'note',
  'notes',
  'number',
  'policyId',
  'portal',
  'publicNetworkAccess',
  'refused',
  'region',
  'remediation',
  'scope',
  'sku',
  'summary',
  'text',
  'vaultId',
  'version',
  'why',
]);

/** The same answer with every text that comes from outside replaced. */
export function withHostileNames<T>(value: T, name: () => string, field = ''): T {
  if (typeof value === 'string') return (UNTRUSTED.has(field) ? name() : value) as T;
  if (Array.isArray(value)) return value.map((one) => withHostileNames(one, name, field)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, withHostileNames(inner, name, key)]),
  ) as T;
}
